using System.Diagnostics.Metrics;
using EnergyAspire.Contracts;
using EnergyAspire.Data;
using EnergyAspire.Messaging.Inbox;
using EnergyAspire.Messaging.Outbox;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EnergyAspire.Messaging.Tests;

/// <summary>One process of a service: the database, the outbox and a consumer of <see cref="Topology.DeviceSync"/> that leaves effects.</summary>
public sealed class Node : IAsyncDisposable
{
    private readonly IHost _host;

    private Node(IHost host) => _host = host;

    /// <summary>Creates an empty database with the tables of <see cref="PeopleDbContext"/>.</summary>
    public static async Task<string> CreateDatabaseAsync(TestServers servers)
    {
        var database = await servers.CreateDatabaseAsync("people");
        var options = new DbContextOptionsBuilder<PeopleDbContext>().UseNpgsql(database).UseSnakeCaseNamingConvention().Options;
        await using var db = new PeopleDbContext(options);
        await db.Database.EnsureCreatedAsync();

        return database;
    }

    /// <summary>Starts a process.</summary>
    /// <param name="broker">Its broker.</param>
    /// <param name="outbox">Whether it sends events.</param>
    /// <param name="handle">Handles events, besides leaving an effect; null when it follows none.</param>
    /// <param name="configure">Changes the consumer's tries, delays or concurrency.</param>
    /// <param name="log">Hears what is logged.</param>
    public static async Task<Node> StartAsync(
        string database, string broker, bool outbox = false, Func<Heard, Task>? handle = null, TimeProvider? time = null,
        Action<EventConsumerOptions>? configure = null, ILoggerProvider? log = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:people", database), new("ConnectionStrings:messaging", broker)]);
        builder.Logging.AddSimpleConsole().SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft", LogLevel.Critical);
        if (log is not null)
            builder.Logging.AddProvider(log);
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.AddNpgsqlDbContext<PeopleDbContext>("people", settings => settings.DisableRetry = true, options => options
            .UseSnakeCaseNamingConvention()
            .ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning)));
        builder.AddDatabaseMigration<PeopleDbContext>();
        builder.AddBroker("messaging");
        if (outbox)
            builder.AddOutbox<PeopleDbContext>();
        if (handle is not null)
        {
            builder.AddEventConsumer<PeopleDbContext>(Topology.DeviceSync, events => events
                .On<UserCreated>((envelope, db, _) => LeaveEffectAsync(new Heard(envelope.EventId, envelope.Data.Username, envelope.Version, db), handle))
                .On<UserUpdated>((envelope, db, _) => LeaveEffectAsync(new Heard(envelope.EventId, envelope.Data.Username, envelope.Version, db), handle))
                .On<UserDeleted>((envelope, db, _) => LeaveEffectAsync(new Heard(envelope.EventId, "", envelope.Version, db), handle)),
                configure);
        }

        var host = builder.Build();
        await host.StartAsync();

        return new Node(host);
    }

    /// <summary>Where the process's meters are from.</summary>
    public IMeterFactory Meters => _host.Services.GetRequiredService<IMeterFactory>();

    /// <summary>Does something with the database in one scope.</summary>
    public async Task<T> WithAsync<T>(Func<PeopleDbContext, Task<T>> work)
    {
        await using var scope = _host.Services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<PeopleDbContext>());
    }

    /// <summary>Commits a new person and the event that tells of them.</summary>
    public Task<Guid> RegisterAsync(string username) => WithAsync(async db =>
    {
        var person = new Person { Id = Guid.CreateVersion7(), Username = username };
        db.Add(person);
        db.Announce(new UserCreated(person.Id, username, "client"), person.Version, DateTimeOffset.UtcNow);
        await db.SaveChangesAsync();

        return person.Id;
    });

    /// <summary>Usernames of the effects that handled events left, in any order.</summary>
    public Task<List<string>> EffectsAsync() => WithAsync(db => db.Effects.Select(effect => effect.Username).Order().ToListAsync());

    /// <summary>Waits until the effects are those of these usernames.</summary>
    public Task WaitForEffectsAsync(params string[] usernames) => Eventually.GetAsync(
        EffectsAsync, effects => effects.SequenceEqual(usernames.Order()), $"the effects are {string.Join(", ", usernames)}");

    /// <summary>Readiness as <c>/health</c> reports it.</summary>
    public async Task<HealthStatus> HealthAsync() =>
        (await _host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Name == "broker")).Status;

    /// <summary>Waits until every worker is connected.</summary>
    public Task WaitUntilReadyAsync() =>
        Eventually.TrueAsync(async () => await HealthAsync() == HealthStatus.Healthy, "the workers are connected");

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private static async Task LeaveEffectAsync(Heard heard, Func<Heard, Task> handle)
    {
        heard.Db.Add(new Effect { EventId = heard.EventId, Username = heard.Username });
        await heard.Db.SaveChangesAsync();
        await handle(heard);
    }
}

/// <summary>An event in the hands of its handler, whose effect is written but not committed.</summary>
public sealed record Heard(Guid EventId, string Username, long Version, PeopleDbContext Db);
