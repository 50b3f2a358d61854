using System.Net.Sockets;
using EnergyAspire.Doctor.Checks;
using EnergyAspire.ServiceDefaults;
using Npgsql;

namespace EnergyAspire.Doctor;

/// <summary>A check and its result.</summary>
/// <param name="Name">Name of the check.</param>
/// <param name="Result">Result.</param>
/// <param name="Finding">The finding as a sentence.</param>
/// <param name="Action">What to do; null when the result is <see cref="CheckResult.Ok"/>.</param>
internal sealed record CheckedItem(string Name, CheckResult Result, string Finding, string? Action);

/// <summary>The results of all checks.</summary>
/// <param name="Version">Version of the doctor.</param>
/// <param name="At">Start of the checks by the clock of this machine.</param>
/// <param name="Result">The worst result; checks that were not made don't count.</param>
/// <param name="Checks">All checks in a fixed order.</param>
internal sealed record DoctorReport(string Version, DateTimeOffset At, CheckResult Result, IReadOnlyList<CheckedItem> Checks);

/// <summary>Makes all checks.</summary>
internal static class Examination
{
    // Each check may open a connection to PostgreSQL.
    private const int AtOnce = 8;

    /// <summary>Makes all checks, several at a time. A check that fails or takes too long doesn't affect the others.</summary>
    public static async Task<DoctorReport> RunAsync(Installation installation, CancellationToken cancel)
    {
        var start = TimeProvider.System.GetUtcNow();
        Check[] checks =
        [
            .. SettingsChecks.Of(installation), .. ServiceChecks.Of(installation), .. CertificateCheck.Of(installation),
            .. PostgresChecks.Of(installation), .. DatabaseChecks.Of(installation), .. IdentityChecks.Of(installation),
            .. MonitoringChecks.Of(installation), .. ReplicaChecks.Of(installation), .. BrokerChecks.Of(installation),
            .. QueueChecks.Of(installation), .. CacheCheck.Of(installation), .. BackupCheck.Of(installation),
        ];
        var items = new CheckedItem[checks.Length];
        await Parallel.ForAsync(0, checks.Length, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel }, async (number, token) =>
        {
            var (result, finding, action) = await RunAsync(checks[number], installation.Options.Timeout, token);
            items[number] = new CheckedItem(checks[number].Name, result, finding, action);
        });

        var worst = Array.Exists(items, item => item.Result == CheckResult.Failed) ? CheckResult.Failed
            : Array.Exists(items, item => item.Result == CheckResult.Warning) ? CheckResult.Warning
            : CheckResult.Ok;
        return new DoctorReport(ProductVersion.Current, start, worst, items);
    }

    /// <summary>The message of a failure as one line that ends with a full stop.</summary>
    public static string Reason(Exception failure)
    {
        var message = failure switch
        {
            PostgresException refused => refused.MessageText,
            // Their messages may repeat a part of a connection string.
            ArgumentException or FormatException => "A connection string or address in the settings can't be read",
            _ => failure.GetBaseException() is SocketException network ? network.Message : failure.GetBaseException().Message,
        };
        var line = message.ReplaceLineEndings(" ").Trim();

        return line.EndsWith('.') ? line : $"{line}.";
    }

    private static async Task<Verdict> RunAsync(Check check, TimeSpan timeout, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(timeout);
        try
        {
            // Some libraries don't end a connection attempt when it is cancelled.
            return await check.RunAsync(limit.Token).WaitAsync(timeout + TimeSpan.FromSeconds(1), cancel);
        }
        catch (Exception failure) when (!cancel.IsCancellationRequested)
        {
            var reason = failure is TimeoutException or OperationCanceledException
                ? $"There was no result within {timeout.TotalSeconds:0.#} seconds."
                : Reason(failure);
            return check.IfUnreachable is { } action
                ? Verdict.Failed(reason, action)
                : Verdict.NotChecked(
                    reason, "Follow the actions of the other checks and run the doctor again, with a longer Doctor:Timeout if there was no result.");
        }
    }
}
