using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace EnergyAspire.Api.Versions;

/// <summary>Optimistic concurrency over HTTP: a resource's version is its ETag, and <c>If-Match</c> guards a change.</summary>
public static class EntityTags
{
    /// <summary>Message for a change of an outdated version.</summary>
    public const string OutdatedMessage = "It was changed since you read it. Read it again and repeat your change.";

    /// <summary>Sets the answer's ETag to the version.</summary>
    public static void SetVersion(this HttpResponse response, long version) =>
        response.Headers.ETag = $"\"{version.ToString(CultureInfo.InvariantCulture)}\"";

    /// <summary>Whether <c>If-Match</c> allows a change of this version. Without the header every version may be changed.</summary>
    public static bool MayChange(this HttpRequest request, long version)
    {
        var wanted = request.GetTypedHeaders().IfMatch;
        if (wanted.Count == 0)
            return request.Headers.IfMatch.Count == 0;

        var current = new EntityTagHeaderValue($"\"{version.ToString(CultureInfo.InvariantCulture)}\"");
        return wanted.Any(tag => tag.Equals(EntityTagHeaderValue.Any) || tag.Compare(current, useStrongComparison: true));
    }

    /// <summary>
    /// Returns the version that <c>If-Match</c> requires, after <see cref="MayChange"/> has allowed this one; null without the header.
    /// </summary>
    public static long? ExpectedVersion(this HttpRequest request, long version) =>
        request.GetTypedHeaders().IfMatch is { Count: > 0 } wanted && !wanted.Contains(EntityTagHeaderValue.Any) ? version : null;

    /// <summary>Returns the answer to a change of an outdated version.</summary>
    public static ProblemHttpResult Outdated() => TypedResults.Problem(OutdatedMessage, statusCode: StatusCodes.Status412PreconditionFailed);
}
