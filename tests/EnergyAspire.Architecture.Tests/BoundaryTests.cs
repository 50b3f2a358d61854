using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using EnergyAspire.Contracts;
using EnergyAspire.Data.Replicas;

namespace EnergyAspire.Architecture.Tests;

/// <summary>Who may touch whom.</summary>
public sealed class BoundaryTests
{
    private const string ServiceDefaults = "EnergyAspire.ServiceDefaults";
    private const string Api = "EnergyAspire.Api";
    private const string Data = "EnergyAspire.Data";
    private const string Contracts = "EnergyAspire.Contracts";
    private const string Messaging = "EnergyAspire.Messaging";

    private static readonly Lazy<ArchUnitNET.Domain.Architecture> LoadedRooms = new(() => new ArchLoader()
        .LoadAssemblies([.. Allowed!.Select(room => System.Reflection.Assembly.Load(room.Data.Item1))]).Build());

    public static readonly TheoryData<string, string[]> Allowed = new()
    {
        { Contracts, [] },
        { ServiceDefaults, [] },
        { Api, [ServiceDefaults] },
        { Data, [ServiceDefaults, Api] },
        { Messaging, [ServiceDefaults, Api, Data, Contracts] },
        { "EnergyAspire.Gateway", [ServiceDefaults, Api, Contracts] },
        { "EnergyAspire.Identity", [ServiceDefaults, Api, Data, Messaging, Contracts] },
        { "EnergyAspire.Users", [ServiceDefaults, Api, Data, Messaging, Contracts] },
        { "EnergyAspire.Devices", [ServiceDefaults, Api, Data, Messaging, Contracts] },
        { "EnergyAspire.Monitoring", [ServiceDefaults, Api, Data, Messaging, Contracts] },
        { "EnergyAspire.Provisioning", [ServiceDefaults] },
        // A command and no service: it writes to each service's database with that service's code.
        {
            "EnergyAspire.Import",
            [ServiceDefaults, Api, Data, Messaging, Contracts, "EnergyAspire.Identity", "EnergyAspire.Users", "EnergyAspire.Devices", "EnergyAspire.Monitoring"]
        },
        { "EnergyAspire.Doctor", [ServiceDefaults, Contracts] },
        { "EnergyAspire.Simulator", [ServiceDefaults, Api, Messaging, Contracts] },
    };

    [Theory]
    [MemberData(nameof(Allowed))]
    public void A_room_refers_only_to_the_rooms_it_may_touch(string room, string[] allowed)
    {
        var referred = System.Reflection.Assembly.Load(room).GetReferencedAssemblies()
            .Select(assembly => assembly.Name!)
            .Where(name => name.StartsWith("EnergyAspire.", StringComparison.Ordinal));

        Assert.Empty(referred.Except(allowed, StringComparer.Ordinal));
    }

    [Fact]
    public void Contracts_needs_no_package() =>
        Assert.All(
            typeof(IEvent).Assembly.GetReferencedAssemblies(),
            assembly => Assert.StartsWith("System.", assembly.Name!, StringComparison.Ordinal));

    [Theory]
    [InlineData(ServiceDefaults)]
    [InlineData(Api)]
    [InlineData("EnergyAspire.Gateway")]
    public void A_room_without_a_database_needs_no_entity_framework(string room) =>
        Assert.DoesNotContain(
            System.Reflection.Assembly.Load(room).GetReferencedAssemblies(),
            assembly => assembly.Name!.StartsWith("Microsoft.EntityFrameworkCore", StringComparison.Ordinal) || assembly.Name == "Npgsql");

    [Fact]
    public void Messaging_knows_no_domain_event()
    {
        var events = typeof(IEvent).Assembly.GetTypes().Where(type => type.IsAssignableTo(typeof(IEvent)) && type is { IsInterface: false })
            .Select(type => type.FullName).ToHashSet(StringComparer.Ordinal);

        Assert.Empty(Uses(type => IsIn(type, Messaging), type => events.Contains(type.FullName)));
    }

    [Fact]
    public void Only_the_tokens_folder_knows_openiddict() => Assert.Empty(Uses(
        type => IsIn(type, "EnergyAspire.Identity") && !IsIn(type, "EnergyAspire.Identity.Tokens") && !IsIn(type, "EnergyAspire.Identity.Data"),
        type => IsIn(type, "OpenIddict")));

