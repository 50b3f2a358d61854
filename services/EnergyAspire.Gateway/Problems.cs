using Microsoft.AspNetCore.Http.HttpResults;

namespace EnergyAspire.Gateway;

/// <summary>Problem details that the gateway itself returns.</summary>
internal static class Problems
{
    /// <summary>A service is unavailable; the answer doesn't contain its address.</summary>
    public static ProblemHttpResult ServiceAway(int status, string service) => TypedResults.Problem(
        $"The service '{service}' can't be reached right now. Please try again in a moment.", statusCode: status, title: $"The service '{service}' is away.");

    /// <summary>The request needs a session, and there is none any more.</summary>
    public static ProblemHttpResult SessionEnded() =>
        TypedResults.Problem("Please sign in again.", statusCode: StatusCodes.Status401Unauthorized, title: "The session has ended.");

    /// <summary>Writes a response, unless one has started.</summary>
    public static Task WriteAsync(HttpContext http, int status, string title, string detail) =>
        WriteAsync(http, TypedResults.Problem(detail, statusCode: status, title: title));

    /// <inheritdoc cref="WriteAsync(HttpContext, int, string, string)"/>
    public static Task WriteAsync(HttpContext http, ProblemHttpResult problem) =>
        http.Response.HasStarted ? Task.CompletedTask : problem.ExecuteAsync(http);
}
