using System.Globalization;
using EnergyAspire.Api.OpenApi;
using Microsoft.OpenApi;

namespace EnergyAspire.Monitoring.Queries;

/// <summary>Describes the common parts of the queries in the OpenAPI document.</summary>
internal static class QueryOpenApi
{
    private const string ExampleDevice = "3fa85f64-5717-4562-b3fc-2c963f66afa6";

    /// <summary>Describes <c>device_id</c>, the errors, CSV, and revalidation of answers for past periods.</summary>
    /// <param name="route">Route.</param>
    /// <param name="columns">Description of the CSV's columns.</param>
    public static RouteHandlerBuilder DescribeQuery(this RouteHandlerBuilder route, string columns) => route
        .ProducesProblem(StatusCodes.Status404NotFound)
        .DescribeParameter("device_id", "Device id; 404 for a device that the caller may not see.", ExampleDevice, isRequired: true)
        .DescribeParameter("format", "`json` or `csv`; takes precedence over `Accept`.", "csv")
        .AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Parameter("device_id").Schema = DeviceId();

            operation.Responses ??= [];
            operation.Responses["304"] = new OpenApiResponse { Description = "The response with the ETag in `If-None-Match` is still current." };
            operation.Answer("400").Description = "A parameter is missing or invalid; `errors` names it.";
            operation.Answer("404").Description = "There is no such device, or the caller may not see it. This is checked before the other parameters.";

            var answer = operation.Answer("200");
            answer.Description = $"""
                JSON, or CSV with `format=csv` or when `Accept` ranks `text/csv` higher. Columns of the CSV: {columns}. A column that ends with `_kwh`
                has the same name without this suffix in JSON. `start_utc` and `timestamp_utc` are `start` and `timestamp` in UTC. Energy is in kWh
                with at most six decimals. Sums are exact: readings are stored in whole milliwatt-hours, rounded to the nearest (halves to even), so
                that 0.0000001 kWh is stored as 0. The energy of a period without readings is unknown, not 0: its `is_measured` is false, and in CSV
                its energy is empty.
                """.ReplaceLineEndings(" ");
            answer.Content!["text/csv"] = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
            answer.Headers ??= new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal);
            answer.Headers["ETag"] = new OpenApiHeader
            {
                Description = "Only for a period that is over. Send it as `If-None-Match` to find out whether a late reading has changed the response.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            };

            return Task.CompletedTask;
        });

    /// <summary>Documents that <c>device_id</c> may be repeated.</summary>
    /// <param name="route">Route.</param>
    /// <param name="most">How often.</param>
    /// <param name="isAnswerRepeated">Whether the answer is then an array.</param>
    public static RouteHandlerBuilder DescribeSeveralDevices(this RouteHandlerBuilder route, int most, bool isAnswerRepeated = true) =>
        route.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Parameter("device_id").Schema = OneOrMore(DeviceId(), most);
            if (!isAnswerRepeated)
                return Task.CompletedTask;

            var answer = operation.Answer("200");
            var content = answer.Content!["application/json"];
            content.Schema = OneOrMore(content.Schema!, most);
            answer.Description = string.Create(CultureInfo.InvariantCulture,
                $"{answer.Description} For one device the body is an object. When `device_id` is repeated, for at most {most} devices, it is an array in that order.");

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
