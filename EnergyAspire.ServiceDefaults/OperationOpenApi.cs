using System.Reflection;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace EnergyAspire.ServiceDefaults;

/// <summary>What generators of clients and linters need besides paths and schemas: operation ids, descriptions of tags, number formats.</summary>
internal static class OperationOpenApi
{
    private static readonly Dictionary<string, string> Tags = new(StringComparer.Ordinal)
    {
        ["Accounts"] = "Accounts: registering, changing, locking and deleting them.",
        ["Alerts"] = "Hours that went over a device's limit, or are on the way to it.",
        ["Audit"] = "Who changed or tried what, and when.",
        ["Consumption"] = "Energy by hour, day and month, in the time zone of the device.",
        ["Copies"] = "This service's copies of other services' data.",
        ["Dead letters"] = "Events that a service could not handle.",
        ["Devices"] = "Devices and their settings.",
        ["Ledger"] = "Proof that every reading received is accounted for.",
        ["Mappings"] = "Which user may see which device.",
        ["Measurements"] = "Readings as they were reported.",
        ["Quarantine"] = "Readings that were not accepted, and why.",
        ["Replicas"] = "This service's copies of users, devices and mappings.",
        ["Sagas"] = "Changes of accounts that involve several services, step by step.",
        ["Session"] = "Sign-in of browsers, by a cookie.",
        ["Tokens"] = "Sign-in of API clients, and the tokens that it gives.",
        ["Users"] = "Profiles of users.",
    };

    /// <summary>
    /// Names an operation after the method that handles it, unless the route has a name. A lambda has none to offer: call <c>WithName</c>.
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
    /// Says that decimals are decimals, so that clients don't round them. Where strings are read beside numbers the document shows numbers
    /// only: that is what to send, and many generators can't take two types for one field.
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
