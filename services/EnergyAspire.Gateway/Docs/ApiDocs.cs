using EnergyAspire.Api.OpenApi;
using EnergyAspire.Gateway.Proxy;
using EnergyAspire.Gateway.Sessions;
using EnergyAspire.ServiceDefaults;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace EnergyAspire.Gateway.Docs;

/// <summary>
/// The API's documentation: one page with the OpenAPI documents of all services and of the gateway. It loads nothing from the internet.
/// </summary>
internal static class ApiDocs
{
    // Identity registers this client id with the page's address as redirect URI.
    private const string ClientId = "energy-docs";

    private const string Cookie = "session_cookie";

    private const string PagePath = "/api/docs";
    private const string ConfigurationPath = $"{PagePath}/configuration.js";

    // Requests from the page may use the browser's session, which requires this header.
    private const string Configuration = """
        export default {
          onBeforeRequest: ({ requestBuilder }) => requestBuilder.headers.set('X-CSRF', '1'),
        }
        """;

    /// <summary>Maps <c>/api/docs</c> and the documents below it.</summary>
    public static void MapApiDocs(this IEndpointRouteBuilder routes)
    {
        routes.MapOpenApi(Routes.DocumentPath(ResourceNames.Gateway));
        routes.MapGet(ConfigurationPath, () => TypedResults.Text(Configuration, "text/javascript")).ExcludeFromDescription();
        routes.MapScalarApiReference(PagePath, (options, http) =>
        {
            options.WithTitle("EnergyAspire API")
                .WithJavaScriptConfiguration(ConfigurationPath)
                .DisableDefaultFonts()
                .DisableAgent()
                .DisableMcp()
                .DisableTelemetry()
                .HideDeveloperTools()
                .AddPreferredSecuritySchemes([OpenApiExtensions.SignIn])
                .AddAuthorizationCodeFlow(OpenApiExtensions.SignIn, flow =>
                {
                    flow.ClientId = ClientId;
                    flow.Pkce = Pkce.Sha256;
                    // Set here, because the page's script sets it only after the button is active. It ends with a slash, because without one the
                    // page's redirect would drop the query.
                    flow.RedirectUri = $"{http.Request.Scheme}://{http.Request.Host}{PagePath}/";
                    flow.SelectedScopes = ["openid", "profile"];
                })
                .HideClientButton();

            foreach (var (service, title) in Routes.Services)
                options.AddDocument(service, title, Routes.DocumentPath(service));
            options.AddDocument(ResourceNames.Gateway, "Gateway", Routes.DocumentPath(ResourceNames.Gateway));
        });
    }

    /// <summary>Removes the bearer scheme from the gateway's own document: its routes authenticate by the session cookie.</summary>
    public static OpenApiOptions WithoutBearer(this OpenApiOptions options) => options.AddDocumentTransformer((document, _, _) =>
    {
        document.Components?.SecuritySchemes?.Clear();
        document.AddComponent(Cookie, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Cookie,
            Name = SessionCookie.Name,
            Description = "Set by POST /session. In development its name has no prefix __Host-.",
        });
        foreach (var operation in document.Paths.Values.SelectMany(path => path.Operations?.Values.AsEnumerable() ?? []))
        {
            if (operation.OperationId is not (nameof(SessionEndpoints.OpenSession) or nameof(RegistrationEndpoints.Register)))
                operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Cookie, document)] = [] }];
        }

        return Task.CompletedTask;
    });
}
