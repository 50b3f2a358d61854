using System.Reflection;
using EnergyAspire.Contracts;
using NetArchTest.Rules;

namespace EnergyAspire.Architecture.Tests;

/// <summary>Who may touch whom.</summary>
public sealed class BoundaryTests
{
    private const string ServiceDefaults = "EnergyAspire.ServiceDefaults";
    private const string Contracts = "EnergyAspire.Contracts";
    private const string Messaging = "EnergyAspire.Messaging";

    public static readonly TheoryData<string, string[]> Allowed = new()
    {
        { Contracts, [] },
        { ServiceDefaults, [] },
        { Messaging, [ServiceDefaults, Contracts] },
        { "EnergyAspire.Gateway", [ServiceDefaults] },
        { "EnergyAspire.Identity", [ServiceDefaults, Messaging, Contracts] },
        { "EnergyAspire.Users", [ServiceDefaults, Messaging, Contracts] },
        { "EnergyAspire.Devices", [ServiceDefaults, Messaging, Contracts] },
        { "EnergyAspire.Monitoring", [ServiceDefaults, Messaging, Contracts] },
        { "EnergyAspire.Simulator", [ServiceDefaults, Messaging, Contracts] },
    };

    [Theory]
    [MemberData(nameof(Allowed))]
    public void A_room_refers_only_to_the_rooms_it_may_touch(string room, string[] allowed)
    {
        var referred = Assembly.Load(room).GetReferencedAssemblies()
            .Select(assembly => assembly.Name!)
            .Where(name => name.StartsWith("EnergyAspire.", StringComparison.Ordinal));

        Assert.Empty(referred.Except(allowed, StringComparer.Ordinal));
    }

    [Fact]
    public void Contracts_needs_no_package() =>
        Assert.All(
            typeof(IEvent).Assembly.GetReferencedAssemblies(),
            assembly => Assert.StartsWith("System.", assembly.Name!, StringComparison.Ordinal));

    [Fact]
    public void Messaging_knows_no_domain_event()
    {
        var events = typeof(IEvent).Assembly.GetTypes().Where(type => type.IsAssignableTo(typeof(IEvent)) && type is { IsInterface: false });

        AssertHolds(Types.InAssembly(Assembly.Load(Messaging)).ShouldNot().HaveDependencyOnAny([.. events.Select(type => type.FullName)]));
    }

    [Fact]
    public void Only_the_tokens_folder_knows_openiddict() =>
        AssertHolds(Types.InAssembly(Assembly.Load("EnergyAspire.Identity"))
            .That().DoNotResideInNamespaceStartingWith("EnergyAspire.Identity.Tokens")
            .And().DoNotResideInNamespaceStartingWith("EnergyAspire.Identity.Data")
            .ShouldNot().HaveDependencyOn("OpenIddict"));

    [Fact]
    public void Every_event_is_bound_to_some_queue_or_named_as_one_for_others()
    {
        var announced = typeof(IEvent).Assembly.GetTypes()
            .Where(type => type.IsAssignableTo(typeof(IEvent)) && !type.IsInterface)
            .Select(type => (string)type.GetProperty(nameof(IEvent.EventType))!.GetValue(null)!);

        Assert.Equal(announced.Order(), Topology.EventQueues.SelectMany(queue => queue.EventTypes).Distinct().Concat(Topology.ForOthers).Order());
    }

    private static void AssertHolds(ConditionList rule) => Assert.Empty(rule.GetResult().FailingTypeNames ?? []);
}
