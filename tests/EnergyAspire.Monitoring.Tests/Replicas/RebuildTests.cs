using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Readings;
using EnergyAspire.Monitoring.Replicas;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EnergyAspire.Monitoring.Tests.Replicas;

public sealed class RebuildTests(MonitoringFixture monitoring) : IAsyncLifetime
{
    private static readonly Uri Path = new("/api/monitoring/replicas/rebuild", UriKind.Relative);

    private readonly FakeSources _sources = new();
    private ServiceHost<Program> _service = null!;

    public async ValueTask InitializeAsync() => _service = await StartAsync([]);

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task Planted_differences_are_found_and_mended_and_the_next_time_there_are_none()
    {
        var users = Enumerable.Range(0, 7).Select(number => new UserState(Guid.NewGuid(), $"user {number}", "client", 1, 3)).ToArray();
        var devices = Enumerable.Range(0, 5).Select(number => new DeviceState(Guid.NewGuid(), $"device {number}", "", 2, "UTC", 600, 2, 0.3m)).ToArray();
        var mappings = devices.Select(device => new MappingState(users[0].Id, device.Id, 1)).ToArray();
        _sources.Users.AddRange(users);
        _sources.Devices.AddRange(devices);
        _sources.Mappings.AddRange(mappings);
        Assert.Equal("7 0 0 0, 5 0 0 0, 5 0 0 0", await RebuildAsync());

        await RunAsync($"""
            update user_replicas set username = 'planted' where id = '{users[0].Id}';
            update user_replicas set role = 'admin', version = 99 where id = '{users[1].Id}';
            update user_replicas set is_deleted = true, version = 2 where id = '{users[2].Id}';
            update user_replicas set token_generation = 0, version = 1 where id = '{users[3].Id}';
            delete from user_replicas where id = '{users[4].Id}';
            insert into user_replicas (id, username, role, token_generation, version, is_deleted) values ('{Guid.NewGuid()}', 'nobody', 'admin', 1, 1, false);
            update device_replicas set time_zone = 'Asia/Tokyo' where id = '{devices[0].Id}';
            update device_replicas set is_deleted = true where id = '{devices[1].Id}';
            delete from mapping_replicas where device_id = '{devices[0].Id}';
            insert into mapping_replicas (user_id, device_id, version, is_assigned) values ('{users[1].Id}', '{devices[0].Id}', 1, true);
            """);

        Assert.Equal("1 4 1 2, 0 2 0 3, 1 0 1 4", await RebuildAsync());
        Assert.Equal("0 0 0 7, 0 0 0 5, 0 0 0 5", await RebuildAsync());
        Assert.Equal(users.OrderBy(user => user.Id), await WithAsync(async db =>
            (await db.Users.Where(user => !user.IsDeleted).ToListAsync())
            .Select(user => new UserState(user.Id, user.Username, user.Role, user.TokenGeneration, user.Version)).OrderBy(user => user.Id)));
        Assert.All(await WithAsync(db => db.Devices.ToListAsync()), device => Assert.Equal((2L, 2L, "UTC", false), (device.Version, device.StateVersion, device.TimeZone, device.IsDeleted)));
    }

    [Fact]
    public async Task What_events_bring_meanwhile_stays()
    {
        var (known, appears) = (Guid.NewGuid(), Guid.NewGuid());
        _sources.Users.Add(new UserState(known, "read", "client", 1, 1));
        await RebuildAsync();
        _sources.OnRequest = path => path == "identity/internal/users"
            ? WithAsync(async db => await UserReplicas.Table.ShowAsync(
                db, [new UserState(known, "newer", "admin", 2, 2), new UserState(appears, "appears", "client", 1, 1)], default))
            : Task.CompletedTask;

        Assert.Equal("0 0 0 1, 0 0 0 0, 0 0 0 0", await RebuildAsync());

        Assert.Equal(["appears", "newer"], await WithAsync(db => db.Users.Where(user => !user.IsDeleted).OrderBy(user => user.Username).Select(user => user.Username).ToListAsync()));
    }

    [Fact]
    public async Task When_a_source_goes_away_in_between_nothing_is_taken_for_gone()
    {
        _sources.Users.AddRange(Enumerable.Range(0, 5).Select(number => new UserState(Guid.NewGuid(), $"user {number}", "client", 1, 1)));
        await RebuildAsync();
        _sources.Refuses = page => page.Query.Contains("after", StringComparison.Ordinal);

        using var answer = await _service.ClientOf(DevelopmentData.Admin).PostAsync(Path, null);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(5, await WithAsync(db => db.Users.CountAsync(user => !user.IsDeleted)));
    }

    /// <summary>During an update a replica of Devices may answer that knows no periods.</summary>
    [Fact]
    public async Task A_list_without_periods_is_refused_and_replaces_none()
    {
        var (user, device) = (Guid.NewGuid(), new DeviceState(Guid.NewGuid(), "Meter", "", 2, "UTC", 600, 1));
        _sources.Users.Add(new UserState(user, "somebody", "client", 1, 1));
        _sources.Devices.Add(device);
        _sources.Mappings.Add(new MappingState(user, device.Id, 2, IsAssigned: false, [new MappingPeriod(Until: DateTimeOffset.UnixEpoch)]));
        await RebuildAsync();
        _sources.KnowsPeriods = false;

        using var answer = await _service.ClientOf(DevelopmentData.Admin).PostAsync(Path, null);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        var held = await WithAsync(db => db.Mappings.SingleAsync());
        Assert.Equal((false, false, DateTimeOffset.UnixEpoch), (held.IsAssigned, held.IsDeleted, Assert.Single(held.Periods).UpperBound));
    }