    [Theory]
    [InlineData("EnergyAspire.Users")]
    [InlineData("EnergyAspire.Devices")]
    [InlineData("EnergyAspire.Monitoring")]
    public void What_other_services_own_is_replicated_by_the_one_mechanism(string service)
    {
        var types = System.Reflection.Assembly.Load(service).GetTypes();

        Assert.Equal(
            types.Where(type => type.Name.EndsWith("Replica", StringComparison.Ordinal)).Select(type => $"{type.Name}s").Order(),
            types.Where(type => type.BaseType is { IsGenericType: true } mechanism && mechanism.GetGenericTypeDefinition() == typeof(ReplicaTable<,,>))
                .Select(type => type.Name).Order());
        Assert.DoesNotContain(types, type => type.Name.EndsWith("Copy", StringComparison.Ordinal) || type.Name.EndsWith("Copies", StringComparison.Ordinal));
    }

    /// <summary>Folders of Monitoring; each may use those before it.</summary>
    private static readonly string[] MonitoringFolders =
        ["Hours", "Registers", "Budgets", "Replicas", "Prices", "Queries", "Alerts", "Readings", "Consumption", "Statements", "Forecasts", "Quarantine", "Imports", "Measurements", "Live", "Ledger"];

    [Fact]
    public void Monitoring_s_folders_depend_on_each_other_in_a_line()
    {
        const string room = "EnergyAspire.Monitoring";
        Assert.Equal(
            MonitoringFolders.Append("Data").Order(),
            Types.Where(type => IsIn(type, room) && type.Namespace.FullName.Length > room.Length)
                .Select(type => type.Namespace.FullName.Split('.')[2]).Distinct().Order());

        Assert.Empty(MonitoringFolders.SelectMany((folder, place) => Uses(
            type => IsIn(type, $"{room}.{folder}"),
            type => MonitoringFolders.Skip(place + 1).Any(later => IsIn(type, $"{room}.{later}")))));
        // Every folder uses the context, and only the context with its migrations names the tables of all.
        Assert.Empty(Uses(
            type => IsIn(type, $"{room}.Data") && !IsIn(type, $"{room}.Data.Migrations") && type.Name != "MonitoringDbContext",
            type => MonitoringFolders.Any(folder => IsIn(type, $"{room}.{folder}"))));
    }

    [Fact]
    public void No_record_is_written_in_two_rooms() => Assert.Empty(
        Allowed.Select(room => System.Reflection.Assembly.Load(room.Data.Item1))
            .SelectMany(room => room.GetTypes())
            .Where(type => type is { IsNested: false } && type.GetMethod("<Clone>$") is not null)
            .GroupBy(type => type.Name, StringComparer.Ordinal)
            .Where(record => record.Count() > 1)
            .Select(record => string.Join(", ", record.Select(type => type.FullName))));

    [Fact]
    public void Every_event_is_bound_to_some_queue_or_named_as_one_for_others()
    {
        var announced = typeof(IEvent).Assembly.GetTypes()
            .Where(type => type.IsAssignableTo(typeof(IEvent)) && !type.IsInterface)
            .Select(type => (string)type.GetProperty(nameof(IEvent.EventType))!.GetValue(null)!);

        Assert.Equal(announced.Order(), Topology.EventQueues.SelectMany(queue => queue.EventTypes).Distinct().Concat(Topology.ForOthers).Order());
    }

    private static IEnumerable<IType> Types => LoadedRooms.Value.Types;

    /// <summary>Tells which types use which others.</summary>
    private static IEnumerable<string> Uses(Func<IType, bool> users, Func<IType, bool> used) => Types.Where(users)
        .SelectMany(type => type.Dependencies.Where(dependency => used(dependency.Target)).Select(dependency => $"{type.FullName} uses {dependency.Target.FullName}"))
        .Distinct(StringComparer.Ordinal);

    private static bool IsIn(IType type, string scope) => $"{type.Namespace?.FullName}.".StartsWith($"{scope}.", StringComparison.Ordinal);
}
