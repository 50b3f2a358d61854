using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using EnergyAspire.ServiceDefaults;

namespace EnergyAspire.Services.Tests.Fuzz;

/// <summary>A request as bytes, so that it can be repeated by hand.</summary>
internal sealed record FuzzRequest(string Method, string Path, IReadOnlyList<(string Name, string Value)> Headers, byte[]? Body)
{
    /// <summary>Header by which an answer's caller is recognised; the token is left out, because it is worthless later.</summary>
    public required string Caller { get; init; }

    public HttpRequestMessage ToMessage(Uri gateway)
    {
        var message = new HttpRequestMessage(
            new HttpMethod(Method),
            new Uri(gateway.GetLeftPart(UriPartial.Authority) + Path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        if (Body is not null)
            message.Content = new ByteArrayContent(Body);
        foreach (var (name, value) in Headers)
        {
            if (!message.Headers.TryAddWithoutValidation(name, value))
                message.Content?.Headers.TryAddWithoutValidation(name, value);
        }

        return message;
    }

    /// <summary>The command that sends it, for a shell.</summary>
    public string ToCurl(Uri gateway)
    {
        var command = new StringBuilder($"curl -i -X {Method} {Quote(Encoding.UTF8.GetBytes(gateway.GetLeftPart(UriPartial.Authority) + Path))}");
        foreach (var (name, value) in Headers)
            command.Append($" -H {Quote(Encoding.Latin1.GetBytes($"{name}: {value}"))}");
        // An argument can't hold U+0000.
        if (Body is not null)
            command.Insert(0, $"printf %b {Quote(Encoding.ASCII.GetBytes(string.Concat(Body.Select(one => one is > 31 and < 127 and not (byte)'\\' ? $"{(char)one}" : $"\\0{Convert.ToString(one, 8).PadLeft(3, '0')}"))))} | ").Append(" --data-binary @-");

        return $"{command}   # as {Caller}";
    }

    private static string Quote(byte[] text) => text.All(one => one is > 31 and < 127)
        ? $"'{Encoding.ASCII.GetString(text).Replace("'", "'\\''", StringComparison.Ordinal)}'"
        : $"$'{string.Concat(text.Select(one => one is > 31 and < 127 and not ((byte)'\\' or (byte)'\'') ? $"{(char)one}" : $"\\x{one:x2}"))}'";
}

/// <summary>Makes requests up: mostly right, each wrong in some way; the same seed makes the same ones.</summary>
internal sealed class Requests(Random random, Guid user)
{
    private const string Json = "application/json";
    private const string FormType = "application/x-www-form-urlencoded";

    private static readonly string[] Texts =
    [
        "", " ", "a", "alice", "admin", "client", "\0", "a\0b", "\u0001", "\u001b[31m", "line\r\nbreak: x", "\u202eesrever", "\u200b", "\ud83d\ude00", "\u00e9", "e\u0301",
        "'; drop table accounts; --", "%", "%00", "_", "\\", "../../etc/passwd", "<script>alert(1)</script>", "{{7*7}}", "null", "true", "[]", "{}",
        "0", "-1", "1e400", "1e-400", "NaN", "Infinity", "9223372036854775807", "9223372036854775808", "99999999999999999999999999999999", "922337203686", "0x10", "1.5", "\u0661",
        "2026-03-29", "0001-01-01", "9999-12-31", "10000-01-01", "2026-02-30", "-2026-01-01", "2026-03-29T01:30:00Z", "2026-03-29T01:30:00+99:00",
        "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "24:00", "Europe/Berlin", "Mars/Olympus", "hour", "month", "desc", "+", ",", ";", "*",
        "urn:energyaspire:registration", "password", "refresh_token", "authorization_code", "client_credentials", "code", "none", "login", "S256", "plain", "openid profile",
        "saga replica", "energy-web", "energy-docs", "identity", "http://energy.test/api/docs", "javascript:alert(1)", "http://[::1", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.",
        new('a', 300), new('x', 6000), new('\u00e9', 1000),
    ];

    private static readonly string[] JsonScraps =
    [
        "null", "true", "false", "0", "-0", "1e400", "-1e400", "1e-400", "123456789012345678901234567890", "0.1234567890123456789012345678901", "[]", "{}", "[[[[]]]]", "\"\\ud800\"",
        "\"\\u0000\"", "\"\"", "\"x\"", "[null]", "{\"\":null}", "9223372036854775808", "-1", "1.5", "2147483648", "\"2026-02-30\"", "\"9999-12-31T23:59:59-14:00\"", "{\"$ref\":\"#\"}",
    ];

    private static readonly (string Name, string Value)[] OddHeaders =
    [
        ("User-Agent", "caf\u00e9"), ("Cookie", "name=\u00fc; energy-session=x; energy-identity=y"), ("Cookie", "=; ;;"), ("Accept-Language", "\u00ff"), ("X-Custom", "\u0080"),
        ("If-None-Match", "\"\u00e9\""), ("If-None-Match", "*"), ("If-Match", "x"), ("If-Match", "\"99999999999999999999\""), ("If-Match", "\"1\""), ("Range", "bytes=9-1"),
        ("Accept", "text/csv"), ("Accept", "application/xml"), ("Accept", "*/*;q=x"), ("Accept", "text/html"), ("Accept-Encoding", "gzip;q=9"), ("traceparent", "00-zz-zz-00"),
        ("tracestate", "\u00e9=1"), ("baggage", "a=%00,b=\u00e9"), ("X-Forwarded-For", "evil"), ("X-Forwarded-Host", "evil\u00e9"), ("X-Forwarded-Proto", "gopher"), ("Forwarded", "for=_"),
        ("Origin", "null"), ("Origin", "https://evil.example"), ("X-CSRF", "1"), ("X-HTTP-Method-Override", "DELETE"), ("Authorization", "Basic AAAA"), ("Authorization", "Basic YQA6Yg=="),
        ("Authorization", "Bearer"), ("Authorization", "Bearer \u00e9"), ("Authorization", "Bearer a.b.c"), ("Authorization", "Bearer e30.e30.e30"), ("Authorization", "Digest x"),
        ("Authorization", "Bearer eyJhbGciOiJub25lIn0.eyJzY29wZSI6W3siYSI6MX1dfQ."), ("Host", "evil.example"), ("Prefer", "respond-async"), ("Expect", "x"), ("TE", "trailers"),
    ];

    private static readonly string[] ContentTypes =
    [
        "application/json; charset=\"utf-8\"", "application/json; charset=utf8", "application/json; charset=bogus", "application/json; charset=", "application/json; charset=utf-16",
        "application/json; charset=utf-7", "text/plain", "application/xml", "application/vnd.api+json", "multipart/form-data", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded; charset=bogus",
        "\u00e9", ";", "application/json;;;", "application/json; charset=utf-8; charset=utf-16",
    ];

    private static readonly string[] Methods = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "x"];

    public FuzzRequest Next(Operation operation, JsonElement document, string caller, string? token)
    {
        var method = Chance(0.06) ? Pick(Methods) : operation.Method;
        var path = operation.Path;
        foreach (var (name, schema) in operation.PathSchemas)
            path = path.Replace($"{{{name}}}", Uri.EscapeDataString(PathValue(name, schema)), StringComparison.Ordinal);
        if (Chance(0.04))
            path = Pick([path + "/", path + "//", path + "/%00", path + "/..%2f..", path + ".json", path.Replace("/api", "/api%2f", StringComparison.Ordinal), path + "/%c3%28", "/" + path, path + "/\u00e9"]);
        path = string.Concat(path.Select(character => character < 128 ? $"{character}" : Uri.EscapeDataString($"{character}")));

        var query = string.Join('&', operation.Query.Where(_ => Chance(0.5)).Select(parameter => $"{parameter.Name}={Uri.EscapeDataString(Clean(TextOf(parameter.Name, parameter.Schema)))}")
            .Concat(Chance(0.05) ? [Pick(["%00=1", "a=%00", "=", "&&", "a[]=1&a[]=2", "limit=1&limit=2", "%", "%zz=%zz", "x=%ff%fe", "limit=%F0%9F%98%80"])] : []));
        var headers = new List<(string Name, string Value)>();
        if (token is not null)
            headers.Add(("Authorization", $"Bearer {token}"));
        if (path.StartsWith("/session", StringComparison.Ordinal) && Chance(0.9))
            headers.Add(("X-CSRF", "1"));
        for (var number = 0; Chance(0.2) && number < 3; number++)
        {
            var odd = Pick(OddHeaders);
            headers.RemoveAll(header => header.Name.Equals(odd.Name, StringComparison.OrdinalIgnoreCase));
            headers.Add(odd);
        }

        var (body, type) = Body(operation, document);
        if (body is not null)
        {
            headers.Add(("Content-Type", Chance(0.12) ? Pick(ContentTypes) : type));
            if (Chance(0.06))
            {
                var coding = Pick(["gzip", "br", "deflate", "zstd", "gzip, gzip", "identity", ""]);
                headers.Add(("Content-Encoding", coding));
                body = coding == "gzip" && Chance(0.7) ? Gzip(body) : body;
            }
        }

        return new FuzzRequest(method, query.Length == 0 ? path : $"{path}?{query}", headers, body) { Caller = caller };
    }

    private (byte[]? Body, string Type) Body(Operation operation, JsonElement document)
    {
        if (operation.Form.Length > 0)
        {
            var form = string.Join('&', operation.Form.Where(_ => Chance(0.5)).Select(name => $"{name}={Uri.EscapeDataString(Clean(TextOf(name, null)))}"));
            return Chance(0.05) ? (null, FormType) : (Encoding.UTF8.GetBytes(Chance(0.05) ? form + "&%00=%00&%zz" : form), FormType);
        }

        if (operation.Body is not { } schema)
            return Chance(0.05) ? (Encoding.UTF8.GetBytes(Pick(JsonScraps)), Json) : (null, Json);
        if (Chance(0.05))
            return Chance(0.5) ? (null, Json) : ([], Json);

        var json = Chance(0.05) ? Pick(JsonScraps) : JsonOf("body", schema, document, depth: 0);
        var bytes = Encoding.UTF8.GetBytes(json);
        if (Chance(0.04))
            bytes = bytes[..random.Next(bytes.Length + 1)];
        if (Chance(0.03) && bytes.Length > 0)
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        if (Chance(0.02))
            bytes = [0xEF, 0xBB, 0xBF, .. bytes];
        if (Chance(0.01))
            bytes = Encoding.UTF8.GetBytes(new string('[', 2000));

        return (bytes, Json);
    }

    private string JsonOf(string name, JsonElement schema, JsonElement document, int depth)
    {
        if (Chance(depth == 0 ? 0.02 : 0.15))
            return Pick(JsonScraps);

        schema = Operations.Resolve(schema, document);
        foreach (var choice in new[] { "oneOf", "anyOf", "allOf" })
        {
            if (schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty(choice, out var choices))
                schema = Operations.Resolve(choices.EnumerateArray().Last(), document);
        }

        if (schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("properties", out var properties) && depth < 4)
        {
            var members = properties.EnumerateObject().Where(_ => Chance(0.85))
                .Select(member => $"{JsonSerializer.Serialize(member.Name)}:{JsonOf(member.Name, member.Value, document, depth + 1)}")
                .Concat(Chance(0.04) ? ["\"unknown\":1"] : []).Concat(Chance(0.02) ? ["\"\\u0000\":\"\\u0000\""] : []);
            return $"{{{string.Join(',', members)}}}";
        }

        return TypeOf(schema) switch
        {
            "integer" => Pick(["0", "1", "600", "-1", "2147483648", "9223372036854775808", "1.0", "1e3", "1e400"]),
            "number" => Pick(["0", "1", "0.25", "-1", "1e28", "1e29", "1e400", "79228162514264337593543950336", "0.00000000000000000000000000001", "100000000"]),
            "boolean" => Pick(["true", "false"]),
            "array" => Chance(0.5) ? "[]" : $"[{string.Join(',', Enumerable.Range(0, random.Next(1, 4)).Select(_ => schema.TryGetProperty("items", out var items) ? JsonOf(name, items, document, depth + 1) : "1"))}]",
            _ => Escaped(TextOf(name, schema)),
        };
    }

    /// <summary>Control characters as escapes, or as they are, which JSON doesn't allow.</summary>
    private string Escaped(string text) => Chance(0.03) ? $"\"{text}\"" : JsonSerializer.Serialize(text);

    /// <summary>Often what the field is for, else anything.</summary>
    private string TextOf(string name, JsonElement? schema)
    {
        if (Chance(0.35))
            return Pick(Texts);

        var format = schema is { ValueKind: JsonValueKind.Object } one && one.TryGetProperty("format", out var named) ? named.GetString() : null;
        return name switch
        {
            "username" => $"user{random.Next(1_000_000_000)}",
            "email" => $"user{random.Next(1_000_000_000)}@example.com",
            // Never the right one of who calls, so that they can sign in again.
            "current_password" => Pick(["a long enough password", Pick(Texts)]),
            "password" or "new_password" => Pick(["a long enough password", "alice123", Pick(Texts)]),
            "role" => "client",
            "client_id" => Pick(["energy-web", "energy-docs", "identity", "nobody"]),
            "grant_type" => Pick(["password", "refresh_token", "authorization_code", "client_credentials", "urn:energyaspire:registration"]),
            "response_type" => "code",
            "redirect_uri" => "http://energy.test/api/docs",
            "code_challenge" => new string('a', 43),
            "code_challenge_method" => "S256",
            "scope" => "openid profile",
            "max_age" => Pick(["0", "1", "922337203686", "9223372036854775807", "-1"]),
            "time_zone" => "Europe/Berlin",
            "limit" => Pick(["1", "100", "1000", "1001", "0"]),
            "granularity" => Pick(["hour", "day", "month"]),
            _ when format == "uuid" || name.EndsWith("id", StringComparison.Ordinal) => IdText(),
            _ when format == "date" || name.EndsWith("date", StringComparison.Ordinal) => Pick(["2026-03-29", "2026-01-01", "9999-12-31", "0001-01-01"]),
            _ when format == "date-time" || name is "from" or "to" or "until" => Pick(["2026-03-29T01:30:00Z", "2099-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"]),
            _ => Pick(["text", "1", "true", Pick(Texts)]),
        };
    }

    private string PathValue(string name, JsonElement? schema)
    {
        var value = Chance(0.1) ? Clean(Pick(Texts)) : name.EndsWith("id", StringComparison.Ordinal) ? IdText() : Clean(TextOf(name, schema));

        return value is "" or "." or ".." ? "x" : value[..Math.Min(value.Length, 500)];
    }

    /// <summary>Ids of what exists; of accounts that of one that nobody here signs in as.</summary>
    private string IdText() => Pick(
    [
        $"{user}", $"{DevelopmentData.HeatPump}", $"{DevelopmentData.Laundry}", $"{DevelopmentData.CarCharger}", "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
        $"{new Guid(random.Next(), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)}", "1", $"{{{user}}}", $"{user:N}", user.ToString().ToUpper(CultureInfo.InvariantCulture),
    ]);

    private static string? TypeOf(JsonElement schema) =>
        schema.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("type", out var type) ? null
        : type.ValueKind == JsonValueKind.String ? type.GetString()
        : type.EnumerateArray().Select(one => one.GetString()).LastOrDefault(one => one != "null");

    /// <summary>Half a character can't be put into an address.</summary>
    private static string Clean(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static byte[] Gzip(byte[] body)
    {
        using var result = new MemoryStream();
        using (var gzip = new GZipStream(result, CompressionLevel.Fastest))
            gzip.Write(body);

        return result.ToArray();
    }

    private bool Chance(double probability) => random.NextDouble() < probability;

    private T Pick<T>(T[] values) => values[random.Next(values.Length)];
}