    [Fact]
    public async Task An_empty_list_of_accounts_removes_nobody()
    {
        _sources.Users.Add(new UserState(Guid.NewGuid(), "somebody", "client", 1, 1));
        await RebuildAsync();
        _sources.Users.Clear();

        using var answer = await _service.ClientOf(DevelopmentData.Admin).PostAsync(Path, null);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(1, await WithAsync(db => db.Users.CountAsync(user => !user.IsDeleted)));
    }

    [Fact]
    public async Task Readings_of_a_device_that_appears_by_the_rebuild_come_out_of_quarantine()
    {
        var device = Guid.NewGuid();
        var body = Encoding.UTF8.GetBytes(MonitoringFixture.Reading(device, DateTimeOffset.UtcNow.AddHours(-1), 0.5m));
        var parser = _service.Services.GetRequiredService<ReadingParser>();
        await _service.Services.GetRequiredService<ReadingIngest>().StoreAsync([new ArrivedReading(body, DateTimeOffset.UtcNow, parser.Parse(body))], writer: 0, default);
        Assert.Equal(1, await WithAsync(db => db.Quarantine.CountAsync()));
        _sources.Devices.Add(new DeviceState(device, "Meter", "", 2, "UTC", 600, 1));

        await RebuildAsync();

        await Eventually.TrueAsync(() => WithAsync(async db => !await db.Quarantine.AnyAsync() && await db.Hours.AnyAsync(hour => hour.DeviceId == device)), "the reading is stored");
    }

    [Fact]
    public async Task A_device_that_readings_would_fail_on_is_left_out()
    {
        _sources.Devices.Add(new DeviceState(Guid.NewGuid(), "Meter", "", 2, "Mars/Olympus_Mons", 600, 1));
        _sources.Devices.Add(new DeviceState(Guid.NewGuid(), "Meter", "", 2, "UTC", 600, 1));

        Assert.Equal("0 0 0 0, 1 0 0 0, 0 0 0 0", await RebuildAsync());
    }

    [Fact]
    public async Task A_device_whose_new_zone_is_unknown_here_keeps_the_one_it_had()
    {
        var device = new DeviceState(Guid.NewGuid(), "Meter", "", 2, "Asia/Tokyo", 600, 1);
        _sources.Devices.Add(device);
        await RebuildAsync();
        _sources.Devices[0] = device with { TimeZone = "Mars/Olympus_Mons", Version = 2 };

        Assert.Equal("0 0 0 0, 0 0 0 0, 0 0 0 0", await RebuildAsync());

        var held = await WithAsync(db => db.Devices.SingleAsync());
        Assert.Equal(("Asia/Tokyo", 1L, false), (held.TimeZone, held.Version, held.IsDeleted));
    }

    [Fact]
    public async Task Admins_and_services_that_keep_replicas_may_rebuild_and_nobody_else()
    {
        async Task<HttpStatusCode> StatusAsync(HttpClient client)
        {
            using var answer = await client.PostAsync(Path, null);
            return answer.StatusCode;
        }

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(_service.CreateClient()));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(_service.ClientOf(DevelopmentData.Alice)));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(_service.ClientWith(TestTokens.ForSaga())));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(_service.ClientOf(DevelopmentData.Admin)));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(_service.ClientWith(TestTokens.ForReplica())));
    }

    [Fact]
    public async Task The_replicas_are_rebuilt_now_and_then_without_being_asked()
    {
        await using var service = await StartAsync(new() { ["Replicas:RebuildEvery"] = "00:00:01" });
        _sources.Users.Add(new UserState(Guid.NewGuid(), "somebody", "client", 1, 1));

        await Eventually.TrueAsync(() => WithAsync(db => db.Users.AnyAsync(user => user.Username == "somebody"), service), "the replica is rebuilt");
    }

    /// <summary>Starts a service with a database of its own and without a broker, so that it takes no other test's events.</summary>
    private async Task<ServiceHost<Program>> StartAsync(Dictionary<string, string?> settings)
    {
        var all = MonitoringFixture.Settings(await monitoring.CreateDatabaseAsync(), "amqp://127.0.0.1:9");
        foreach (var (key, value) in settings)
            all[key] = value;
        var service = new ServiceHost<Program>(all, configure: services =>
            services.ConfigureHttpClientDefaults(http => http.ConfigurePrimaryHttpMessageHandler(() => _sources)));
        await Eventually.TrueAsync(async () =>
        {
            using var answer = await service.CreateClient().GetAsync(new Uri("/health", UriKind.Relative));
            return await WithAsync(async db => !(await db.Database.GetPendingMigrationsAsync()).Any(), service);
        }, "the migrations are applied");

        return service;
    }

    private async Task<string> RebuildAsync()
    {
        using var answer = await _service.ClientOf(DevelopmentData.Admin).PostAsync(Path, null);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();

        return $"{Counts("users")}, {Counts("devices")}, {Counts("mappings")}";

        string Counts(string kind)
        {
            var counts = body.GetProperty(kind);
            return $"{counts.GetProperty("added")} {counts.GetProperty("changed")} {counts.GetProperty("removed")} {counts.GetProperty("unchanged")}";
        }
    }

    private async Task RunAsync(string sql) => await WithAsync(db => db.Database.ExecuteSqlRawAsync(sql));

    private async Task<T> WithAsync<T>(Func<MonitoringDbContext, Task<T>> work, ServiceHost<Program>? service = null)
    {
        await using var scope = (service ?? _service).Services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<MonitoringDbContext>());
    }
}
