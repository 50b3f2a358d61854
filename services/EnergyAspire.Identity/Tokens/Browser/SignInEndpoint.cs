using System.Globalization;
using EnergyAspire.Identity.Accounts;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.Extensions;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace EnergyAspire.Identity.Tokens.Browser;

/// <summary>
/// The sign-in page. Its query holds the parameters of the authorization request and nothing else. It only redirects to the authorization
/// endpoint, which validates them.
/// </summary>
internal sealed class SignInEndpoint(
    SignIn signIn, BrowserSessions sessions, IAntiforgery antiforgery, IOpenIddictApplicationManager applications, TimeProvider time)
{
    /// <summary>Path of the page.</summary>
    public const string Path = "/connect/sign-in";

    /// <summary>Shows the page.</summary>
    public Task<IResult> ShowAsync(HttpContext http, CancellationToken cancel) =>
        PageAsync(http, http.Request.Query[Parameters.LoginHint].ToString(), message: null, StatusCodes.Status200OK, cancel);

    /// <summary>Handles the form with username and password.</summary>
    public async Task<IResult> SignInAsync(HttpContext http, CancellationToken cancel)
    {
        if (!await antiforgery.IsRequestValidAsync(http))
            return await PageAsync(http, "", "The page had expired. Please try again.", StatusCodes.Status400BadRequest, cancel);

        var form = await http.Request.ReadFormAsync(cancel);
        var username = form["username"].ToString();
        var result = await signIn.CheckAsync(username, form["password"].ToString(), cancel);
        if (result.Lockout is { } lockout)
        {
            var now = time.GetUtcNow();
            lockout.SetRetryAfter(http.Response, now);
            return await PageAsync(http, username, Locked(lockout, now), StatusCodes.Status429TooManyRequests, cancel);
        }

        if (result.Account is null)
            return await PageAsync(http, username, "The username or the password is wrong.", StatusCodes.Status401Unauthorized, cancel);

        await sessions.OpenAsync(http, result.Account);

        return TypedResults.LocalRedirect(AuthorizeEndpoint.Path + Answered(http.Request.Query));
    }

    private static string Locked(Lockout lockout, DateTimeOffset now) => (lockout.Until - now) switch
    {
        _ when lockout.Until == Lockout.Forever => lockout.Message,
        { TotalHours: > 2 } => string.Create(CultureInfo.InvariantCulture, $"{lockout.Message} Please try again after {lockout.Until:d MMMM yyyy, HH:mm} UTC."),
        var remaining => $"{lockout.Message} Please try again in {Math.Max(1, (int)Math.Ceiling(remaining.TotalMinutes))} min.",
    };

    /// <summary>The authorization request without the parameters that ask for a new sign-in, because it has just happened.</summary>
    private static string Answered(IQueryCollection query) => new QueryBuilder(query
        .Where(parameter => parameter.Key is not (Parameters.Prompt or Parameters.MaxAge))
        .Select(parameter => KeyValuePair.Create(parameter.Key, parameter.Value.ToString()))).ToString();

    private async Task<IResult> PageAsync(HttpContext http, string username, string? message, int status, CancellationToken cancel)
    {
        var request = new OpenIddictRequest(http.Request.Query);
        var client = request.ClientId is { Length: > 0 } id ? await applications.FindByClientIdAsync(id, cancel) : null;
        var isOwn = client is not null && request.RedirectUri is { } uri && await applications.ValidateRedirectUriAsync(client, uri, cancel);

        return Page.Of<SignInPage>(
            new()
            {
                [nameof(SignInPage.Action)] = Path + http.Request.QueryString,
                [nameof(SignInPage.Client)] = client is null ? null : await applications.GetDisplayNameAsync(client, cancel),
                [nameof(SignInPage.Username)] = username,
                [nameof(SignInPage.Message)] = message,
                [nameof(SignInPage.Antiforgery)] = antiforgery.GetAndStoreTokens(http),
            },
            status,
            leadsTo: isOwn ? request.RedirectUri : null);
    }
}
