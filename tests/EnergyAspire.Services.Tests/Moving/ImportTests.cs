using EnergyAspire.Import;
using EnergyAspire.Import.Old;
using EnergyAspire.Import.Readings;
using EnergyAspire.Import.Reporting;
using EnergyAspire.Monitoring.Readings;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Services.Tests.Restore;
using Microsoft.Extensions.Options;

namespace EnergyAspire.Services.Tests.Moving;

/// <summary>The import from the replaced Django system.</summary>
public sealed class ImportTests(ServiceSystem system)
{
    // A hash that Django 5.0 made, with as many iterations as it takes by default.
    private const string HashOfDjango = "pbkdf2_sha256$720000$qT3mZ0bXv7LhS1cYw9KdPe$BU3r7XjFLpUyMxAFveSvd7p/+pm3N6rbLPQMdx4LuH0=";

    private const string IsOld = "pbkdf2_sha256$%";

    private static readonly DateTimeOffset Start = new DateTimeOffset(DateTime.UtcNow.Date, TimeSpan.Zero).AddDays(-30);

    [Fact]
    public async Task Accounts_devices_mappings_and_readings_come_with_their_ids_and_everybody_signs_in_with_the_old_password()
    {
        await using var old = await OldSystem.CreateAsync(system.Servers);
        var (alice, boss) = (await old.AddUserAsync("alice", HashOfDjango, email: "alice@example.com", phone: "+1234567890"), await old.AddUserAsync("boss", role: "admin"));
        // An admin there is an admin here, so no first admin is made.
        await old.AddUserAsync(RestoredServices.Admin, OldSystem.Hash(RestoredServices.AdminPassword), role: "admin");
        var (meter, other) = (await old.AddDeviceAsync("Heat pump", description: null), await old.AddDeviceAsync("Kitchen"));
        var mapping = await old.AssignAsync(alice, meter);
        await old.MeasureHoursAsync(meter, Start, 5);
        await using var here = await NewSystem.CreateAsync(system.Servers);

        var result = await here.ImportAsync(old);

        Assert.True(result.Code == 0, result.Output + result.Errors);
        Assert.Equal([], result.Report);
        Assert.Contains("Hours: 5 compared, 5 are the same, 0 differ.", result.Output, StringComparison.Ordinal);
        Assert.Equal("alice client Active 2025-10-17", await here.Auth.ScalarAsync<string>(
            "select concat_ws(' ', username, role, state, to_char(created_at at time zone 'UTC', 'YYYY-MM-DD')) from accounts where id = $1", alice));
        Assert.Equal("alice client Ada Lovelace alice@example.com +1234567890", await here.Users.ScalarAsync<string>(
            "select concat_ws(' ', username, role, fname, lname, email, phone) from profiles where id = $1", alice));
        Assert.Equal("Heat pump 5.50 0.32 UTC 600 2025-10-20", await here.Devices.ScalarAsync<string>(
            "select concat_ws(' ', name, max_consumption, price, time_zone, reporting_interval_seconds, to_char(created_at at time zone 'UTC', 'YYYY-MM-DD')) from devices where id = $1", meter));
        Assert.Equal(mapping, await here.Devices.ScalarAsync<Guid>("select id from mappings where user_id = $1 and device_id = $2 and is_assigned", alice, meter));

        var broker = await system.Servers.CreateVirtualHostAsync();
        await using var services = await RestoredServices.StartAsync(
            here.Databases, system.Servers.Running.Accounts.Keys.ToDictionary(account => account, broker.BrokerOf, StringComparer.Ordinal));
        Assert.Equal(1, await here.Auth.ScalarAsync<long>("select count(*) from accounts where id = $1 and password_hash like $2", alice, IsOld));

        var (id, _) = await services.SignInAsync("alice", "alice123");

        Assert.Equal(alice, id);
        Assert.Equal(0, await here.Auth.ScalarAsync<long>("select count(*) from accounts where id = $1 and password_hash like $2", alice, IsOld));
        Assert.Equal(alice, (await services.SignInAsync("ALICE", "alice123")).Id);
        Assert.Equal(boss, (await services.SignInAsync("boss", "boss's")).Id);
        var names = await services.AdminAsync(ResourceNames.Devices, HttpMethod.Get, "/api/devices");
        Assert.Equal([meter, other], names.EnumerateArray().Select(device => device.GetProperty("id").GetGuid()));
        var day = await services.AdminAsync(ResourceNames.Monitoring, HttpMethod.Get, $"/api/monitoring/hourly/daily?device_id={meter}&date={Start:yyyy-MM-dd}");
        Assert.Equal(30, day.GetProperty("measurement_count").GetInt32());
        var verified = await services.VerifyLedgerAsync();
        Assert.True(verified[^1].Data.GetProperty("consistent").GetBoolean());
        // Events of imported rows have the versions that the replicas hold already.
        await Eventually(async () => await here.Auth.ScalarAsync<long>("select count(*) from outbox_messages") == 0 && await here.Devices.ScalarAsync<long>("select count(*) from outbox_messages") == 0);
        Assert.Equal(1, await here.Monitoring.ScalarAsync<long>("select count(*) from mapping_replicas where is_assigned and version = 1"));
        Assert.Equal("Ada", await here.Users.ScalarAsync<string>("select fname from profiles where id = $1", boss));
    }

