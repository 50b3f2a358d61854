using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Aspire.Hosting.Dcp;

/// <summary>Aspire's orchestrator process: starts it, and creates, watches and stops its objects through its Kubernetes-like API.</summary>
/// <remarks>It watches this process: whatever way this one ends, it stops every program and then itself.</remarks>
internal sealed class DcpEngine(string appHostDirectory) : IDisposable
{
    private const string Group = "usvc-dev.developer.microsoft.com/v1";

    // What the launcher of the AppHost set for the AppHost must not reach the programs.
    private static readonly string[] AppHostOnly =
        ["ASPNETCORE_URLS", "DOTNET_LAUNCH_PROFILE", "ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT", "ASPIRE_LOGLEVEL"];

    private string? _session;
    private HttpClient? _http;

    public string Repository { get; } = Ancestors(appHostDirectory).FirstOrDefault(
        folder => Path.Exists(Path.Combine(folder, ".git")) || Directory.EnumerateFiles(folder, "*.sln").Any()) ?? appHostDirectory;

    public string DcpPath => Find("dcp/dcp");

    public string DashboardPath => Find("managed/aspire-managed");

    public async Task StartAsync(CancellationToken cancel)
    {
        _session = Directory.CreateTempSubdirectory("aspire-dcp-").FullName;
        var config = Path.Combine(_session, "kubeconfig");
        var start = new ProcessStartInfo(DcpPath)
        {
            ArgumentList = { "start-apiserver", "--monitor", $"{Environment.ProcessId}", "--detach", "--kubeconfig", config },
            Environment = { ["DCP_SESSION_FOLDER"] = _session },
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in AppHostOnly)
            start.Environment.Remove(name);
        using (var launcher = Process.Start(start)!)
        {
            await launcher.WaitForExitAsync(cancel);
            if (launcher.ExitCode != 0)
                throw new DistributedApplicationException($"Aspire's orchestrator did not start: {await launcher.StandardError.ReadToEndAsync(cancel)}");
        }

        var deadline = Stopwatch.StartNew();
        while (!await TryConnectAsync(config, cancel))
        {
            if (deadline.Elapsed > TimeSpan.FromSeconds(60))
                throw new DistributedApplicationException("Aspire's orchestrator did not answer within a minute; see `ps` for what else keeps this machine busy.");
            await Task.Delay(50, cancel);
        }
    }

    public async Task CreateAsync(string kind, string plural, string name, JsonObject annotations, JsonObject spec, CancellationToken cancel)
    {
        var body = new JsonObject
        {
            ["apiVersion"] = Group,
            ["kind"] = kind,
            ["metadata"] = new JsonObject { ["name"] = name, ["annotations"] = annotations },
            ["spec"] = spec,
        };
        using var answer = await Http.PostAsync(Address(plural), Json(body, "application/json"), cancel);
        await ThrowIfRefusedAsync(answer, name, cancel);
    }

    public async Task StopProgramAsync(string name, CancellationToken cancel)
    {
        var patch = new JsonObject { ["spec"] = new JsonObject { ["stop"] = true } };
        using var answer = await Http.PatchAsync(Address("executables", name), Json(patch, "application/merge-patch+json"), cancel);
        await ThrowIfRefusedAsync(answer, name, cancel);
    }

    /// <summary>Stops the program if it runs and returns when nothing is left of it.</summary>
    public async Task DeleteProgramAsync(string name, CancellationToken cancel)
    {
        using var answer = await Http.DeleteAsync(Address("executables", name), cancel);
        if (answer.StatusCode != HttpStatusCode.NotFound)
            await ThrowIfRefusedAsync(answer, name, cancel);
        while (true)
        {
            using var present = await Http.GetAsync(Address("executables", name), cancel);
            if (present.StatusCode == HttpStatusCode.NotFound)
                return;
            await Task.Delay(100, cancel);
        }
    }

