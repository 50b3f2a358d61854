using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using EnergyAspire.ServiceDefaults.Data;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Net.Http.Headers;
using Npgsql;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace EnergyAspire.ServiceDefaults.Http;

/// <summary>How every process reads requests and answers what it can't serve.</summary>
public static class HttpDefaults
{
    internal static void AddHttpDefaults(this IHostApplicationBuilder builder)
    {
        builder.Services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            options.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            options.SerializerOptions.TypeInfoResolver =
                (options.SerializerOptions.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver()).WithAddedModifier(ReadableTexts.Require);
        });

        // Browsers and proxies send bytes above 127 in headers; nothing here reads them, but a request must not fail for them.
        builder.Services.Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.RequestHeaderEncodingSelector = _ => Encoding.Latin1;
            kestrel.ResponseHeaderEncodingSelector = _ => Encoding.Latin1;
        });
        builder.Services.ConfigureHttpClientDefaults(http => http.UseSocketsHttpHandler((handler, _) =>
            handler.RequestHeaderEncodingSelector = (_, _) => Encoding.Latin1));

        // A request that can't be read is the caller's fault, in every environment, and answered like any other problem.
        builder.Services.AddProblemDetails(options => options.CustomizeProblemDetails = Explanations.Complete);
        builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        builder.Services.Configure<ExceptionHandlerOptions>(options =>
        {
            options.StatusCodeSelector = failure =>
                failure is BadHttpRequestException bad ? bad.StatusCode
                : failure.IsDatabaseAway() ? StatusCodes.Status503ServiceUnavailable
                : IsRefusedValue(failure) ? StatusCodes.Status400BadRequest
                : StatusCodes.Status500InternalServerError;
            // Nor is it worth a stack trace in the log.
            options.SuppressDiagnosticsCallback = context => context.Exception is BadHttpRequestException;
        });
    }

    /// <summary>Answers failures and empty errors with problem details, makes requests readable, and finds their route.</summary>
    public static void UseHttpDefaults(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseMiddleware<RequestReading>();
        app.UseRouting();
        app.Use(AnswerOptionsAsync);
    }

    /// <summary>Tells what a path allows: to OPTIONS that is the answer, to other methods that don't exist the reason.</summary>
    private static async Task AnswerOptionsAsync(HttpContext http, RequestDelegate next)
    {
        await next(http);

        var response = http.Response;
        if (response.HasStarted || response.StatusCode != StatusCodes.Status405MethodNotAllowed || response.Headers.Allow.Count == 0)
            return;

        var allowed = response.Headers.GetCommaSeparatedValues(HeaderNames.Allow).ToHashSet(StringComparer.Ordinal);
        if (allowed.Contains(HttpMethods.Get))
            allowed.Add(HttpMethods.Head);
        allowed.Add(HttpMethods.Options);
        response.Headers.Allow = string.Join(", ", allowed.Order(StringComparer.Ordinal));
        if (HttpMethods.IsOptions(http.Request.Method))
            response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>A value that the database can't hold (SQLSTATE class 22) came with the request. It should have been refused earlier, so this is logged.</summary>
    private static bool IsRefusedValue(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is PostgresException database && database.SqlState.StartsWith("22", StringComparison.Ordinal))
                return true;
        }

        return false;
    }
}
