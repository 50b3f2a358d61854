using EnergyAspire.Gateway.Proxy;
using EnergyAspire.Gateway.Sessions;
using EnergyAspire.ServiceDefaults;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace EnergyAspire.Gateway.Docs;

/// <summary>The API's documentation: every service's OpenAPI document and the gateway's own on one page, without anything from the internet.</summary>
internal static class ApiDocs
{
    // Identity knows the page by this name, and where it is.
    private const string ClientId = "energy-docs";

    private const string Cookie = "session_cookie";

    private const string PagePath = "/api/docs";
    private const string ConfigurationPath = $"{PagePath}/configuration.js";

    // Requests from the page may go by the browser's session, which asks for this header.
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
                    // Named here, because the page itself fills it in only some time after the button can be pressed. With the slash,
                    // which the page is sent on to without what is behind the address.
                    flow.RedirectUri = $"{http.Request.Scheme}://{http.Request.Host}{PagePath}/";
                    flow.SelectedScopes = ["openid", "profile"];
                })
                .HideClientButton();

            foreach (var (service, title) in Routes.Services)
                options.AddDocument(service, title, Routes.DocumentPath(service));
            options.AddDocument(ResourceNames.Gateway, "Gateway", Routes.DocumentPath(ResourceNames.Gateway));
        });
    }

    /// <summary>The gateway's own routes go by the session's cookie.</summary>
    public static OpenApiOptions WithoutBearer(this OpenApiOptions options) => options.AddDocumentTransformer((document, _, _) =>
    {
        document.Components?.SecuritySchemes?.Clear();
        document.AddComponent(Cookie, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Cookie,
            Name = SessionCookie.Name,
            Description = "Set by POST /session. In development its name is without __Host-.",
        });
        foreach (var operation in document.Paths.Values.SelectMany(path => path.Operations?.Values.AsEnumerable() ?? []))
        {
            if (operation.OperationId is not (nameof(SessionEndpoints.OpenSession) or nameof(RegistrationEndpoints.Register)))
                operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Cookie, document)] = [] }];
        }

        return Task.CompletedTask;
    });
}
