using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace EnergyAspire.Api.Http;

/// <summary>
/// Completes problem details: adds why a request couldn't be read and what 401 and 403 mean. Repeats the message in the field <c>error</c>, which
/// clients of the former system show.
/// </summary>
internal static class Explanations
{
    public static void Complete(ProblemDetailsContext context)
    {
        var problem = context.ProblemDetails;
        UnreadableBody.NameField(context);
        if (context.Exception is RefusedRequestException refused)
            problem.Detail = refused.Message;

        problem.Detail ??= problem.Status switch
        {
            StatusCodes.Status401Unauthorized => "There is no access token or session, or one that doesn't count any more. Please sign in.",
            StatusCodes.Status403Forbidden => "The account or service that asks may not do this.",
            _ => null,
        };
        problem.Extensions.TryAdd("error", problem.Detail ?? FirstError(problem) ?? problem.Title);
    }

    private static string? FirstError(ProblemDetails problem)
    {
        var errors = (problem as HttpValidationProblemDetails)?.Errors
            ?? (problem.Extensions.TryGetValue("errors", out var named) ? named as IDictionary<string, string[]> : null);

        return errors?.Select(field => $"{field.Key}: {field.Value.FirstOrDefault()}").FirstOrDefault();
    }
}
