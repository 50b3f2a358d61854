using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Net.Http.Headers;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace EnergyAspire.Api.Http;

/// <summary>Common HTTP settings of all processes: JSON, problem details and the reading of requests.</summary>
public static class HttpDefaults
{
    /// <summary>Adds snake_case JSON, problem details, and the reading of headers as Latin-1.</summary>
    public static void AddHttpDefaults(this IHostApplicationBuilder builder)
    {
        builder.Services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            options.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            options.SerializerOptions.TypeInfoResolver =
                (options.SerializerOptions.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver()).WithAddedModifier(ReadableTexts.Require);
        });

        // Browsers and proxies may send bytes above 127 in headers. The code doesn't use them, but a request must not fail because of them.
        builder.Services.Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.RequestHeaderEncodingSelector = _ => Encoding.Latin1;
            kestrel.ResponseHeaderEncodingSelector = _ => Encoding.Latin1;
        });
        builder.Services.ConfigureHttpClientDefaults(http => http.UseSocketsHttpHandler((handler, _) =>
            handler.RequestHeaderEncodingSelector = (_, _) => Encoding.Latin1));

        // A malformed request gets 400 with problem details in every environment.
        builder.Services.AddProblemDetails(options => options.CustomizeProblemDetails = Explanations.Complete);
        builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        builder.Services.Configure<ExceptionHandlerOptions>(options =>
        {
            options.StatusCodeSelector = failure =>
                failure is BadHttpRequestException bad ? bad.StatusCode
                : StatusCodes.Status500InternalServerError;
            // A malformed request isn't logged with a stack trace.
            options.SuppressDiagnosticsCallback = context => context.Exception is BadHttpRequestException;
        });
    }

    /// <summary>Adds the middleware for problem details, the reading of requests, routing and OPTIONS.</summary>
    public static void UseHttpDefaults(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseMiddleware<RequestReading>();
        app.UseRouting();
        app.Use(AnswerOptionsAsync);
    }

    /// <summary>Completes the <c>Allow</c> header of 405 answers. OPTIONS gets a successful answer instead.</summary>
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
}
