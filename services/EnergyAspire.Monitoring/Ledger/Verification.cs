using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Readings;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace EnergyAspire.Monitoring.Ledger;

/// <summary>Verifies that hours are the sums of their raw readings and that the ledger matches the rows it counts. Reports each difference.</summary>
/// <remarks>
/// Each UTC day is compared in its own snapshot, so ingest may continue. Hours whose raw readings were dropped by retention can't be compared and are
/// left out.
/// </remarks>
public sealed class Verification(MonitoringDbContext db, IOptions<IngestOptions> options, LedgerMetrics metrics, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>Compares the hours day by day, then the ledger. The last event is the result.</summary>
    /// <param name="first">First UTC day of the hours; the oldest with raw readings when null.</param>
    /// <param name="last">Last UTC day of the hours; the newest that can have readings when null.</param>
    public async IAsyncEnumerable<SseItem<object>> RunAsync(DateOnly? first, DateOnly? last, [EnumeratorCancellation] CancellationToken cancel)
    {
        db.Database.SetCommandTimeout(Patience);
        var days = KeptSpan.Of(options.Value, time.GetUtcNow()).Narrow(first, last).Days().ToList();
        var total = days.Count + 1;
        yield return Progress(0, "The verification has begun.");

        var (hours, readings) = (0L, 0L);
        var (_, unknown) = await SiteZones.ReadAsync(db, cancel);
        var differences = unknown.Count;
        foreach (var zone in unknown)
            yield return Event(LedgerDifference.Of(zone));

        for (var day = 0; day < days.Count; day++)
        {
            // Read again for each day: devices with other zones may be added during the verification.
            var (zones, _) = await SiteZones.ReadAsync(db, cancel);
            var compared = await HourCheck.CompareAsync(db, days[day], zones, device: null, cancel);
            hours += compared.Hours;
            readings += compared.Readings;
            differences += compared.Wrong.Count;
            foreach (var wrong in compared.Wrong)
                yield return Event(LedgerDifference.Of(wrong));
            yield return Progress(day + 1, string.Create(CultureInfo.InvariantCulture, $"The hours of {days[day].From:yyyy-MM-dd} (UTC) are checked."));
        }

        var entries = await LedgerCheck.CompareAsync(db, cancel);
        differences += entries.Count;
        foreach (var wrong in entries)
            yield return Event(LedgerDifference.Of(wrong));
        metrics.Verified(differences);
        yield return Progress(total, "The ledger is checked.");

        yield return new SseItem<object>(new VerificationResult(differences == 0, hours, readings, differences), "result");

        SseItem<object> Progress(int done, string message) => new(new VerificationProgress(done, total, message), "progress");
        SseItem<object> Event(LedgerDifference difference) => new(difference, "difference");
    }
}
