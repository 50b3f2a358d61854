using EnergyAspire.Contracts;
using Microsoft.AspNetCore;
using Microsoft.IdentityModel.JsonWebTokens;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace EnergyAspire.Identity.Tokens;

/// <summary>Writes the token endpoint's answer in the JSON form of login and refresh; errors as problem details.</summary>
internal sealed class JsonTokenResponse : IOpenIddictServerHandler<ApplyTokenResponseContext>
{
    public async ValueTask HandleAsync(ApplyTokenResponseContext context)
    {
        var http = context.Transaction.GetHttpRequest()!.HttpContext;
        await Result(http.Request, context.Response).ExecuteAsync(http);
        context.HandleRequest();
    }

    private static IResult Result(HttpRequest request, OpenIddictResponse response)
    {
        if (!string.IsNullOrEmpty(response.Error))
            return TypedResults.Problem(response.ErrorDescription, statusCode: StatusCode(response.Error));

        var token = new JsonWebToken(response.AccessToken);
        var user = new TokenUser(Guid.Parse(token.Subject), token.GetClaim("username").Value, token.GetClaim("role").Value);
        var lifetime = (long)(token.ValidTo - token.IssuedAt).TotalSeconds;
        var tokens = new TokenSet(response.AccessToken!, response.RefreshToken!, lifetime, user);

        if (request.Path.StartsWithSegments(TokenEndpoints.RegisterPath))
            return TypedResults.Created($"/api/auth/users/{user.Id}", new LoginResponse("Registered.", tokens));

        return request.Path.StartsWithSegments(TokenEndpoints.LoginPath)
            ? TypedResults.Ok(new LoginResponse("Signed in.", tokens))
            : TypedResults.Ok(new RefreshResponse(tokens));
    }

    private static int StatusCode(string error) => error switch
    {
        Errors.InvalidGrant => StatusCodes.Status401Unauthorized,
        Errors.ServerError => StatusCodes.Status500InternalServerError,
        _ => StatusCodes.Status400BadRequest,
    };
}
