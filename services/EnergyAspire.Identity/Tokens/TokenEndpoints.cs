using EnergyAspire.Contracts;
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

    /// <summary>The token endpoint's registration grant, in JSON.</summary>
    public const string RegisterPath = "/api/auth/register";

    /// <summary>Maps the standard token endpoint, its JSON routes, logout and validate.</summary>
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

    /// <summary>The standard token endpoint: takes a form and returns an OAuth 2.0 response.</summary>
    public static Task<Results<SignInHttpResult, ForbidHttpResult, ProblemHttpResult>> Exchange(
        HttpContext http, TokenExchange exchange, CancellationToken cancel) => exchange.ExchangeAsync(http, cancel);

    /// <summary>Signs in with a username and a password, in JSON or as a form.</summary>
    /// <remarks>
    /// 401 is the same for an unknown username and a wrong password. After five consecutive failures from an address, the username is locked
    /// for that address for five minutes, and after five more for an hour: 429 with <c>Retry-After</c>. After 100 failures within an hour it
    /// is locked for all addresses for an hour. A browser that has signed in before is recognized by a cookie and has its own count of
    /// failures. The correct password of an account that an admin has locked also gets 429, without the header if the lock has no end.
    /// </remarks>
    public static Task<Results<SignInHttpResult, ForbidHttpResult, ProblemHttpResult>> Login(
        HttpContext http, TokenExchange exchange, CancellationToken cancel) => exchange.ExchangeAsync(http, cancel);

    /// <summary>Exchanges a refresh token for new tokens.</summary>
    /// <remarks>A refresh token can be used once. Using it again returns 401 and revokes all refresh tokens of the same sign-in.</remarks>
    public static Task<Results<SignInHttpResult, ForbidHttpResult, ProblemHttpResult>> Refresh(
        HttpContext http, TokenExchange exchange, CancellationToken cancel) => exchange.ExchangeAsync(http, cancel);

    /// <summary>Signs out: revokes all refresh tokens of the same sign-in.</summary>
    /// <remarks>
    /// <c>GET /api/auth/validate</c> then rejects the access tokens of the sign-in. The rest of the API accepts them until they expire.
    /// </remarks>
    public static async Task<Results<NoContent, ValidationProblem>> Logout(
        LogoutRequest logout, CurrentUser caller, TokenFamilies families, CancellationToken cancel)
    {
        if (string.IsNullOrWhiteSpace(logout.Refresh))
            return TypedResults.ValidationProblem(JsonTokenRequest.Missing("refresh"));

        await families.RevokeAsync(logout.Refresh, caller.Id, cancel);

        return TypedResults.NoContent();
    }

    /// <summary>Returns the account of the request's access token with its current name and role; 401 when the token is invalid.</summary>
    /// <remarks>Unlike the rest of the API, it also rejects tokens of a sign-in that was ended by signing out.</remarks>
    public static async Task<Results<Ok<ValidateResponse>, UnauthorizedHttpResult>> Validate(
        HttpContext http, AccessTokens tokens, CancellationToken cancel) =>
        await tokens.FindAccountAsync(http.User, cancel) is { } account
            ? TypedResults.Ok(new ValidateResponse(true, new TokenUser(account.Id, account.UserName!, account.Role)))
            : TypedResults.Unauthorized();
}