    /// <summary>All objects of a kind as they are, then each change; reconnects when the orchestrator ends the stream.</summary>
    public async IAsyncEnumerable<JsonNode> WatchAsync(string plural, [EnumeratorCancellation] CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            await using var stream = await Http.GetStreamAsync(Address(plural, query: "watch=true"), cancel);
            using var reader = new StreamReader(stream);
            while (await reader.ReadLineAsync(cancel) is { } line)
            {
                var change = JsonNode.Parse(line)!;
                if (change["type"]!.GetValue<string>() is "ADDED" or "MODIFIED")
                    yield return change["object"]!;
            }
        }
    }

    /// <summary>The program's output with times, until some seconds after its end.</summary>
    public async IAsyncEnumerable<string> LogsAsync(string name, string source, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var answer = await Http.GetAsync(
            Address("executables", $"{name}/log", $"source={source}&follow=true&timestamps=true"), HttpCompletionOption.ResponseHeadersRead, cancel);
        if (!answer.IsSuccessStatusCode)
            yield break;
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(cancel));
        while (await reader.ReadLineAsync(cancel) is { } line)
            yield return line;
    }

    /// <summary>Stops every program and the orchestrator; returns when all are gone.</summary>
    public async Task StopAsync()
    {
        if (_session is null || _http is null)
            return;
        try
        {
            var patch = new JsonObject { ["status"] = "Stopping", ["shutdownResourceCleanup"] = "Full" };
            using var answer = await _http.PatchAsync(new Uri("/admin/execution", UriKind.Relative), Json(patch, "application/merge-patch+json"));
        }
        catch (HttpRequestException)
        {
            return; // It has died before; the guards of its programs end them.
        }

        // The orchestrator removes its folder as the last thing it does.
        for (var waited = Stopwatch.StartNew(); Directory.Exists(_session) && waited.Elapsed < TimeSpan.FromSeconds(30);)
            await Task.Delay(50);
        _session = null;
    }

    public void Dispose() => _http?.Dispose();

    private HttpClient Http => _http ?? throw new InvalidOperationException("Aspire's orchestrator has not been started.");

    private async Task<bool> TryConnectAsync(string config, CancellationToken cancel)
    {
        if (!File.Exists(config))
            return false;
        _http ??= Connect(await File.ReadAllTextAsync(config, cancel));
        try
        {
            using var answer = await _http.GetAsync(new Uri("/readyz", UriKind.Relative), cancel);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static HttpClient Connect(string config)
    {
        var authority = X509CertificateLoader.LoadCertificate(PemOrDer(Value("certificate-authority-data")));
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { authority },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
            },
        };
        return new HttpClient(handler)
        {
            BaseAddress = new Uri(Value("server")),
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", Value("token")) },
            Timeout = Timeout.InfiniteTimeSpan,
        };

        string Value(string key) => Regex.Match(config, $@"^\s*(?:- )?{key}: ""?([^""\s]+)""?\s*$", RegexOptions.Multiline, TimeSpan.FromSeconds(1)).Groups[1].Value;

        static byte[] PemOrDer(string base64)
        {
            var bytes = Convert.FromBase64String(base64);
            return bytes is [(byte)'-', ..] ? X509Certificate2.CreateFromPem(Encoding.UTF8.GetString(bytes)).RawData : bytes;
        }
    }

    private static Uri Address(string plural, string? name = null, string? query = null) =>
        new($"/apis/{Group}/{plural}{(name is null ? "" : $"/{name}")}{(query is null ? "" : $"?{query}")}", UriKind.Relative);

    private static StringContent Json(JsonObject body, string type) => new(body.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue(type));

    private static async Task ThrowIfRefusedAsync(HttpResponseMessage answer, string name, CancellationToken cancel)
    {
        if (answer.IsSuccessStatusCode)
            return;
        var body = await answer.Content.ReadAsStringAsync(cancel);
        throw new DistributedApplicationException($"Aspire's orchestrator refused '{name}': {Message(body)}");

        static string Message(string body)
        {
            try
            {
                return JsonNode.Parse(body)?["message"]?.GetValue<string>() ?? body;
            }
            catch (JsonException)
            {
                return body;
            }
        }
    }

    private string Find(string relative) =>
        Ancestors(appHostDirectory).Concat(Ancestors(AppContext.BaseDirectory))
            .Select(folder => Path.Combine(folder, "artifacts", "aspire", "versions"))
            .Where(Directory.Exists)
            .SelectMany(Directory.EnumerateDirectories)
            .Select(version => Path.Combine(version, relative))
            .FirstOrDefault(File.Exists)
        ?? throw new DistributedApplicationException("Aspire's engine is not installed. Run ./run.sh or build/engine/install.sh once.");

    private static IEnumerable<string> Ancestors(string folder)
    {
        for (var current = new DirectoryInfo(folder); current is not null; current = current.Parent)
            yield return current.FullName;
    }
}
