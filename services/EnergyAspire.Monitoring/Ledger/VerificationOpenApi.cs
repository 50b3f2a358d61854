using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace EnergyAspire.Monitoring.Ledger;

/// <summary>Describes the event stream of a verification in the OpenAPI document. The generator can't derive it from the code.</summary>
internal static class VerificationOpenApi
{
    /// <summary>
    /// Adds the events and their schemas. The handler's return type lists the JSON answer last, because the generator documents the last type of a
    /// status.
    /// </summary>
    public static RouteHandlerBuilder DescribeVerification(this RouteHandlerBuilder route) =>
        route.AddOpenApiOperationTransformer(async (operation, context, cancel) =>
        {
            foreach (var type in new[] { typeof(VerificationProgress), typeof(LedgerDifference), typeof(VerificationResult) })
                context.Document!.AddComponent(type.Name, await context.GetOrCreateSchemaAsync(type, parameterDescription: null, cancel));

            var answer = (OpenApiResponse)operation.Responses!["200"];
            answer.Description = "The list, or with `verify=true` a stream of events: `progress` (`VerificationProgress`), `difference` "
                + "(`LedgerDifference`) for each inconsistency, and at the end `result` (`VerificationResult`).";
            answer.Content!["text/event-stream"] = new OpenApiMediaType
            {
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                Example = JsonValue.Create(
                    "event: progress\ndata: {\"done\":1,\"total\":2,\"message\":\"The hours of 2026-03-29 (UTC) are checked.\"}\n\n"
                    + "event: result\ndata: {\"consistent\":true,\"hours_checked\":24,\"readings_checked\":144,\"differences\":0}\n\n"),
            };
        });
}
