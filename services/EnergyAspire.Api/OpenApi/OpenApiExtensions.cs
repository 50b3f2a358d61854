using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace EnergyAspire.Api.OpenApi;

/// <summary>The service's OpenAPI document, served at <c>/openapi/v1.json</c> and written to <c>docs/openapi</c> by the build.</summary>
public static class OpenApiExtensions
{
    private const string Bearer = "bearer";

    /// <summary>Name of the security scheme that the documentation page signs in with.</summary>
    public const string SignIn = "sign_in";

    /// <summary>
    /// Adds the title and the security schemes of access tokens. Anonymous routes require none. Services must call <c>AddOpenApi</c> themselves: its
    /// source generator only includes XML comments of the calling project.
    /// </summary>
    public static OpenApiOptions DescribeService(this OpenApiOptions options, string title)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo { Title = title, Version = "v1", License = new OpenApiLicense { Name = "MIT", Identifier = "MIT" } };
            document.Servers = [new OpenApiServer { Url = "/", Description = "The gateway that serves this document." }];
            document.AddComponent(Bearer, new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                BearerFormat = "JWT",
                Description = "Access token from POST /api/auth/login.",
            });
            document.AddComponent(SignIn, new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.OAuth2,
                Description = "Authorization code with PKCE, through Identity's sign-in page.",
                Flows = new OpenApiOAuthFlows
                {
                    AuthorizationCode = new OpenApiOAuthFlow
                    {
                        AuthorizationUrl = new Uri("/connect/authorize", UriKind.Relative),
                        TokenUrl = new Uri("/connect/token", UriKind.Relative),
                        Scopes = new Dictionary<string, string>(StringComparer.Ordinal)
                        {
                            ["openid"] = "Account id.",
                            ["profile"] = "Username and role.",
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
                    // The documentation page uses the first scheme.
                    new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(SignIn, context.Document)] = [] },
                    new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [] },
                ]
                // An empty list marks the operation as anonymous; null would leave this unspecified.
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
        options.AddSchemaTransformer(ErrorOpenApi.DescribeProblemAsync);
        options.AddDocumentTransformer(OperationOpenApi.DescribeTagsAsync);

        return options;
    }

    /// <summary>Sets the format of ids in the query. They are bound as text, so that the response can name a malformed one.</summary>
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
