using System.CommandLine;
using EnergyAspire.Simulator.Traffic;

namespace EnergyAspire.Simulator.Settings;

/// <summary>Command line options for the shares of faults.</summary>
internal static class FaultOptions
{
    private static readonly Option<double?> All = new("--faults") { Description = "Share of every fault that has no option of its own, 0 to 1 (default: 0)." };
    private static readonly Option<double?> Duplicates = Share("--duplicates", "sent again");
    private static readonly Option<double?> Conflicts = Share("--conflicting-duplicates", "sent again with another value");
    private static readonly Option<double?> Late = Share("--late", "sent late, by up to --late-by");
    private static readonly Option<double?> OutOfOrder = Share("--out-of-order", "overtaken by later ones");
    private static readonly Option<double?> Malformed = Share("--malformed", "sent as something that isn't a reading");
    private static readonly Option<double?> Negative = Share("--negative", "sent with energy below zero");
    private static readonly Option<double?> Future = Share("--future", "sent with a time ten years ahead");
    private static readonly Option<double?> UnknownDevice = Share("--unknown-device", "sent with an id that no device has");
    private static readonly Option<double?> Gaps = Share("--gaps", "never sent");
    private static readonly Option<double?> ClockChanges = Share("--clock-changes", "sent while the meter's clock is wrong, in spells of twelve");
    private static readonly Option<TimeSpan?> LateBy = new("--late-by")
    {
        Description = "Longest delay of late readings and of duplicates, such as 90m or 6h (default: 6h).",
        CustomParser = result => SimulatorCommand.ParseDuration(result.Tokens[0].Value, result),
    };

    public static void AddTo(Command command)
    {
        foreach (var option in (Option[])[All, Duplicates, Conflicts, Late, OutOfOrder, Malformed, Negative, Future, UnknownDevice, Gaps, ClockChanges, LateBy])
            command.Options.Add(option);
    }

    public static FaultShares From(ParseResult result)
    {
        return new FaultShares(
            Of(Duplicates), Of(Conflicts), Of(Late), Of(OutOfOrder), Of(Malformed), Of(Negative), Of(Future), Of(UnknownDevice), Of(Gaps),
            Of(ClockChanges), result.GetValue(LateBy) ?? SimulatorSettings.DefaultLateBy);

        double Of(Option<double?> share) => result.GetValue(share) ?? result.GetValue(All) ?? 0;
    }

    private static Option<double?> Share(string name, string meaning) => new(name) { Description = $"Share of the readings that are {meaning}, 0 to 1." };
}
