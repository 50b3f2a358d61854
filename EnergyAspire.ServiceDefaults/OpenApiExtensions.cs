using System.Reflection;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace EnergyAspire.ServiceDefaults;

/// <summary>The service's OpenAPI document, served at <c>/openapi/v1.json</c> and written to <c>docs/openapi</c> by the build.</summary>
public static class OpenApiExtensions
{
    private const string Bearer = "bearer";

    /// <summary>Name of the scheme by which a page of documents signs in at Identity.</summary>
    public const string SignIn = "sign_in";

    /// <summary>Whether this process only runs to write its OpenAPI document during a build, without servers to talk to.</summary>
    public static bool IsGeneratingDocuments { get; } = Assembly.GetEntryAssembly()?.GetName().Name == "GetDocument.Insider";

    /// <summary>
    /// Gives the document a title and the schemes of access tokens, which routes that anyone may call don't ask for. Services call
    /// <c>AddOpenApi</c> themselves, so that their XML comments get into it.
    /// </summary>
    public static OpenApiOptions DescribeService(this OpenApiOptions options, string title)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo { Title = title, Version = "v1", License = new OpenApiLicense { Name = "MIT", Identifier = "MIT" } };
            document.Servers = [new OpenApiServer { Url = "/", Description = "The gateway that the document is read at." }];
            document.AddComponent(Bearer, new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                BearerFormat = "JWT",
                Description = "Access token of POST /api/auth/login.",
            });
            document.AddComponent(SignIn, new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.OAuth2,
                Description = "Authorization code with PKCE, by Identity's sign-in page.",
                Flows = new OpenApiOAuthFlows
                {
                    AuthorizationCode = new OpenApiOAuthFlow
                    {
                        AuthorizationUrl = new Uri("/connect/authorize", UriKind.Relative),
                        TokenUrl = new Uri("/connect/token", UriKind.Relative),
                        Scopes = new Dictionary<string, string>(StringComparer.Ordinal)
                        {
                            ["openid"] = "Who signed in.",
                            ["profile"] = "Their username and role.",
                        },
                    },
                },
            });

            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            var metadata = context.Description.ActionDescriptor.EndpointMetadata;
            operation.Security = metadata.OfType<IAuthorizeData>().Any() && !metadata.OfType<IAllowAnonymous>().Any()
                ?
                [
                    // The first is the one that the page of documents sends.
                    new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(SignIn, context.Document)] = [] },
                    new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [] },
                ]
                // An empty list says that anyone may call it; without one nothing would be said.
                : [];

            return Task.CompletedTask;
        });
        options.AddOperationTransformer(OperationOpenApi.NameAsync);
        options.AddOperationTransformer(ErrorOpenApi.DescribeAsync);
        options.AddOperationTransformer((operation, _, _) =>
        {
            foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
                DescribeId(parameter);

            return Task.CompletedTask;
        });

        options.AddSchemaTransformer(OperationOpenApi.DescribeNumbersAsync);
        options.AddDocumentTransformer(OperationOpenApi.DescribeTagsAsync);

        return options;
    }

    /// <summary>Ids in the query are read as text, so that a malformed one can be named in the answer; the document says what they are.</summary>
    private static void DescribeId(OpenApiParameter parameter)
    {
        if (parameter.Name?.EndsWith("_id", StringComparison.Ordinal) != true)
            return;

        parameter.Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid" };
        parameter.Description ??= parameter.Name switch
        {
            "user_id" => "Account id.",
            "device_id" => "Device id.",
            _ => null,
        };
    }
}
