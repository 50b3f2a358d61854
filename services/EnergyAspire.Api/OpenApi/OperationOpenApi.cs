using System.Reflection;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace EnergyAspire.Api.OpenApi;

/// <summary>Adds what client generators and linters need besides paths and schemas: operation ids, descriptions of tags, number formats.</summary>
internal static class OperationOpenApi
{
    private static readonly Dictionary<string, string> Tags = new(StringComparer.Ordinal)
    {
        ["Accounts"] = "Registration, changes, locks and deletion of accounts.",
        ["Alerts"] = "Hours that exceeded a device's limit, or were projected to exceed it.",
        ["Audit"] = "Audit log: who changed or attempted what, and when.",
        ["Consumption"] = "Energy by hour, day and month in the device's time zone.",
        ["Dead letters"] = "Events that a service could not handle.",
        ["Devices"] = "Devices and their settings.",
        ["Forecasts"] = "What the running month will come to, and the budgets for it.",
        ["Ledger"] = "Counts of received readings by outcome, their verification, and the repair of hours.",
        ["Mappings"] = "Which user may see which device.",
        ["Tariffs"] = "What energy costs when, and which devices have which tariff.",
        ["Measurements"] = "Raw readings, as meters reported them.",
        ["Quarantine"] = "Readings that were not accepted, and why.",
        ["Replicas"] = "This service's replicas of data that other services own.",
        ["Sagas"] = "Changes of accounts in several services, with their steps.",
        ["Session"] = "Browser sessions with a cookie.",
        ["Statements"] = "Energy, costs and meter readings of a month, for the records and for billing.",
        ["Tokens"] = "Sign-in of API clients, and their tokens.",
        ["Users"] = "Profiles of users.",
    };

    /// <summary>
    /// Names an operation after the method that handles it, unless the route has a name. A lambda has no usable name: call <c>WithName</c>.
    /// </summary>
    public static Task NameAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancel)
    {
        var method = context.Description.ActionDescriptor.EndpointMetadata.OfType<MethodInfo>().FirstOrDefault()?.Name;
        if (operation.OperationId is null && method?.StartsWith('<') == false)
            operation.OperationId = method;

        return Task.CompletedTask;
    }

    /// <summary>Describes the document's tags.</summary>
    public static Task DescribeTagsAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancel)
    {
        foreach (var tag in document.Tags ?? new HashSet<OpenApiTag>())
            tag.Description ??= Tags.GetValueOrDefault(tag.Name ?? "");

        return Task.CompletedTask;
    }

    /// <summary>
    /// Sets the format <c>decimal</c>, so that clients don't round. Fields that accept strings and numbers are documented as numbers only: clients
    /// should send numbers, and many generators don't support two types for one field.
    /// </summary>
    public static Task DescribeNumbersAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancel)
    {
        if (schema.Type is { } type && (type.HasFlag(JsonSchemaType.Number) || type.HasFlag(JsonSchemaType.Integer)) && type.HasFlag(JsonSchemaType.String))
        {
            schema.Type = type & ~JsonSchemaType.String;
            schema.Pattern = null;
        }

        if ((Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type) == typeof(decimal))
            schema.Format = "decimal";

        return Task.CompletedTask;
    }
}
