using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace EnergyAspire.Services.Tests.Fuzz;

/// <summary>
/// Whatever a client sends is the client's fault: no answer is a failure of the system, takes long, or shows how the system is made.
/// <c>FUZZ_SEED</c> and <c>FUZZ_COUNT</c> make it other requests, and more of them.
/// </summary>
public sealed partial class FuzzTests(WholeSystem system, ITestOutputHelper output) : IClassFixture<WholeSystem>
{
    private const int AtOnce = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Two RSA keys and their encryption are seconds of work where the processor has other things to do.</summary>
    private static readonly TimeSpan PatienceWithKeys = TimeSpan.FromSeconds(30);

    private static readonly (string Name, string? Password)[] Callers = [("nobody", null), ("alice", "alice123"), ("admin", "admin123")];

    [Fact]
    public async Task Nothing_that_a_client_sends_is_a_failure_of_the_system()
    {
        var seed = Setting("FUZZ_SEED", 1);
        var count = Setting("FUZZ_COUNT", 3000);
        output.WriteLine($"FUZZ_SEED={seed} FUZZ_COUNT={count}");
        var operations = Operations.Read();
        var user = await RegisterAsync();
        var tokens = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        var statuses = new ConcurrentDictionary<int, int>();
        var faults = new ConcurrentQueue<string>();

        // Each request has a seed of its own, so that it is the same whatever the others take.
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = TestContext.Current.CancellationToken }, async (number, cancel) =>
        {
            var random = new Random(unchecked((seed * 1_000_003) + number));
            var (operation, document) = operations[random.Next(operations.Count)];
            var (name, password) = Callers[random.Next(Callers.Length)];
            var token = password is null ? null : tokens.TryGetValue(name, out var known) ? known : tokens[name] = await system.TokenAsync(name, password);
            var request = new Requests(random, user).Next(operation, document, name, token);

            using var message = request.ToMessage(system.Client.BaseAddress!);
            var started = Stopwatch.GetTimestamp();
            using var answer = await SendAsync(message, cancel);
            // A stream of events begins at once and takes as long as what it tells of.
            var began = Stopwatch.GetElapsedTime(started);
            var body = answer is null ? "" : await answer.Content.ReadAsStringAsync(cancel);
            var took = answer?.Content.Headers.ContentType?.MediaType == "text/event-stream" ? began : Stopwatch.GetElapsedTime(started);
            var status = answer is null ? 0 : (int)answer.StatusCode;
            statuses.AddOrUpdate(status, 1, (_, before) => before + 1);
            // The keys were rotated, or the like.
            if (answer?.StatusCode == HttpStatusCode.Unauthorized)
                tokens.TryRemove(name, out _);

            var fault = status is 0 or >= 500 ? $"status {status}" : took > (operation.Path == "/api/auth/keys/rotate" ? PatienceWithKeys : Patience) ? $"{took.TotalSeconds:0.0} s" : StackTrace().IsMatch(body) ? "a stack trace" : null;
            if (fault is not null)
                faults.Enqueue($"{fault}: {body[..Math.Min(body.Length, 300)]}\n  {operation.Method} {operation.Path}\n  {request.ToCurl(system.Client.BaseAddress!)}");
        });

        output.WriteLine(string.Join(", ", statuses.OrderBy(status => status.Key).Select(status => $"{status.Key}: {status.Value}")));
        Assert.True(faults.IsEmpty, $"FUZZ_SEED={seed}: {faults.Count} of {count}\n{string.Join('\n', faults.Take(20))}");
        // Requests that all fail at the door prove nothing.
        Assert.True(statuses.GetValueOrDefault(200) > count / 20, $"Only {statuses.GetValueOrDefault(200)} requests succeeded.");
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : otherwise;

    private async Task<HttpResponseMessage?> SendAsync(HttpRequestMessage message, CancellationToken cancel)
    {
        try
        {
            return await system.Client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancel);
        }
        catch (HttpRequestException)
        {
            // The connection was closed without an answer, or the answer is none.
            return null;
        }
    }

    private async Task<Guid> RegisterAsync()
    {
        using var answer = await system.Client.PostAsJsonAsync("/api/auth/register", new { username = "fuzzed", password = "a long enough password" });
        answer.EnsureSuccessStatusCode();

        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("tokens").GetProperty("user").GetProperty("id").GetGuid();
    }

    [GeneratedRegex(@"^\s+at [\w.<>`]+\(|\w+Exception:|\.cs:line \d", RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex StackTrace();
}
