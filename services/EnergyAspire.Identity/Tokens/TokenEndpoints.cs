using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EnergyAspire.Identity.Tokens;

/// <summary>Signing in and out, and the standard token endpoint.</summary>
public static class TokenEndpoints
{
    /// <summary>The standard token endpoint.</summary>
    public const string TokenPath = "/connect/token";

    /// <summary>The token endpoint's password grant, in JSON.</summary>
    public const string LoginPath = "/api/auth/login";

    /// <summary>The token endpoint's refresh grant, in JSON.</summary>
    public const string RefreshPath = "/api/auth/refresh";

    /// <summary>The token endpoint for who has just registered, in JSON.</summary>
    public const string RegisterPath = "/api/auth/register";

    /// <summary>Maps the token endpoint, as the standard has it and in JSON, logout and validate.</summary>
    public static void MapTokens(this IEndpointRouteBuilder routes)
    {
        routes.MapPost(TokenPath, Exchange).AllowAnonymous().ExcludeFromDescription();

        routes.MapBrowserFlow();

        var auth = routes.MapGroup("/api/auth").WithTags("Tokens");
        auth.MapPost("/login", Login).AllowAnonymous()
            .Accepts<LoginRequest>("application/json", "application/x-www-form-urlencoded")
            .Produces<LoginResponse>()
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .ProducesProblem(StatusCodes.Status429TooManyRequests);
        auth.MapPost("/refresh", Refresh).AllowAnonymous()
            .Accepts<RefreshRequest>("application/json")
            .Produces<RefreshResponse>()
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);

        var session = auth.MapGroup("").RequireAuthorization().ProducesProblem(StatusCodes.Status401Unauthorized);
        session.MapPost("/logout", Logout);
        session.MapGet("/validate", Validate);

        routes.MapKeyRotation();
    }

    /// <summary>The standard token endpoint: form in, OAuth 2.0 answer out.</summary>
    public static Task<Results<SignInHttpResult, ForbidHttpResult, ProblemHttpResult>> Exchange(
        HttpContext http, TokenExchange exchange, CancellationToken cancel) => exchange.ExchangeAsync(http, cancel);

    /// <summary>Signs in with a username and a password, in JSON or as a form.</summary>
    /// <remarks>
    /// 401 is the same for an unknown username and a wrong password. After five failures in a row a username is locked for five
    /// minutes for the address that they came from: 429 with <c>Retry-After</c>. A browser that has signed in before has tries of its
    /// own; it is known by a cookie. 429 is also the answer to the right password of an account that an admin has locked; without the
    /// header where the lock has no end.
    /// </remarks>
    public static Task<Results<SignInHttpResult, ForbidHttpResult, ProblemHttpResult>> Login(
        HttpContext http, TokenExchange exchange, CancellationToken cancel) => exchange.ExchangeAsync(http, cancel);

    /// <summary>Exchanges a refresh token for fresh tokens.</summary>
    /// <remarks>Each refresh token works once. One that comes back revokes every token that descends from the same sign-in: 401.</remarks>
    public static Task<Results<SignInHttpResult, ForbidHttpResult, ProblemHttpResult>> Refresh(
        HttpContext http, TokenExchange exchange, CancellationToken cancel) => exchange.ExchangeAsync(http, cancel);

    /// <summary>Signs out: the refresh token and all that descend from the same sign-in stop working.</summary>
    public static async Task<Results<NoContent, ValidationProblem>> Logout(
        LogoutRequest logout, CurrentUser caller, TokenFamilies families, CancellationToken cancel)
    {
        if (string.IsNullOrWhiteSpace(logout.Refresh))
            return TypedResults.ValidationProblem(JsonTokenRequest.Missing("refresh"));

        await families.RevokeAsync(logout.Refresh, caller.Id, cancel);

        return TypedResults.NoContent();
    }

    /// <summary>Tells whose access token the request carries, by the account's present name; 401 when it isn't valid.</summary>
    /// <remarks>Other than the rest of the API it also refuses tokens whose sign-in has ended by signing out.</remarks>
    public static async Task<Results<Ok<ValidateResponse>, UnauthorizedHttpResult>> Validate(
        HttpContext http, AccessTokens tokens, CancellationToken cancel) =>
        await tokens.FindAccountAsync(http.User, cancel) is { } account
            ? TypedResults.Ok(new ValidateResponse(true, new TokenUser(account.Id, account.UserName!, account.Role)))
            : TypedResults.Unauthorized();
}
