using System.Text.Json;
using EnergyAspire.Simulator.Expected;

namespace EnergyAspire.Chaos;

/// <summary>Prints progress and the result.</summary>
internal sealed class Report(ChaosOptions options, TextWriter output)
{
    private const int MostShown = 20;

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    private readonly Lock _gate = new();
    private readonly List<Death> _kills = [];
    private readonly List<string> _problems = [];
    private Accounts? _accounts;
    private ExpectedSummary? _sent;
    private (int Devices, int Hours) _compared;

    /// <summary>Whether no reading was lost, counted twice or wrong.</summary>
    public bool IsExact => _accounts is not null && _compared.Hours > 0 && _problems.Count == 0;

    public void Note(string text) => output.WriteLine($"{DateTime.UtcNow:HH:mm:ss}  {text}");

    /// <summary>Adds a kill whose victim runs again.</summary>
    public void AddKill(string victim, TimeSpan at, TimeSpan away, bool whileReporting, bool isInHand)
    {
        Note($"{victim} is back after {away.TotalSeconds:0.0} s");
        lock (_gate)
            _kills.Add(new Death(victim, Math.Round(at.TotalSeconds, 1), Math.Round(away.TotalSeconds, 1), whileReporting, isInHand));
    }

    public void AddAccounts(Accounts accounts, ExpectedSummary sent)
    {
        (_accounts, _sent) = (accounts, sent);
        _problems.AddRange(accounts.Problems(sent));
    }

    public void AddHours(Expectation expectation, IReadOnlyList<Difference> differences)
    {
        _compared = (expectation.Devices.Count, expectation.Devices.Sum(device => device.Hours.Count));
        _problems.AddRange(differences.Select(difference => difference.ToString()));
    }

    /// <summary>Prints the result and writes the file.</summary>
    public async Task FinishAsync(CancellationToken cancel)
    {
        await output.WriteLineAsync();
        await output.WriteLineAsync("| killed | at | away | work in hand |\n|---|---:|---:|---|");
        foreach (var kill in _kills.OrderBy(kill => kill.At))
            await output.WriteLineAsync($"| {kill.Victim} | {kill.At} s | {kill.Away} s | {(kill.WithWorkInHand ? "yes" : "")} |");
        await output.WriteLineAsync();
        await output.WriteLineAsync($"sent {_sent!.Readings}, of them {_sent.Stored} to store; {_sent.SentAgain} were sent again");
        await output.WriteLineAsync(
            $"received {_accounts!.Received} = {_accounts.Stored} stored + {_accounts.Duplicates} duplicates + {_accounts.Quarantined} quarantined");
        await output.WriteLineAsync($"{_compared.Hours} hours of {_compared.Devices} devices compared");
        foreach (var problem in _problems.Take(MostShown))
            await output.WriteLineAsync(problem);
        await output.WriteLineAsync(IsExact ? "exact: nothing lost, nothing doubled" : $"NOT exact: {_problems.Count} differences");

        if (options.Json is { } file)
        {
            var result = new
            {
                IsExact,
                options.Devices,
                options.Days,
                options.Seed,
                Kills = _kills,
                Sent = _sent,
                _accounts.Received,
                _accounts.Stored,
                _accounts.Duplicates,
                _accounts.Quarantined,
                HoursCompared = _compared.Hours,
                Problems = _problems,
            };
            await File.WriteAllTextAsync(file.FullName, JsonSerializer.Serialize(result, Json), cancel);
        }
    }

    private sealed record Death(string Victim, double At, double Away, bool WhileReporting, bool WithWorkInHand);
}