    [Fact]
    public async Task Running_again_changes_nothing_and_brings_what_is_new()
    {
        await using var old = await OldSystem.CreateAsync(system.Servers);
        var ada = await old.AddUserAsync("ada");
        var meter = await old.AddDeviceAsync("Heat pump");
        await old.AssignAsync(ada, meter);
        await old.MeasureHoursAsync(meter, Start, 2);
        await old.MeasureAsync(meter, Start, 0.103);
        await old.MeasureAsync(meter, Start.AddHours(3), -1);
        await old.MeasureAsync(meter, DateTimeOffset.UtcNow.AddYears(1), 0.1);
        await old.MeasureAsync(Guid.NewGuid(), Start, 0.1);
        await using var here = await NewSystem.CreateAsync(system.Servers);
        Assert.Equal(0, (await here.ImportAsync(old)).Code);
        var before = await here.FingerprintAsync();

        var again = await here.ImportAsync(old);

        Assert.Equal((0, before), (again.Code, await here.FingerprintAsync()));
        Assert.Contains("Readings: 0 passed to the ingest, 16 were here.", again.Output, StringComparison.Ordinal);

        var eve = await old.AddUserAsync("eve");
        await old.AssignAsync(eve, meter);
        await old.MeasureAsync(meter, Start.AddHours(1).AddMinutes(5), 0.2);

        var last = await here.ImportAsync(old);

        Assert.Equal(0, last.Code);
        Assert.Contains("Readings: 1 passed to the ingest, 16 were here.", last.Output, StringComparison.Ordinal);
        Assert.Equal(2, await here.Devices.ScalarAsync<long>("select count(*) from mappings"));
        Assert.Equal(2, await here.Auth.ScalarAsync<long>("select count(*) from accounts where state = 'Active'"));
        Assert.Equal(13, await here.Monitoring.ScalarAsync<long>("select count(*) from readings"));
    }

    [Fact]
    public async Task An_account_whose_import_was_interrupted_is_completed()
    {
        await using var old = await OldSystem.CreateAsync(system.Servers);
        var ada = await old.AddUserAsync("ada");
        await using var here = await NewSystem.CreateAsync(system.Servers);
        await here.ImportAsync(old);
        await here.Auth.RunAsync("update accounts set state = 'Registering'; delete from outbox_messages");
        await here.Users.RunAsync("delete from profiles");

        var result = await here.ImportAsync(old);

        Assert.Equal(0, result.Code);
        Assert.Equal("Active", await here.Auth.ScalarAsync<string>("select state from accounts where id = $1", ada));
        Assert.Equal("Ada", await here.Users.ScalarAsync<string>("select fname from profiles where id = $1", ada));
        Assert.Equal(1, await here.Auth.ScalarAsync<long>("select count(*) from outbox_messages where event_type = 'user_created'"));
    }

