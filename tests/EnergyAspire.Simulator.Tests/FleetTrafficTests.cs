using System.Text;
using CsCheck;
using EnergyAspire.Simulator.Expected;
using EnergyAspire.Simulator.Readings;
using EnergyAspire.Simulator.Settings;
using EnergyAspire.Simulator.Traffic;

namespace EnergyAspire.Simulator.Tests;

public sealed class FleetTrafficTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 28, 0, 0, 0, TimeSpan.Zero);
    private static readonly FaultShares EveryFault = new(0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.2, TimeSpan.FromHours(6));
    private static readonly string[] Zones = ["Europe/Berlin", "Asia/Kolkata", "America/New_York", "Australia/Lord_Howe"];

    private static readonly Gen<double> Share = Gen.OneOf(Gen.Const(0.0), Gen.Double[0, 0.2]);
    private static readonly Gen<FaultShares> AnyFaults =
        from repeated in Gen.Select(Share, Share)
        from delayed in Gen.Select(Share, Share)
        from wrong in Gen.Select(Share, Share, Share, Share, Share)
        from clock in Gen.Double[0, 1]
        from hours in Gen.Int[0, 12]
        select new FaultShares(
            repeated.Item1, repeated.Item2, delayed.Item1, delayed.Item2, wrong.Item1, wrong.Item2, wrong.Item3, wrong.Item4, wrong.Item5, clock,
            TimeSpan.FromHours(hours));

    private static readonly Gen<SimulatorSettings> AnyRun =
        from faults in AnyFaults
        from seed in Gen.Long
        from devices in Gen.Int[1, 6]
        from seconds in Gen.OneOf(Gen.Const(300), Gen.Const(420), Gen.Const(600), Gen.Const(900), Gen.Const(3600), Gen.Const(5400))
        from batch in Gen.OneOf(Gen.Const(1), Gen.Int[1, 20])
        select Run(faults, seed, devices, seconds) with { Batch = batch };

    [Fact]
    public void Whatever_the_order_of_the_messages_what_must_be_is_what_becomes_of_them() =>
        Gen.Select(AnyRun, Gen.Int).Sample(
            (run, order) =>
            {
                var messages = Messages(run);
                var (hours, summary) = Expected(run, messages);
                var shuffled = messages.Concat(messages.Where((_, number) => number % 7 == 0)).ToArray();
                new Random(order).Shuffle(shuffled);

                var reference = Reference(run);
                foreach (var message in shuffled)
                    reference.Take(message.Body);

                Assert.Equal(hours, reference.Hours);
                Assert.Equal(summary.Stored, reference.Stored);
            },
            iter: 100);

    [Fact]
    public void What_is_counted_is_what_becomes_of_the_messages_in_the_order_sent() =>
        AnyRun.Sample(
            run =>
            {
                var messages = Messages(run);
                var (_, summary) = Expected(run, messages);
                var reference = Reference(run);
                foreach (var message in messages)
                    reference.Take(message.Body);

                Assert.Equal(messages.Count, summary.Messages);
                Assert.Equal(reference.Received, summary.Readings);
                Assert.Equal(reference.Duplicates, summary.Duplicates);
                Assert.Equal(reference.Quarantined, summary.Quarantined);
                Assert.Equal(summary.Readings, summary.Stored + summary.Duplicates + summary.Quarantined.Values.Sum());
            },
            iter: 100);

    [Fact]
    public void The_same_options_give_the_same_bytes_and_another_seed_others() =>
        AnyRun.Sample(
            run => Text(Messages(run)).SequenceEqual(Text(Messages(run)))
                && !Text(Messages(run)).SequenceEqual(Text(Messages(run with { Seed = run.Seed + 1 }))),
            iter: 30);

    [Fact]
    public void Messages_of_many_readings_hold_what_messages_of_one_hold()
    {
        var run = Run(EveryFault);
        var ones = Messages(run).SelectMany(message => message.Readings).ToList();
        var tens = Messages(run with { Batch = 10 });

        Assert.Equal(ones, tens.SelectMany(message => message.Readings));
        Assert.All(tens, message => Assert.InRange(message.Readings.Count, 1, 10));
        Assert.InRange(tens.Average(message => message.Readings.Count), 2, 10);
    }

    [Fact]
    public void No_timestamp_of_a_meter_comes_twice_however_often_its_clock_changes() =>
        Gen.Select(Gen.Double[0, 1], Gen.Long, Gen.Int[2, 90_000]).Sample(
            (share, seed, seconds) =>
            {
                var meter = Meters(1, seed)[0];
                var plan = new FaultPlan(new FaultShares(ClockChanges: share), TimeSpan.FromSeconds(seconds), seed);
                var stamps = Enumerable.Range(0, 500).Select(number => plan.StampOf(meter, DateTimeOffset.UnixEpoch.AddSeconds(100_000_000L + (long)number * seconds)));

                return stamps.Distinct().Count() == 500;
            },
            iter: 500);

    [Fact]
    public void A_wrong_clock_moves_readings_into_other_hours_and_never_into_the_future()
    {
        var readings = Messages(Run(new FaultShares(ClockChanges: 0.5), devices: 20)).Select(message => (message.Due, Reading: message.Readings[0])).ToList();
        var moved = readings.Count(sent => sent.Reading.Timestamp.ToUnixTimeSeconds() % 600 != 0);

        Assert.InRange(moved / (double)readings.Count, 0.35, 0.65);
        Assert.All(readings, sent => Assert.InRange(sent.Due - sent.Reading.Timestamp, TimeSpan.Zero, TimeSpan.FromHours(2.5)));
        Assert.Contains(readings, sent => sent.Due - sent.Reading.Timestamp > TimeSpan.FromHours(1.5));
    }

    [Fact]
    public void Every_fault_has_its_share()
    {
        var run = Run(EveryFault with { ClockChanges = 0 }, devices: 40);
        var messages = Messages(run);
        var readings = messages.SelectMany(message => message.Readings.Select(reading => (message.Due, Reading: reading))).ToList();
        var regular = 40.0 * 3 * 144;

        Assert.InRange(Share(Outcome.Malformed), 0.04, 0.06);
        Assert.InRange(Share(Outcome.Negative), 0.04, 0.06);
        Assert.InRange(Share(Outcome.Future), 0.04, 0.06);
        Assert.InRange(Share(Outcome.UnknownDevice), 0.04, 0.06);
        Assert.InRange(1 - Share(Outcome.Stored), 0.23, 0.27);
        Assert.InRange(Share(Outcome.ConflictingDuplicate), 0.05 * 0.75 - 0.01, 0.05 * 0.75 + 0.01);
        Assert.InRange(Share(Outcome.Duplicate), 0.10 * 0.75 - 0.01, 0.10 * 0.75 + 0.01);

        var delays = readings.Where(sent => sent.Reading.Outcome == Outcome.Stored).Select(sent => sent.Due - sent.Reading.Timestamp - 2 * run.Interval).ToList();
        Assert.InRange(delays.Count(delay => delay > TimeSpan.Zero) / (double)delays.Count, 0.07, 0.11);
        Assert.InRange(delays.Count(delay => delay > TimeSpan.FromHours(3)) / (double)delays.Count, 0.015, 0.035);
        Assert.InRange(delays.Max(), TimeSpan.FromHours(5), TimeSpan.FromHours(6));

        double Share(Outcome outcome) => readings.Count(sent => sent.Reading.Outcome == outcome) / regular;
    }

    [Fact]
    public void Messages_come_in_the_order_they_are_due() =>
        AnyRun.Sample(run => Messages(run).Select(message => message.Due).ToList() is var due && due.SequenceEqual(due.Order()), iter: 30);

    [Fact]
    public void A_conflicting_duplicate_stands_behind_its_original_in_the_same_message()
    {
        var conflicts = Messages(Run(EveryFault) with { Batch = 3 })
            .SelectMany(message => message.Readings.Select((reading, number) => (message, reading, number)))
            .Where(sent => sent.reading.Outcome == Outcome.ConflictingDuplicate)
            .ToList();

        Assert.NotEmpty(conflicts);
        Assert.All(conflicts, sent =>
        {
            var original = sent.message.Readings[sent.number - 1];
            Assert.Equal(sent.reading with { Energy = original.Energy, Outcome = Outcome.Duplicate }, original);
            Assert.True(sent.reading.Energy > original.Energy);
        });
    }

    [Fact]
    public void An_hour_is_written_once_and_on_the_way() =>
        AnyRun.Sample(AssertWrittenOnceAndOnTheWay, iter: 100);

    [Fact]
    public void An_hour_is_written_once_also_when_a_message_gathers_readings_of_two_rounds_and_nothing_is_late()
    {
        // Repetitions shift what a message begins with, so its first and last reading are of different rounds of the meters.
        var faults = new FaultShares(Duplicates: 0.16, Malformed: 0.01, LateBy: TimeSpan.FromHours(7));

        for (var seed = 0; seed < 20; seed++)
            AssertWrittenOnceAndOnTheWay(Run(faults, seed, seconds: 420) with { Batch = 12 });
    }

    [Fact]
    public void Without_faults_every_reading_is_a_message_and_counts() =>
        Assert.All(Messages(Run(FaultShares.None)), message => Assert.Equal(Outcome.Stored, Assert.Single(message.Readings).Outcome));

    private static void AssertWrittenOnceAndOnTheWay(SimulatorSettings run)
    {
        var path = Path.GetTempFileName();
        try
        {
            var messages = Messages(run);
            long onTheWay;
            using (var file = new ExpectedFile(path, run.Interval, new FaultPlan(run.Faults, run.Interval, run.Seed).LongestDelay))
            {
                foreach (var message in messages)
                    file.Confirmed(message);
                onTheWay = new FileInfo(path).Length;
                file.Finish(sentAgain: 0);
            }

            // Reading it refuses an hour that is there twice.
            var expectation = Expectation.Read(path);
            Assert.Equal(
                Expected(run, messages).Hours,
                expectation.Devices.SelectMany(device => device.Hours.Select(hour => (device.DeviceId, Start: hour.Key, Total: hour.Value)))
                    .ToDictionary(hour => (hour.DeviceId, hour.Start), hour => (hour.Total.Consumption, hour.Total.Readings)));
            Assert.True(onTheWay > new FileInfo(path).Length / 2, "most are written on the way");
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static SimulatorSettings Run(FaultShares faults, long seed = 1, int devices = 6, int seconds = 600) => new(
        Meters(devices, seed), TimeSpan.FromSeconds(seconds), LoadPattern.Defaults, 10_000, Start, TimeSpan.FromDays(3), seed,
        new BrokerSettings("localhost", 5672, "guest", "guest", "none"))
    { Faults = faults };

    private static List<Meter> Meters(int count, long seed) =>
        [.. Enumerable.Range(0, count).Select(number => new Meter(Noise.DeviceId((ulong)seed, number), 0.25, TimeZoneInfo.FindSystemTimeZoneById(Zones[number % Zones.Length])))];

    private static List<Message> Messages(SimulatorSettings run) => [.. run.Messages(Start, new FaultPlan(run.Faults, run.Interval, run.Seed))];

    private static IEnumerable<string> Text(IEnumerable<Message> messages) => messages.Select(message => Encoding.UTF8.GetString(message.Body.Span));

    private static ReferenceIngest Reference(SimulatorSettings run) =>
        new(run.Meters.ToDictionary(meter => meter.DeviceId, meter => meter.TimeZone), run.Interval, Start.AddDays(4));

    private static (Dictionary<(Guid, DateTimeOffset), (decimal, int)> Hours, ExpectedSummary Summary) Expected(SimulatorSettings run, List<Message> messages)
    {
        var totals = new ExpectedTotals(run.Interval, new FaultPlan(run.Faults, run.Interval, run.Seed).LongestDelay);
        foreach (var message in messages)
            totals.Add(message);

        return (
            totals.TakeComplete(sentBefore: null).ToDictionary(hour => (hour.DeviceId, hour.Start), hour => (hour.TotalConsumption, hour.MeasurementCount)),
            totals.Summary(sentAgain: 0));
    }
}
