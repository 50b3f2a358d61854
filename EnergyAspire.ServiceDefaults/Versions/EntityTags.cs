using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace EnergyAspire.ServiceDefaults.Versions;

/// <summary>Optimistic concurrency over HTTP: a resource's version is its ETag, and <c>If-Match</c> guards a change.</summary>
public static class EntityTags
{
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

    /// <summary>The answer to a change of a version that is no longer current.</summary>
    public static ProblemHttpResult Outdated() => TypedResults.Problem(
        "It was changed since you read it. Read it again and repeat your change.",
        statusCode: StatusCodes.Status412PreconditionFailed);
}