    [Fact]
    public async Task What_the_rules_here_refuse_is_changed_or_kept_out_and_listed()
    {
        await using var old = await OldSystem.CreateAsync(system.Servers);
        await old.AddUserAsync("Ada", email: "ada@example.com");
        var second = await old.AddUserAsync("ada", email: "ADA@example.com");
        var (locked, strange) = (await old.AddUserAsync("locked", "!unusable"), await old.AddUserAsync("strange", role: "owner"));
        var (nameless, bare) = (await old.AddUserAsync("\u001b[31m"), await old.AddUserAsync("bare", hasProfile: false));
        await old.Users.RunAsync("insert into users values ($1, 'ghost', 'client', '', '', 'ghost@example.com', null, now())", Guid.NewGuid());
        var ghost = Guid.NewGuid();
        await old.Devices.RunAsync("insert into users values ($1, 'ghost', 'client', now())", ghost);
        var meter = await old.AddDeviceAsync("  ", maxConsumption: 0, price: -1, description: new string('x', 5000));
        await old.AssignAsync(ghost, meter);
        await old.MeasureAsync(meter, Start, double.NaN);
        await old.Auth.RunAsync("alter table users add is_active boolean not null default true; update users set is_active = false where username = 'strange'");
        await old.Devices.RunAsync("alter table devices add serial varchar(20); update devices set serial = 'A-1'; create table tariffs (id int); insert into tariffs values (1)");
        await using var here = await NewSystem.CreateAsync(system.Servers);

        var result = await here.ImportAsync(old);

        Assert.True(result.Code == 0, result.Output + result.Errors);
        Assert.Equal("Ada, [31m, ada-2, bare, locked, strange", await here.Auth.ScalarAsync<string>("select string_agg(username, ', ' order by username collate \"C\") from accounts"));
        Assert.Equal("client 9999", await here.Auth.ScalarAsync<string>("select role || ' ' || extract(year from locked_until) from accounts where id = $1", strange));
        Assert.Equal(0, await here.Auth.ScalarAsync<long>("select count(*) from accounts where id = $1 and password_hash like '!%'", locked));
        Assert.Equal(1, await here.Users.ScalarAsync<long>("select count(*) from profiles where id = $1 and email is null", second));
        Assert.Equal(1, await here.Users.ScalarAsync<long>("select count(*) from profiles where id = $1 and fname is null", bare));
        Assert.Equal($"Device {meter.ToString("N")[..8]} 1000000 4000", await here.Devices.ScalarAsync<string>(
            "select concat_ws(' ', name, max_consumption::int, price, length(description)) from devices where id = $1", meter));
        Assert.Equal(QuarantineReason.Malformed, await here.Monitoring.ScalarAsync<string>("select reason from quarantined_readings where device_id = $1", meter));
        Assert.True(result.Tells($"changed,account,{second}", "ada is ada-2"));
        Assert.True(result.Tells($"changed,profile,{second}", "ADA@example.com is taken"));
        Assert.True(result.Tells($"changed,account,{locked}", "until an admin sets a password"));
        Assert.True(result.Tells($"changed,account,{strange}", "unknown role owner"));
        Assert.True(result.Tells($"changed,account,{strange}", "is locked here"));
        Assert.True(result.Tells($"changed,account,{nameless}", "[31m"));
        Assert.True(result.Tells($"note,profile,{bare}", "has no profile"));
        Assert.True(result.Tells("kept_out,profile,", "ghost has a profile and no account"));
        Assert.True(result.Tells("kept_out,mapping,", $"Its account {ghost} isn't imported"));
        Assert.True(result.Tells($"changed,device,{meter}", "has no name"));
        Assert.True(result.Tells($"changed,device,{meter}", "limit of 0.00 kWh"));
        Assert.True(result.Tells($"changed,device,{meter}", "price of -1.00"));
        Assert.True(result.Tells($"changed,device,{meter}", "description is cut"));
        Assert.True(result.Tells("kept_out,column,", "devices.serial"));
        Assert.True(result.Tells("kept_out,table,", "tariffs"));
        Assert.True(result.Tells($"hour,hour,{meter}", "1 readings are in quarantine: malformed"));
        Assert.DoesNotContain('\u001b', result.Output);
    }

    [Fact]
    public async Task What_was_changed_or_deleted_here_stays_so()
    {
        await using var old = await OldSystem.CreateAsync(system.Servers);
        var (ada, eve) = (await old.AddUserAsync("ada"), await old.AddUserAsync("eve"));
        var (meter, gone) = (await old.AddDeviceAsync("Heat pump"), await old.AddDeviceAsync("Kitchen"));
        var mapping = await old.AssignAsync(ada, meter);
        await using var here = await NewSystem.CreateAsync(system.Servers);
        await here.ImportAsync(old);
        await here.Auth.RunAsync("insert into audit_records (id, at, action, actor, user_id) values (gen_random_uuid(), now(), 'account_deleted', 'test', $1)", eve);
        await here.Auth.RunAsync("delete from accounts where id = $1", eve);
        await here.Devices.RunAsync("insert into audit_records (id, at, action, actor, device_id) values (gen_random_uuid(), now(), 'device_deleted', 'test', $1)", gone);
        await here.Devices.RunAsync("delete from devices where id = $1", gone);
        await here.Devices.RunAsync("update devices set name = 'Renamed'");
        await here.Devices.RunAsync("update mappings set is_assigned = false, version = 2");
        await old.Auth.RunAsync("update users set role = 'admin', password = $1 where id = $2", OldSystem.Hash("another"), ada);
        var before = await here.Auth.ScalarAsync<string>("select password_hash from accounts where id = $1", ada);

        var result = await here.ImportAsync(old);

        Assert.Equal(0, result.Code);
        Assert.True(result.Tells($"kept_out,account,{eve}", "was deleted here"));
        Assert.True(result.Tells($"kept_out,device,{gone}", "was deleted here"));
        Assert.True(result.Tells($"kept_out,mapping,{mapping}", "was unassigned"));
        Assert.True(result.Tells($"note,device,{meter}", "name Renamed here, Heat pump there"));
        Assert.True(result.Tells($"note,account,{ada}", "client here and admin there"));
        // Nobody has signed in here yet, so the newer password is the right one.
        Assert.True(result.Tells($"changed,account,{ada}", "password of ada was changed there"));
        Assert.NotEqual(before, await here.Auth.ScalarAsync<string>("select password_hash from accounts where id = $1", ada));
        Assert.Equal(1, await here.Auth.ScalarAsync<long>("select count(*) from accounts"));
        Assert.Equal(1, await here.Devices.ScalarAsync<long>("select count(*) from devices"));
        Assert.Equal(0, await here.Devices.ScalarAsync<long>("select count(*) from mappings where is_assigned"));
    }

