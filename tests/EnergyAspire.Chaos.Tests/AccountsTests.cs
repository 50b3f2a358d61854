using EnergyAspire.Simulator.Expected;

namespace EnergyAspire.Chaos.Tests;

/// <summary>What is wrong is found.</summary>
public sealed class AccountsTests
{
    private static readonly ExpectedSummary Sent = new(
        Messages: 100, Readings: 100, Stored: 90, Duplicates: 6, new Dictionary<string, long> { ["negative"] = 4 }, SentAgain: 1);

    // One reading more than were sent: delivered again, and in quarantine again.
    private static readonly Accounts Right = new(
        Received: 101, Stored: 90, Duplicates: 6, Quarantined: 5, UnbalancedHours: 0, Rows: 90, RowEnergy: 900, Counted: 90, HourEnergy: 900,
        QuarantineRows: 5, new Dictionary<string, (long, long)> { ["negative"] = (5, 4) });

    [Fact]
    public void What_adds_up_is_right() => Assert.Empty(Right.Problems(Sent));

    public static TheoryData<string> Wrongs => [.. Wrong.Keys];

    [Theory]
    [MemberData(nameof(Wrongs))]
    public void Anything_else_is_a_problem(string wrong) => Assert.NotEmpty(Wrong[wrong](Right).Problems(Sent));

    private static readonly Dictionary<string, Func<Accounts, Accounts>> Wrong = new(StringComparer.Ordinal)
    {
        ["a stored reading is lost"] = right => right with { Received = 100, Stored = 89, Rows = 89, RowEnergy = 890, Counted = 89, HourEnergy = 890 },
        ["a reading is stored twice"] = right => right with { Received = 102, Stored = 91, Rows = 91, RowEnergy = 910, Counted = 91, HourEnergy = 910 },
        ["an hour counts a reading twice"] = right => right with { Counted = 91 },
        ["an hour holds more energy than its readings"] = right => right with { HourEnergy = 910 },
        ["a raw reading is gone"] = right => right with { Rows = 89 },
        ["a duplicate is lost"] = right => right with { Received = 100, Duplicates = 5 },
        ["a quarantined reading is lost"] = right => right with
        {
            Received = 99,
            Quarantined = 3,
            QuarantineRows = 3,
            Reasons = new Dictionary<string, (long, long)> { ["negative"] = (3, 3) },
        },
        ["a row in quarantine is gone"] = right => right with { QuarantineRows = 4 },
        ["a good reading is in quarantine"] = right => right with
        {
            Received = 102,
            Quarantined = 6,
            QuarantineRows = 6,
            Reasons = new Dictionary<string, (long, long)> { ["negative"] = (5, 4), ["rejected"] = (1, 1) },
        },
        ["an hour of the ledger doesn't add up"] = right => right with { UnbalancedHours = 1 },
    };
}
