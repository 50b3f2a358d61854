using System.Text.Json;
using EnergyAspire.Testing;

namespace EnergyAspire.Services.Tests.Fuzz;

/// <summary>Something that can be called.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Path with <c>{name}</c> for what is to be filled in.</param>
/// <param name="Query">Names and schemas of the query.</param>
/// <param name="PathSchemas">Schemas of the path's parts.</param>
/// <param name="Body">Schema of the JSON body; null without one.</param>
/// <param name="Form">Fields of the form; empty without one.</param>
internal sealed record Operation(
    string Method, string Path, IReadOnlyList<(string Name, JsonElement? Schema)> Query, IReadOnlyDictionary<string, JsonElement?> PathSchemas, JsonElement? Body, string[] Form);

/// <summary>What the OpenAPI documents say can be called, and the endpoints of OpenID Connect, which are in none.</summary>
internal static class Operations
{
    private static readonly string[] Authorization =
    [
        "client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce", "code_challenge", "code_challenge_method", "max_age",
        "prompt", "login_hint", "id_token_hint", "request", "request_uri", "claims", "acr_values", "ui_locales", "resource",
    ];

    private static readonly string[] Token =
    [
        "grant_type", "client_id", "client_secret", "username", "password", "refresh_token", "code", "code_verifier", "redirect_uri", "scope",
        "client_assertion", "client_assertion_type", "assertion", "device_code", "resource", "audience",
    ];

    private static readonly string[] EndSession = ["id_token_hint", "post_logout_redirect_uri", "client_id", "state", "logout_hint", "__RequestVerificationToken"];

    /// <summary>Reads all of them.</summary>
    public static List<(Operation Operation, JsonElement Document)> Read()
    {
        var operations = Directory.GetFiles(Path.Combine(Repository.Folder, "docs", "openapi"), "*.json").Order(StringComparer.Ordinal)
            .SelectMany(file => OfDocument(JsonDocument.Parse(File.ReadAllText(file)).RootElement)).ToList();
        operations.AddRange(OpenIdConnect().Select(operation => (operation, default(JsonElement))));

        return operations;
    }

    /// <summary>Follows references until there is a schema.</summary>
    public static JsonElement Resolve(JsonElement schema, JsonElement document)
    {
        while (schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("$ref", out var reference))
        {
            var target = document;
            foreach (var step in reference.GetString()!.TrimStart('#', '/').Split('/'))
                target = target.GetProperty(step);
            schema = target;
        }

        return schema;
    }

    private static IEnumerable<(Operation Operation, JsonElement Document)> OfDocument(JsonElement document) =>
        from path in document.GetProperty("paths").EnumerateObject()
            // The gateway serves nothing below /internal, and the services' other documents are at its own address.
        from operation in path.Value.EnumerateObject()
        where operation.Value.ValueKind == JsonValueKind.Object && operation.Value.TryGetProperty("responses", out _)
        let parameters = operation.Value.TryGetProperty("parameters", out var named) ? named.EnumerateArray().ToList() : []
        select (
            new Operation(
                operation.Name.ToUpperInvariant(), path.Name, [.. parameters.Where(In("query")).Select(Describe)],
                parameters.Where(In("path")).Select(Describe).ToDictionary(part => part.Name, part => part.Schema, StringComparer.Ordinal),
                operation.Value.TryGetProperty("requestBody", out var body) && body.TryGetProperty("content", out var content)
                    && content.TryGetProperty("application/json", out var json) && json.TryGetProperty("schema", out var schema) ? schema : null,
                []),
            document);

    private static Func<JsonElement, bool> In(string place) => parameter => parameter.TryGetProperty("in", out var at) && at.GetString() == place;

    private static (string Name, JsonElement? Schema) Describe(JsonElement parameter) =>
        (parameter.GetProperty("name").GetString()!, parameter.TryGetProperty("schema", out var schema) ? schema : null);

    private static IEnumerable<Operation> OpenIdConnect()
    {
        yield return With("GET", "/.well-known/openid-configuration", [], []);
        yield return With("GET", "/.well-known/jwks", [], []);
        yield return With("GET", "/connect/authorize", Authorization, []);
        yield return With("POST", "/connect/authorize", [], Authorization);
        yield return With("GET", "/connect/sign-in", Authorization, []);
        yield return With("POST", "/connect/sign-in", Authorization, ["username", "password", "__RequestVerificationToken"]);
        yield return With("POST", "/connect/token", [], Token);
        yield return With("POST", "/connect/revoke", [], ["token", "token_type_hint", "client_id", "client_secret"]);
        yield return With("GET", "/connect/logout", EndSession, []);
        yield return With("POST", "/connect/logout", [], EndSession);
        yield return With("GET", "/connect/userinfo", ["access_token"], []);
        yield return With("POST", "/connect/userinfo", [], ["access_token"]);

        static Operation With(string method, string path, string[] query, string[] form) => new(
            method, path, [.. query.Select(name => (name, (JsonElement?)null))], new Dictionary<string, JsonElement?>(StringComparer.Ordinal), null, form);
    }
}