    [Fact]
    public async Task Every_hour_is_compared_and_differences_are_explained()
    {
        await using var old = await OldSystem.CreateAsync(system.Servers);
        var (twice, lacking, shifted, emptied) = (await old.AddDeviceAsync("a"), await old.AddDeviceAsync("b"), await old.AddDeviceAsync("c"), await old.AddDeviceAsync("d"));
        // A redelivered message, stored and added twice.
        await old.MeasureHoursAsync(twice, Start, 1);
        await old.MeasureAsync(twice, Start, 0.103);
        // An addition that failed, and another value for a time.
        await old.MeasureAsync(lacking, Start, 0.25);
        await old.MeasureAsync(lacking, Start.AddMinutes(10), 0.25, isCounted: false);
        await old.MeasureAsync(lacking, Start.AddHours(1), 0.25);
        await old.MeasureAsync(lacking, Start.AddHours(1), 0.75);
        // A meter that writes its local time.
        await old.MeasureAsync(shifted, Start, 0.5, TimeSpan.FromHours(2));
        await old.MeasureAsync(shifted, Start.AddHours(1), 0.7, TimeSpan.FromHours(2));
        // A total whose readings were deleted.
        await old.MeasureAsync(emptied, Start, 0.5);
        await old.Monitoring.RunAsync("delete from device_measurements where device_id = $1", emptied);
        await using var here = await NewSystem.CreateAsync(system.Servers);

        var result = await here.ImportAsync(old);

        Assert.True(result.Code == 0, result.Output + result.Errors);
        Assert.True(result.Tells($"hour,hour,{twice},{Start:yyyy-MM-ddTHH}:00:00Z", "counted 1 redelivered readings again, 0.103 kWh"));
        Assert.True(result.Tells($"hour,hour,{lacking},{Start:yyyy-MM-ddTHH}:00:00Z", "the total there isn't the sum of the readings there"));
        Assert.True(result.Tells($"hour,hour,{lacking},{Start.AddHours(1):yyyy-MM-ddTHH}:00:00Z", "1 readings are in quarantine: conflicting_duplicate"));
        Assert.Equal(4, result.Report.Count(line => line.StartsWith($"hour,hour,{shifted}", StringComparison.Ordinal) && line.Contains("meter's offset", StringComparison.Ordinal)));
        Assert.True(result.Tells($"hour,hour,{emptied},{Start:yyyy-MM-ddTHH}:00:00Z", "a total but no reading of this hour"));
        Assert.Contains("Hours: 1 have a total of 0.5 kWh together but no readings there.", result.Output, StringComparison.Ordinal);
        Assert.Equal(6, await here.Monitoring.ScalarAsync<long>("select count(*) from readings where device_id = $1", twice));
        Assert.Equal(1, await here.Monitoring.ScalarAsync<long>("select sum(duplicates)::bigint from ledger where writer = -2"));
    }

