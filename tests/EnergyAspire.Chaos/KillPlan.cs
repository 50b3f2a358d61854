namespace EnergyAspire.Chaos;

/// <summary>Processes that are killed. Kills during a batch happen in this order, so that the other processes are running at each.</summary>
internal enum Victim
{
    /// <summary>One of the replicas of the service.</summary>
    Monitoring,

    /// <summary>The database server.</summary>
    PostgreSQL,

    /// <summary>The broker.</summary>
    RabbitMQ,
}

/// <summary>A planned kill.</summary>
/// <param name="Victim">Process to kill.</param>
/// <param name="At">Time since the fleet began to report.</param>
/// <param name="Away">Time until it is started again.</param>
/// <param name="Replica">Which replica, for <see cref="Victim.Monitoring"/>.</param>
/// <param name="Held">
/// Table that is locked before the kill, so that a batch is in progress when the victim is killed; null for a kill at a random moment.
/// </param>
internal sealed record Kill(Victim Victim, TimeSpan At, TimeSpan Away, int Replica, string? Held);

/// <summary>Plans the kills.</summary>
internal static class KillPlan
{
    private static readonly TimeSpan LongestAway = TimeSpan.FromSeconds(5);

    // The last table that a batch writes to comes first: by then the batch has done all other work, which must be rolled back.
    private static readonly string[] Tables = ["ledger", "hourly_consumption", "readings"];

    /// <summary>
    /// Spreads the kills of each victim evenly over the time. Kills during a batch, one victim after another, alternate with kills at random moments,
    /// when several victims may be down at once.
    /// </summary>
    public static IReadOnlyList<Kill> Make(int seed, int kills, TimeSpan time, int replicas)
    {
        var random = new Random(seed);
        var plan = new List<Kill>();
        var longestAway = time / kills / 5 < LongestAway ? time / kills / 5 : LongestAway;
        foreach (var victim in Enum.GetValues<Victim>())
        {
            for (var number = 0; number < kills; number++)
            {
                var held = number % 2 == 0 ? Tables[number / 2 % Tables.Length] : null;
                // Not at the very end, so that the fleet is still reporting.
                var moment = held is null ? 0.05 + 0.9 * random.NextDouble() : 0.05 + 0.33 * (int)victim + 0.2 * random.NextDouble();
                plan.Add(new Kill(victim, time * ((number + moment) / kills), longestAway * random.NextDouble(), random.Next(replicas), held));
            }
        }

        return [.. plan.OrderBy(kill => kill.At)];
    }
}
