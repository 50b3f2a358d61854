namespace EnergyAspire.Chaos.Tests;

public sealed class PlanTests
{
    private static readonly TimeSpan Time = TimeSpan.FromMinutes(2);

    [Fact]
    public void Each_victim_dies_as_often_as_asked_within_its_share_of_the_time()
    {
        var plan = KillPlan.Make(seed: 3, kills: 4, Time, replicas: 2);

        Assert.Equal(12, plan.Count);
        Assert.Equal(plan.OrderBy(kill => kill.At), plan);
        foreach (var victim in Enum.GetValues<Victim>())
        {
            var shares = plan.Where(kill => kill.Victim == victim).Select(kill => (int)(kill.At / (Time / 4)));
            Assert.Equal([0, 1, 2, 3], shares);
        }

        Assert.All(plan, kill => Assert.InRange(kill.Replica, 0, 1));
    }

    [Fact]
    public void By_turns_they_die_with_work_in_hand_one_after_another_and_at_any_moment()
    {
        var plan = KillPlan.Make(seed: 3, kills: 3, Time, replicas: 2);

        foreach (var (share, table) in new[] { (0, "ledger"), (2, "hourly_consumption") })
        {
            Assert.Equal(
                [(Victim.Monitoring, table), (Victim.PostgreSQL, table), (Victim.RabbitMQ, table)],
                plan.Where(kill => (int)(kill.At / (Time / 3)) == share).Select(kill => (kill.Victim, kill.Held)));
        }

        Assert.All(plan.Where(kill => (int)(kill.At / (Time / 3)) == 1), kill => Assert.Null(kill.Held));
    }

    [Fact]
    public void The_same_seed_gives_the_same_plan_and_another_one_another()
    {
        Assert.Equal(KillPlan.Make(seed: 3, kills: 3, Time, replicas: 2), KillPlan.Make(seed: 3, kills: 3, Time, replicas: 2));
        Assert.NotEqual(KillPlan.Make(seed: 3, kills: 3, Time, replicas: 2), KillPlan.Make(seed: 4, kills: 3, Time, replicas: 2));
    }

    [Theory]
    [InlineData("2026-11-26T12:00:00Z", 1, "2026-10-25T00:00:00Z")]
    [InlineData("2026-11-26T12:00:00Z", 3, "2026-10-24T00:00:00Z")]
    [InlineData("2027-08-01T00:00:00Z", 3, "2027-03-27T00:00:00Z")]
    // The change of this very day isn't over.
    [InlineData("2026-10-25T12:00:00Z", 1, "2026-03-29T00:00:00Z")]
    public void The_fleet_reports_across_the_last_change_of_the_clocks(string now, int days, string start) =>
        Assert.Equal(DateTimeOffset.Parse(start, null), ClockChange.StartBefore(DateTimeOffset.Parse(now, null), days));
}
