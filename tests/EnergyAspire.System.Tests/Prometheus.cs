using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using EnergyAspire.Testing;

namespace EnergyAspire.System.Tests;

/// <summary>Answer to a query.</summary>
/// <param name="Error">What is wrong with the query; null when it is valid.</param>
/// <param name="Series">Number of series in the result.</param>
public sealed record QueryResult(string? Error, int Series);

/// <summary>Prometheus from this machine's package, which scrapes the running system every second until it is disposed.</summary>
public sealed class Prometheus : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("energyaspire-prometheus-");
    private readonly StringBuilder _log = new();
    private readonly HttpClient _http;
    private readonly Process _process;

    private Prometheus(string configuration)
    {
        var file = Path.Combine(_folder.FullName, "prometheus.yml");
        File.WriteAllText(file, configuration);
        var port = ServiceProcess.FreePort();
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        _process = Start(
            "prometheus", $"--config.file={file}", $"--storage.tsdb.path={_folder.FullName}/data", $"--web.listen-address=127.0.0.1:{port}");
        _process.OutputDataReceived += Log;
        _process.ErrorDataReceived += Log;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Starts Prometheus and waits until it has scraped each target.</summary>
    /// <param name="rules">Path of the alert rules.</param>
    /// <param name="targets">Name of each job with the address that it scrapes.</param>
    public static async Task<Prometheus> StartAsync(string rules, IReadOnlyDictionary<string, Uri> targets)
    {
        var jobs = targets.Select(target => $"  - {{job_name: '{target.Key}', static_configs: [{{targets: ['{target.Value.Authority}']}}]}}");
        var prometheus = new Prometheus($$"""
            global: {scrape_interval: 1s, evaluation_interval: 1s}
            rule_files: ['{{rules}}']
            scrape_configs:
            {{string.Join('\n', jobs)}}
            """);
        try
        {
            await Eventually.TrueAsync(
                async () => (await prometheus.TryQueryAsync("up == 1"))?.Series == targets.Count,
                "Prometheus scrapes all targets", Patience);
            return prometheus;
        }
        catch (TimeoutException timeout)
        {
            var log = prometheus.Output;
            await prometheus.DisposeAsync();
            throw new TimeoutException($"{timeout.Message} {log}", timeout);
        }
    }

    /// <summary>Runs <c>promtool</c> and returns its exit code and output.</summary>
    public static async Task<(int ExitCode, string Output)> CheckAsync(params string[] arguments)
    {
        using var tool = Start("promtool", ["check", .. arguments]);
        var (output, errors) = (tool.StandardOutput.ReadToEndAsync(), tool.StandardError.ReadToEndAsync());
        try
        {
            await tool.WaitForExitAsync().WaitAsync(Patience);
            return (tool.ExitCode, await output + await errors);
        }
        finally
        {
            tool.Kill();
        }
    }

    /// <summary>Runs an instant query.</summary>
    public async Task<QueryResult> QueryAsync(string expression)
    {
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("query", expression)]);
        using var response = await _http.PostAsync(new Uri("/api/v1/query", UriKind.Relative), form);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();

        return answer.GetProperty("status").GetString() == "success"
            ? new QueryResult(null, answer.GetProperty("data").GetProperty("result").GetArrayLength())
            : new QueryResult(answer.GetProperty("error").GetString(), 0);
    }

    /// <summary>Returns the alert rules as Prometheus has read and evaluated them.</summary>
    public async Task<List<JsonElement>> RulesAsync()
    {
        var answer = await _http.GetFromJsonAsync<JsonElement>(new Uri("/api/v1/rules", UriKind.Relative));
        return [.. answer.GetProperty("data").GetProperty("groups").EnumerateArray().SelectMany(group => group.GetProperty("rules").EnumerateArray())];
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _http.Dispose();
        _folder.Delete(recursive: true);
    }

    private string Output
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    private async Task<QueryResult?> TryQueryAsync(string expression)
    {
        if (_process.HasExited)
            throw new TimeoutException("Prometheus has ended.");

        try
        {
            return await QueryAsync(expression);
        }
        catch (Exception notYet) when (notYet is HttpRequestException or JsonException)
        {
            return null;
        }
    }

    private static Process Start(string program, params string[] arguments) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        UseShellExecute = false,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    private void Log(object sender, DataReceivedEventArgs line)
    {
        lock (_log)
            _log.AppendLine(line.Data);
    }
}
