using System.Text.Json;
using EnergyAspire.Api.Http;
using EnergyAspire.Contracts;
using Microsoft.AspNetCore;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.AspNetCore.OpenIddictServerAspNetCoreHandlers;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace EnergyAspire.Identity.Tokens;

/// <summary>Converts the JSON of login, refresh and registration, and the form of a login, into an OAuth 2.0 token request.</summary>
internal sealed class JsonTokenRequest : IOpenIddictServerHandler<ExtractTokenRequestContext>
{
    private const string MissingText = "This field is required and must be a text that isn't empty.";

    private readonly ExtractPostRequest<ExtractTokenRequestContext> _form = new();

    public async ValueTask HandleAsync(ExtractTokenRequestContext context)
    {
        if (!RequireJsonRoute.IsJson(context.Transaction))
        {
            await _form.HandleAsync(context);
            return;
        }

        var http = context.Transaction.GetHttpRequest()!.HttpContext;
        if (!HttpMethods.IsPost(http.Request.Method))
        {
            // Routing answers the wrong method or content type.
            context.SkipRequest();
            return;
        }

        var isForm = IsLogin(http) && http.Request.HasFormContentType;
        if (!isForm && !http.Request.HasJsonContentType())
        {
            await TypedResults.Problem(statusCode: StatusCodes.Status415UnsupportedMediaType).ExecuteAsync(http);
            context.HandleRequest();
            return;
        }

        using var body = isForm ? await ReadFormAsync(http.Request) : await ReadAsync(http.Request);
        if (body is not { RootElement.ValueKind: JsonValueKind.Object })
        {
            await TypedResults.Problem("The body is not a JSON object.", statusCode: StatusCodes.Status400BadRequest).ExecuteAsync(http);
            context.HandleRequest();
            return;
        }

        var fields = new Fields(body.RootElement);
        var request = Read(http, fields);
        fields.RefuseOthers();
        if (fields.Errors.Count > 0)
        {
            await TypedResults.ValidationProblem(fields.Errors).ExecuteAsync(http);
            context.HandleRequest();
            return;
        }

        request.ClientId = Applications.Web;
        context.Request = request;
    }

    public static Dictionary<string, string[]> Missing(string field) => new(StringComparer.Ordinal) { [field] = [MissingText] };

    private static OpenIddictRequest Read(HttpContext http, Fields fields)
    {
        if (IsLogin(http))
        {
            return new OpenIddictRequest
            {
                GrantType = GrantTypes.Password,
                Username = fields.Text("username"),
                Password = fields.Text("password"),
                Scope = Scopes.OfflineAccess,
            };
        }

        if (http.Request.Path.StartsWithSegments(TokenEndpoints.RefreshPath))
            return new OpenIddictRequest { GrantType = GrantTypes.RefreshToken, RefreshToken = fields.Text("refresh") };

        http.Features.Set(new RegistrationRequest(
            fields.Text("username") ?? "", fields.Text("password") ?? "", fields.OptionalText("fname"), fields.OptionalText("lname"),
            fields.OptionalText("email"), fields.OptionalText("phone"), fields.OptionalText("role")));
        return new OpenIddictRequest { GrantType = Applications.RegistrationGrant, Scope = Scopes.OfflineAccess };
    }

    private static bool IsLogin(HttpContext http) => http.Request.Path.StartsWithSegments(TokenEndpoints.LoginPath);

    /// <summary>The fields of a form as a JSON object, with null for a field that occurs several times.</summary>
    private static async Task<JsonDocument?> ReadFormAsync(HttpRequest request)
    {
        var form = await request.ReadFormAsync(request.HttpContext.RequestAborted);
        return JsonSerializer.SerializeToDocument(form.ToDictionary(field => field.Key, field => field.Value.Count == 1 ? field.Value[0] : null, StringComparer.Ordinal));
    }

    private static async Task<JsonDocument?> ReadAsync(HttpRequest request)
    {
        try
        {
            var body = await JsonDocument.ParseAsync(request.Body, cancellationToken: request.HttpContext.RequestAborted);
            // The parser accepts names that are not valid Unicode, such as half of a surrogate pair; reading such a name throws.
            return body.RootElement.ValueKind == JsonValueKind.Object && body.RootElement.EnumerateObject().All(field => field.Name is not null) ? body : null;
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private sealed class Fields(JsonElement body)
    {
        private readonly HashSet<string> _known = new(StringComparer.Ordinal);

        public Dictionary<string, string[]> Errors { get; } = new(StringComparer.Ordinal);

        public string? Text(string name)
        {
            _known.Add(name);
            if (body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && Read(value) is { Length: > 0 } text)
                return Checked(name, text);

            Errors[name] = [MissingText];
            return null;
        }

        /// <summary>Adds an error for each field that is not known here.</summary>
        public void RefuseOthers()
        {
            foreach (var field in body.EnumerateObject().Where(field => !_known.Contains(field.Name)))
                Errors[field.Name] = [UnreadableBody.UnknownField];
        }

        public string? OptionalText(string name)
        {
            _known.Add(name);
            if (!body.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
                return null;
            if (value.ValueKind == JsonValueKind.String && Read(value) is { } text)
                return Checked(name, text);

            Errors[name] = ["This field must be a text."];
            return null;
        }

        private string? Checked(string name, string text)
        {
            if (!ControlCharacters.AreIn(text))
                return text;

            Errors[name] = [ControlCharacters.Refusal];
            return null;
        }

        private static string? Read(JsonElement value)
        {
            try
            {
                return value.GetString();
            }
            catch (InvalidOperationException)
            {
                // The value is not valid Unicode, such as half of a surrogate pair.
                return null;
            }
        }
    }
}
