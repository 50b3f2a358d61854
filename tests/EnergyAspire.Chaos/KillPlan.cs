namespace EnergyAspire.Chaos;

/// <summary>What is killed.</summary>
internal enum Victim
{
    /// <summary>One of the replicas of the service.</summary>
    Monitoring,

    /// <summary>The broker.</summary>
    RabbitMQ,

    /// <summary>The database server.</summary>
    PostgreSQL,
}

/// <summary>A death.</summary>
/// <param name="Victim">Who dies.</param>
/// <param name="At">When, since the fleet began to report.</param>
/// <param name="Away">How long it stays dead.</param>
/// <param name="Replica">Which replica, for <see cref="Victim.Monitoring"/>.</param>
internal sealed record Kill(Victim Victim, TimeSpan At, TimeSpan Away, int Replica);

/// <summary>Decides who dies when.</summary>
internal static class KillPlan
{
    private static readonly TimeSpan LongestAway = TimeSpan.FromSeconds(5);

    /// <summary>Spreads the deaths of each victim over the time, each at random within its share of it. Different victims may be dead at once.</summary>
    public static IReadOnlyList<Kill> Make(int seed, int kills, TimeSpan time, int replicas)
    {
        var random = new Random(seed);
        var plan = new List<Kill>();
        foreach (var victim in Enum.GetValues<Victim>())
        {
            for (var number = 0; number < kills; number++)
            {
                // Not in the last moment of all, so that the fleet still reports.
                var at = time * ((number + 0.05 + 0.9 * random.NextDouble()) / kills);
                plan.Add(new Kill(victim, at, LongestAway * random.NextDouble(), random.Next(replicas)));
            }
        }

        return [.. plan.OrderBy(kill => kill.At)];
    }
}
