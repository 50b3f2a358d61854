using System.Globalization;
using EnergyAspire.ServiceDefaults;
using Microsoft.OpenApi;

namespace EnergyAspire.Monitoring.Queries;

/// <summary>Describes in the OpenAPI document what the queries have in common.</summary>
internal static class QueryOpenApi
{
    private const string ExampleDevice = "3fa85f64-5717-4562-b3fc-2c963f66afa6";

    /// <summary>Describes <c>device_id</c>, the errors, CSV and how an answer for a past period is asked for again.</summary>
    /// <param name="route">Route.</param>
    /// <param name="columns">Columns of the CSV, for people.</param>
    public static RouteHandlerBuilder DescribeQuery(this RouteHandlerBuilder route, string columns) => route
        .ProducesProblem(StatusCodes.Status404NotFound)
        .DescribeParameter("device_id", "Device; one that the caller may not see looks absent.", ExampleDevice, isRequired: true)
        .DescribeParameter("format", "`json` or `csv`, whatever `Accept` says.", "csv")
        .AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Parameter("device_id").Schema = DeviceId();

            operation.Responses ??= [];
            operation.Responses["304"] = new OpenApiResponse { Description = "The answer with the ETag that the caller has still holds." };
            operation.Answer("400").Description = "A parameter is missing or wrong; `errors` names it.";
            operation.Answer("404").Description = "The caller can see no such device; said whatever else is wrong with the request.";

            var answer = operation.Answer("200");
            answer.Description = $"""
                JSON, or CSV with `format=csv` or when `Accept` ranks `text/csv` higher. Columns of the CSV: {columns}. `_kwh` names the unit of the
                fields that have the same name without it in JSON; `start_utc` and `timestamp_utc` are the same instants as `start` and `timestamp`,
                all with one offset. Energy is kWh with at most six decimals, exact sums of what is stored: readings are kept in whole
                milliwatt-hours, and what a meter sends below that is rounded to the nearest (halves to even), so that 0.0000001 kWh counts as 0.
                A period without readings is missing and not 0: `measurement_count` is 0 then, and in CSV the energy is blank.
                """.ReplaceLineEndings(" ");
            answer.Content!["text/csv"] = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
            answer.Headers ??= new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal);
            answer.Headers["ETag"] = new OpenApiHeader
            {
                Description = "For a period that is over: send it as `If-None-Match` to learn whether a late reading changed the answer.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            };

            return Task.CompletedTask;
        });

    /// <summary>Says that <c>device_id</c> may be repeated, and that the answer is then an array.</summary>
    public static RouteHandlerBuilder DescribeSeveralDevices(this RouteHandlerBuilder route, int most) =>
        route.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Parameter("device_id").Schema = OneOrMore(DeviceId(), most);

            var answer = operation.Answer("200");
            var content = answer.Content!["application/json"];
            content.Schema = OneOrMore(content.Schema!, most);
            answer.Description = string.Create(CultureInfo.InvariantCulture,
                $"{answer.Description} One device: an object. `device_id` repeated, for at most {most} devices: an array of it in that order.");

            return Task.CompletedTask;
        });

    private static OpenApiParameter Parameter(this OpenApiOperation operation, string name) =>
        operation.Parameters!.OfType<OpenApiParameter>().Single(parameter => parameter.Name == name);

    private static OpenApiResponse Answer(this OpenApiOperation operation, string status) => (OpenApiResponse)operation.Responses![status];

    private static OpenApiSchema DeviceId() => new() { Type = JsonSchemaType.String, Format = "uuid" };

    private static OpenApiSchema OneOrMore(IOpenApiSchema one, int most) => new()
    {
        OneOf = [one, new OpenApiSchema { Type = JsonSchemaType.Array, Items = one, MinItems = 1, MaxItems = most }],
    };
}