    [Fact]
    public async Task A_reading_that_is_neither_stored_nor_in_quarantine_is_missing()
    {
        await using var old = await OldSystem.CreateAsync(system.Servers);
        var meter = await old.AddDeviceAsync("a");
        await old.MeasureHoursAsync(meter, Start, 1);
        await using var here = await NewSystem.CreateAsync(system.Servers);
        var path = Path.GetTempFileName();
        await using (var report = new ImportReport(path, TextWriter.Null))
        {
            await using var readings = await OldReadings.OpenAsync(old.Monitoring, TestContext.Current.CancellationToken);
            var parser = new ReadingParser(Options.Create(new IngestOptions()), TimeProvider.System);

            await new HourComparison(readings, new HeldReadings(here.Monitoring), parser, report, TimeProvider.System, 4).RunAsync(TestContext.Current.CancellationToken);

            Assert.False(report.IsComplete);
        }

        Assert.Contains("6 readings did not arrive", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        File.Delete(path);
    }

    [Fact]
    public async Task A_dry_run_writes_nothing_and_says_what_would_happen()
    {
        await using var old = await OldSystem.CreateAsync(system.Servers);
        var ada = await old.AddUserAsync("ada");
        var second = await old.AddUserAsync("ADA");
        var meter = await old.AddDeviceAsync("a", maxConsumption: -1);
        await old.AssignAsync(ada, meter);
        await old.MeasureHoursAsync(meter, Start, 1);
        await old.MeasureAsync(Guid.NewGuid(), Start, 1);
        await using var here = await NewSystem.CreateAsync(system.Servers);
        var before = await here.FingerprintAsync();

        var result = await here.ImportAsync(old, isDryRun: true);

        Assert.Equal((0, before), (result.Code, await here.FingerprintAsync()));
        Assert.True(result.Tells($"changed,account,{second}", "ADA is ADA-2"));
        Assert.True(result.Tells($"changed,device,{meter}", "limit of -1.00 kWh"));
        Assert.Contains("Mappings: 1 would be added", result.Output, StringComparison.Ordinal);
        Assert.Contains("Readings: 6 would be passed to the ingest", result.Output, StringComparison.Ordinal);
        Assert.Contains("Readings: 1 would go to quarantine: unknown_device.", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Readings_are_judged_by_the_settings_of_monitoring_and_devices_get_the_zone_of_the_site()
    {
        await using var old = await OldSystem.CreateAsync(system.Servers);
        var meter = await old.AddDeviceAsync("a");
        await old.MeasureAsync(meter, Start, 0.5);
        await old.MeasureAsync(meter, Start.AddDays(29), 0.5);
        await using var here = await NewSystem.CreateAsync(system.Servers);

        var result = await here.ImportAsync(old, settings: [("Ingest:Retention", "10.00:00:00"), ("Site:TimeZone", "Asia/Kolkata")]);

        Assert.True(result.Code == 0, result.Output + result.Errors);
        Assert.True(result.Tells($"hour,hour,{meter}", "1 readings are in quarantine: too_old"));
        Assert.Equal("Asia/Kolkata", await here.Monitoring.ScalarAsync<string>("select time_zone from device_replicas where id = $1", meter));
        Assert.Equal(30, await here.Monitoring.ScalarAsync<int>("select extract(minute from hour_start)::int from hourly_consumption where device_id = $1", meter));
    }

    [Fact]
    public async Task Wrong_settings_and_other_databases_stop_it_with_a_sentence()
    {
        await using var old = await OldSystem.CreateAsync(system.Servers);
        await using var here = await NewSystem.CreateAsync(system.Servers);

        var missing = await here.ImportAsync(old, settings: ("ConnectionStrings:old-auth-db", null));
        var unreadable = await here.ImportAsync(old, settings: ("ConnectionStrings:old-auth-db", "password is secret;x"));
        var swapped = await here.ImportAsync(old, settings: ("ConnectionStrings:old-user-db", old.Settings["ConnectionStrings:old-auth-db"]));
        var empty = await here.ImportAsync(old, settings: ("ConnectionStrings:device-db", await system.Servers.CreateDatabaseAsync("moving_empty")));
        var zone = await here.ImportAsync(old, settings: ("Site:TimeZone", "Mars/Olympus"));
        var retention = await here.ImportAsync(old, settings: ("Ingest:Retention", "00:00:01"));

        Assert.Equal(Enumerable.Repeat(ImportProgram.CannotRun, 6), new[] { missing, unreadable, swapped, empty, zone, retention }.Select(result => result.Code));
        Assert.Contains("ConnectionStrings:old-auth-db", missing.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", unreadable.Errors, StringComparison.Ordinal);
        Assert.Contains("users.fname is missing", swapped.Errors, StringComparison.Ordinal);
        Assert.Contains("lacks migrations", empty.Errors, StringComparison.Ordinal);
        Assert.Contains("Site:TimeZone", zone.Errors, StringComparison.Ordinal);
        Assert.Contains("Retention", retention.Errors, StringComparison.Ordinal);
    }

    private static Task Eventually(Func<Task<bool>> condition) => Testing.Eventually.TrueAsync(condition, "the events are sent");
}
