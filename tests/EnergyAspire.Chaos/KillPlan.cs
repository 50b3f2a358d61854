namespace EnergyAspire.Chaos;

/// <summary>What is killed; those that die with work in hand do so in this order, so that each still finds the others at work.</summary>
internal enum Victim
{
    /// <summary>One of the replicas of the service.</summary>
    Monitoring,

    /// <summary>The database server.</summary>
    PostgreSQL,

    /// <summary>The broker.</summary>
    RabbitMQ,
}

/// <summary>A death.</summary>
/// <param name="Victim">Who dies.</param>
/// <param name="At">When, since the fleet began to report.</param>
/// <param name="Away">How long it stays dead.</param>
/// <param name="Replica">Which replica, for <see cref="Victim.Monitoring"/>.</param>
/// <param name="Held">
/// Table that batches are kept from writing to just before, so that work is in hand when the victim dies; null for a death at any moment.
/// </param>
internal sealed record Kill(Victim Victim, TimeSpan At, TimeSpan Away, int Replica, string? Held);

/// <summary>Decides who dies when.</summary>
internal static class KillPlan
{
    private static readonly TimeSpan LongestAway = TimeSpan.FromSeconds(5);

    // The last one that a batch writes to comes first: everything else is done by then, and must be undone.
    private static readonly string[] Tables = ["ledger", "hourly_consumption", "readings"];

    /// <summary>
    /// Spreads the deaths of each victim over the time, each within its share of it: by turns with work in hand, one victim after another,
    /// and at random moments, when different victims may be dead at once.
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
                // Not in the last moment of all, so that the fleet still reports.
                var moment = held is null ? 0.05 + 0.9 * random.NextDouble() : 0.05 + 0.33 * (int)victim + 0.2 * random.NextDouble();
                plan.Add(new Kill(victim, time * ((number + moment) / kills), longestAway * random.NextDouble(), random.Next(replicas), held));
            }
        }

        return [.. plan.OrderBy(kill => kill.At)];
    }
}
