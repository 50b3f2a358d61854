using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace EnergyAspire.ServiceDefaults.Versions;

/// <summary>Optimistic concurrency over HTTP: a resource's version is its ETag, and <c>If-Match</c> guards a change.</summary>
public static class EntityTags
{
    /// <summary>Tells who changes a version that is no longer current what to do.</summary>
    public const string OutdatedMessage = "It was changed since you read it. Read it again and repeat your change.";

    /// <summary>Says in the answer which version it shows.</summary>
    public static void SetVersion(this HttpResponse response, long version) =>
        response.Headers.ETag = $"\"{version.ToString(CultureInfo.InvariantCulture)}\"";

    /// <summary>Whether the caller's <c>If-Match</c> allows a change of this version; without the header any version may be changed.</summary>
    public static bool MayChange(this HttpRequest request, long version)
    {
        var wanted = request.GetTypedHeaders().IfMatch;
        if (wanted.Count == 0)
            return request.Headers.IfMatch.Count == 0;

        var current = new EntityTagHeaderValue($"\"{version.ToString(CultureInfo.InvariantCulture)}\"");
        return wanted.Any(tag => tag.Equals(EntityTagHeaderValue.Any) || tag.Compare(current, useStrongComparison: true));
    }

    /// <summary>The version that <c>If-Match</c> asks for, once <see cref="MayChange"/> has allowed this one; null when any may be changed.</summary>
    public static long? ExpectedVersion(this HttpRequest request, long version) =>
        request.GetTypedHeaders().IfMatch is { Count: > 0 } wanted && !wanted.Contains(EntityTagHeaderValue.Any) ? version : null;

    /// <summary>The answer to a change of a version that is no longer current.</summary>
    public static ProblemHttpResult Outdated() => TypedResults.Problem(OutdatedMessage, statusCode: StatusCodes.Status412PreconditionFailed);
}
