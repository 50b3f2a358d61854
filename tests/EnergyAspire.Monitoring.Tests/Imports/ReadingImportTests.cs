using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using CsCheck;
using EnergyAspire.Contracts;
using EnergyAspire.Data.Audit;
using EnergyAspire.Monitoring.Readings;
using EnergyAspire.Monitoring.Replicas;
using EnergyAspire.Monitoring.Tests.Ledger;
using EnergyAspire.Monitoring.Tests.Queries;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EnergyAspire.Monitoring.Tests.Imports;

/// <summary>Historic readings are imported from CSV files.</summary>
[Collection<LedgerCollection>]
public sealed class ReadingImportTests(MonitoringFixture monitoring)
{
    private const string Header = "device_id,timestamp,measurement_value\n";
    private const string RegisterHeader = "device_id,timestamp,register_value\n";

    private static readonly DateTimeOffset Midnight = new(DateTime.UtcNow.Date.AddDays(-80), TimeSpan.Zero);

    // A time, and a value: few of both, so that repetitions, contradictions, falling registers and wrong values are frequent.
    private static readonly Gen<(int Slot, int Value)[]> Reports = Gen.Select(Gen.Int[0, 60], Gen.Int[-1, 3]).Array[1, 60];

    [Fact]
    public Task A_file_in_parts_and_any_order_among_readings_of_meters_gives_what_the_same_readings_of_meters_give() =>
        Gen.Select(Reports, Reports, Gen.Int[1, 25], Gen.Int).SampleAsync(async (energies, registers, size, seed) =>
        {
            var random = new Random(seed);
            var interval = random.GetItems([600, 5400, 86_400], 1)[0];
            var (imported, sent) = (await TwoDevicesAsync(interval), await TwoDevicesAsync(interval));
            var readings = energies.Select(report => Lined.Energy(TimeOf(report.Slot), report.Value * 0.123457m))
                .Concat(registers.Select(report => Lined.Register(TimeOf(report.Slot), (report.Slot * 0.5m) + Wrong(report.Value))))
                .ToArray();
            random.Shuffle(readings);
            var before = await LedgerAsync();
            var (stored, quarantined, duplicates) = (0, 0, 0);

            foreach (var part in readings.Chunk(size))
            {
                await IngestAsync([.. part.Select(reading => reading.Message(sent))]);
                if (random.Next(4) == 0)
                {
                    await IngestAsync([.. part.Select(reading => reading.Message(imported))]);
                    continue;
                }

                var file = $"device_id,register_value,timestamp,measurement_value\n{string.Concat(part.Select(reading => reading.Line(imported)))}";
                var preview = await ImportAsync(file, preview: true);
                var answer = await ImportAsync(file);
                Assert.Equal(Lines(preview), Lines(answer));
                var counts = Counts(answer);
                // The same again changes nothing.
                var again = Counts(await ImportAsync(file));
                Assert.Equal((0, 0, counts.Failed), (again.Stored, again.Quarantined, again.Failed));
                (stored, duplicates, quarantined) = (stored + counts.Stored, duplicates + counts.Duplicates + again.Duplicates, quarantined + counts.Quarantined);
            }

            Assert.Equal(await HoursAsync(sent), await HoursAsync(imported));
            Assert.Equal(await ReadingsAsync(sent), await ReadingsAsync(imported));
            Assert.Equal(await UnclearAsync(sent), await UnclearAsync(imported));
            var after = await LedgerAsync();
            // What was refused isn't in the ledger.
            Assert.Equal(stored + duplicates + quarantined, after.Received - before.Received);
            Assert.Equal((stored, duplicates), (after.Stored - before.Stored, after.Duplicates - before.Duplicates));
            await ConsistentAsync();

            static decimal Wrong(int value) => value switch { 0 => 400, -1 => -400, _ => 0 };
        }, iter: 6, threads: 1);

    [Fact]
    public async Task Readings_are_stored_and_audited_and_the_same_file_again_is_all_duplicates()
    {
        var (device, other) = (await monitoring.DeviceAsync("Europe/Berlin", 1800), await monitoring.DeviceAsync());
        var file = $"{Header}{device},{Midnight:yyyy-MM-ddTHH:mm:ssZ},0.5\n{device},{Midnight.AddMinutes(45):yyyy-MM-ddTHH:mm:ssZ},1.5\n{other},{Midnight:yyyy-MM-dd HH:mm:ss}+00:00,2.5E-1\n";
        var before = await LedgerAsync();

        var first = await ImportAsync(file);
        var second = await ImportAsync(file);

        Assert.Equal([(2, device, "stored"), (3, device, "stored"), (4, other, "stored")], Lines(first));
        Assert.Equal(((3, 0, 0, 0), (0, 3, 0, 0)), (Counts(first), Counts(second)));
        Assert.Equal([(Midnight, 1_250_000L, 2, 0), (Midnight.AddHours(1), 750_000L, 0, 1)], await HoursAsync(device));
        Assert.Equal([(Midnight, 250_000L, 1, 0)], await HoursAsync(other));
        var after = await LedgerAsync();
        Assert.Equal((6, 3, 3, 0), (after.Received - before.Received, after.Stored - before.Stored, after.Duplicates - before.Duplicates, after.Quarantined - before.Quarantined));
        var audit = Assert.Single(await monitoring.ListAsync($"audit?device_id={device}"));
        Assert.Equal(("readings_imported", "admin"), (audit.Text("action"), audit.Text("actor")));
        var facts = audit.GetProperty("after");
        Assert.Equal(
            (2, 0, Midnight, Midnight.AddMinutes(45)),
            (facts.GetProperty("stored").GetInt32(), facts.GetProperty("quarantined").GetInt32(), facts.GetProperty("first").GetDateTimeOffset(), facts.GetProperty("last").GetDateTimeOffset()));
        await ConsistentAsync();
    }

    [Fact]
    public async Task A_preview_says_what_would_happen_and_writes_nothing()
    {
        var (device, register) = (await monitoring.DeviceAsync(), await RegisterAsync());
        await ImportAsync($"{Header}{device},{Time(0)},1\n");
        await ImportAsync($"{RegisterHeader}{register},{Time(0)},100\n{register},{Time(1)},101\n");
        var before = await RowsAsync();

        var answer = await ImportAsync(
            $"device_id,timestamp,measurement_value,register_value\n{device},{Time(0)},1,\n{device},{Time(0)},2,\n{device},{Time(1)},2,\n{device},{Time(1)},2,\n{device},{Time(1)},3,\n"
            + $"{register},{Time(1)},,101\n{register},{Time(2)},,102\n{register},{Time(3)},,7\n{register},{Time(3)},,7\n{Guid.NewGuid()},{Time(0)},1,\n", preview: true);

        Assert.True(answer.GetProperty("preview").GetBoolean());
        Assert.Equal(["duplicate", "failed", "stored", "duplicate", "failed", "duplicate", "stored", "quarantined", "duplicate", "failed"], Lines(answer).Select(line => line.Result));
        Assert.Equal((2, 4, 1, 3), Counts(answer));
        Assert.Equal(before, await RowsAsync());

        Task<(int, int, int, int, long)> RowsAsync() => monitoring.QueryAsync(async db => (
            await db.Hours.CountAsync(), await db.Quarantine.CountAsync(), await db.Ledger.CountAsync(), await db.Set<AuditRecord>().CountAsync(),
            await db.Ledger.SumAsync(entry => entry.Received)));
    }

    [Fact]
    public async Task What_is_wrong_with_a_line_is_told_by_column_and_nothing_of_it_is_kept()
    {
        var (device, register, meter) = (await monitoring.DeviceAsync(), await RegisterAsync(digits: 3), Guid.NewGuid());
        var replaced = await monitoring.DeviceAsync();
        await ShowAsync(replaced, [new DeviceMeter(replaced, null), new DeviceMeter(meter, Midnight)]);
        await IngestAsync(MonitoringFixture.Reading(device, Midnight, 1));
        var (before, quarantined) = (await LedgerAsync(), await monitoring.QueryAsync(db => db.Quarantine.CountAsync()));

        var answer = await ImportAsync($"""
            device_id,timestamp,measurement_value,register_value
            {device},{Time(5)},1,
            meter,{Time(0)},x,
            ,,,
            {device},,,
            {device},2026-03-29T02:50:00,1,
            {device},29.03.2026 02:50,1,
            {device},{Time(1)},-1,
            {device},{Time(1)},20000,
            {device},2190-01-01T00:00:00Z,1,
            {device},2001-01-01T00:00:00Z,1,
            {Guid.NewGuid()},{Time(1)},1,
            {meter},{Time(-1)},1,
            {device},{Time(1)},,7
            {register},{Time(1)},1,
            {register},{Time(1)},,1000
            {device},{Time(0)},2,
            {device},{Time(1)}
            {device},{Time(1)},{"1\u0007"},
            """);

        Assert.Equal((1, 0, 0, 16), Counts(answer));
        Assert.Equal(
            [
                (3, "device_id"), (3, "measurement_value"), (5, "timestamp"), (5, "measurement_value"), (6, "timestamp"), (7, "timestamp"), (8, "measurement_value"), (9, "measurement_value"), (10, "timestamp"), (11, "timestamp"), (12, "device_id"), (13, "device_id"),
                (14, "register_value"), (15, "measurement_value"), (16, "register_value"), (17, "measurement_value"), (18, null), (18, "measurement_value"),
                (19, "measurement_value"), (19, "measurement_value"),
            ],
            Errors(answer).Select(error => (error.Line, error.Column)));
        var messages = Errors(answer).ToLookup(error => error.Line, error => error.Message);
        Assert.StartsWith("This is no RFC 3339 time with its offset from UTC", messages[6].Single(), StringComparison.Ordinal);
        Assert.Equal("A value below zero is not accepted: -1 kWh.", messages[8].Single());
        Assert.Equal("The value is too large: 20000 kWh in one interval.", messages[9].Single());
        Assert.StartsWith("The reading is older than readings are kept: ", messages[11].Single(), StringComparison.Ordinal);
        Assert.StartsWith($"The meter was not in use at this time. It is the meter of {replaced} since ", messages[13].Single(), StringComparison.Ordinal);
        Assert.Equal("Another reading of this time is there: 1 kWh are stored, 2 kWh came.", messages[17].Single());
        Assert.Equal([(Midnight, 1_000_000L, 1, 0), (Midnight.AddHours(5), 1_000_000L, 1, 0)], await HoursAsync(device));
        Assert.Equal(quarantined, await monitoring.QueryAsync(db => db.Quarantine.CountAsync()));
        Assert.Equal(before.Received + 1, (await LedgerAsync()).Received);
        await ConsistentAsync();
    }

    [Fact]
    public async Task A_line_names_the_meter_that_measured_then_or_the_device()
    {
        var (device, meter) = (await monitoring.DeviceAsync(), Guid.NewGuid());
        await ShowAsync(device, [new DeviceMeter(device, null), new DeviceMeter(meter, Midnight.AddHours(2))]);

        var answer = await ImportAsync($"{Header}{meter},{Time(2)},2\n{device},{Time(1)},1\n{device},{Time(3)},3\n");

        Assert.Equal([(2, device, "stored"), (3, device, "stored"), (4, device, "stored")], Lines(answer));
        Assert.Equal([(Midnight.AddHours(1), 1_000_000L, 1, 0), (Midnight.AddHours(2), 2_000_000L, 1, 0), (Midnight.AddHours(3), 3_000_000L, 1, 0)], await HoursAsync(device));
        await ConsistentAsync();
    }

    [Fact]
    public async Task An_unclear_register_reading_waits_in_quarantine_once_until_later_ones_or_an_admin_make_it_clear()
    {
        var register = await RegisterAsync();
        var first = $"{RegisterHeader}{register},{Time(0)},1000\n{register},{Time(1)},5\n{register},{Time(1)},5\n";

        Assert.Equal((1, 1, 1, 0), Counts(await ImportAsync(first)));
        var again = await ImportAsync(first);
        Assert.Equal((0, 3, 0, 0), Counts(again));
        Assert.All(Errors(again), error => Assert.StartsWith("It is in quarantine already. ", error.Message, StringComparison.Ordinal));
        Assert.Single(await UnclearAsync(register));
        await ConsistentAsync();

        // What an admin has discarded doesn't come back.
        await monitoring.DoAsync("quarantine/discard", new { device_id = register });
        Assert.Equal((0, 3, 0, 0), Counts(await ImportAsync(first)));
        var id = (await monitoring.ListAsync($"quarantine?device_id={register}&discarded=true")).Single().GetProperty("id").GetGuid();
        await monitoring.DoAsync($"quarantine/{id}/replay");

        var rest = await ImportAsync($"{RegisterHeader}{register},{Time(3)},7\n{register},{Time(2)},6\n");

        Assert.Equal((2, 0, 0, 0), Counts(rest));
        Assert.Empty(await UnclearAsync(register));
        Assert.Equal([(Midnight, 5_000_000L, 1, 0), (Midnight.AddHours(1), 1_000_000L, 1, 0), (Midnight.AddHours(2), 1_000_000L, 1, 0), (Midnight.AddHours(3), 0L, 1, 0)], await HoursAsync(register));
        Assert.Equal((0, 3, 0, 0), Counts(await ImportAsync(first)));
        await ConsistentAsync();
    }

    [Fact]
    public async Task Imports_of_one_file_at_the_same_time_store_each_reading_once()
    {
        var (device, register) = (await monitoring.DeviceAsync(), await RegisterAsync());
        var file = "device_id,timestamp,measurement_value,register_value\n" + string.Concat(Enumerable.Range(0, 50).Select(hour =>
            $"{device},{Time(hour)},0.1,\n{register},{Time(hour)},,{(hour == 20 ? 9999 : hour)}\n"));

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ImportAsync(file)));

        Assert.Equal((99, 300, 1, 0), (
            answers.Sum(answer => Counts(answer).Stored), answers.Sum(answer => Counts(answer).Duplicates),
            answers.Sum(answer => Counts(answer).Quarantined), answers.Sum(answer => Counts(answer).Failed)));
        Assert.Equal(50, (await HoursAsync(device)).Sum(hour => hour.ReadingCount));
        await ConsistentAsync();
    }

    [Fact]
    public async Task A_reading_that_the_database_refuses_fails_and_takes_no_other_with_it()
    {
        var device = await monitoring.DeviceAsync();
        // The hour's energy has no place for more.
        await monitoring.ExecuteAsync($"insert into hourly_consumption (device_id, hour_start, energy, reading_count, spread_count) values ('{device}', '{Midnight.AddHours(1):O}', {long.MaxValue}, 0, 0)");

        var answer = await ImportAsync($"{Header}{device},{Time(0)},1\n{device},{Time(1)},1\n{device},{Time(2)},1\nx,{Time(3)},1\n");

        Assert.Equal(["stored", "failed", "stored", "failed"], Lines(answer).Select(line => line.Result));
        Assert.StartsWith("It is not accepted: ", Errors(answer)[0].Message, StringComparison.Ordinal);
        Assert.Equal(2, (await monitoring.ListAsync($"audit?device_id={device}")).Sum(record => record.GetProperty("after").GetProperty("stored").GetInt32()));
        await monitoring.ExecuteAsync($"delete from hourly_consumption where device_id = '{device}' and energy = {long.MaxValue}");
        await ConsistentAsync();
    }

    [Fact]
    public async Task Hours_that_count_readings_which_retention_has_dropped_take_no_more()
    {
        var (device, register) = (await monitoring.DeviceAsync("Asia/Kolkata"), await RegisterAsync());
        var file = $"device_id,timestamp,measurement_value,register_value\n{device},{Time(0)},1,\n{device},{Time(0)},1,\n{register},{Time(0)},,100\n{register},{Time(5)},,102\n";
        await ImportAsync(file);
        await monitoring.ExecuteAsync($"delete from readings where device_id in ('{device}', '{register}') and timestamp < '{Midnight.AddHours(3):O}'");

        var answer = await ImportAsync(file);

        Assert.Equal(["failed", "failed", "failed", "duplicate"], Lines(answer).Select(line => line.Result));
        Assert.Equal("The reading is older than readings are kept: the readings of its hour were deleted, and the hour counts them.", Errors(answer)[0].Message);
        Assert.Equal(1_000_000, (await HoursAsync(device)).Sum(hour => hour.Energy));
        // Back again, so that the hours are right for the other tests.
        await monitoring.ExecuteAsync($"insert into readings values ('{device}', '{Midnight:O}', 1000000, null, null), ('{register}', '{Midnight:O}', 2000000, {5 * 3600}, 100000000)");
        await ConsistentAsync();
    }

    [Theory]
    [InlineData(";", "\r\n", true)]
    [InlineData("\t", "\n", false)]
    [InlineData(",", "\r\n", true)]
    public async Task A_file_may_be_separated_and_encoded_as_spreadsheets_do(string separator, string newLine, bool withMark)
    {
        var device = await monitoring.DeviceAsync();
        string[][] rows =
        [
            ["error", "measurement_value", " timestamp ", "device_id"],
            ["", separator == "," ? "0.5" : "0,5", $"{Midnight.ToOffset(TimeSpan.FromHours(5.5)):yyyy-MM-ddTHH:mm:sszzz}", $"\"{device}\""],
            ["", "", "", ""],
        ];

        var answer = await ImportAsync((withMark ? "\ufeff" : "") + string.Join(newLine, [.. rows.Select(row => string.Join(separator, row)), "", ""]));

        Assert.Equal([(2, device, "stored")], Lines(answer));
        Assert.Equal([(Midnight, 500_000L, 1, 0)], await HoursAsync(device));
    }

    [Fact]
    public async Task An_export_of_readings_can_be_imported()
    {
        var (device, register) = (await monitoring.DeviceAsync("Asia/Kolkata"), await RegisterAsync());
        await IngestAsync(MonitoringFixture.Reading(device, Midnight, 0.123456m), MonitoringFixture.Reading(device, Midnight.AddMinutes(10), 0));
        await ImportAsync($"{RegisterHeader}{register},{Time(0)},100\n{register},{Time(5)},101.5\n");
        var day = $"start_date={Midnight.AddDays(-1):yyyy-MM-dd}&end_date={Midnight.AddDays(1):yyyy-MM-dd}";

        var answers = new List<JsonElement>();
        foreach (var id in new[] { device, register })
        {
            using var export = await monitoring.AskAsync($"/api/monitoring/measurements?device_id={id}&{day}", accept: "text/csv");
            var file = await export.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.Contains("measurement_value_kwh", file, StringComparison.Ordinal);
            answers.Add(await ImportAsync(file, preview: true));
        }

        Assert.Equal([(0, 2, 0, 0), (0, 2, 0, 0)], answers.Select(Counts));
    }

    [Theory]
    [InlineData("", 400, "empty")]
    [InlineData("device_id,timestamp,value\n", 400, "value")]
    [InlineData("device_id,external_id,timestamp,measurement_value\n", 400, "external_id")]
    [InlineData("device_id,measurement_value\n", 400, "timestamp")]
    [InlineData("timestamp,measurement_value\n", 400, "device_id")]
    [InlineData("device_id,timestamp\n", 400, "measurement_value or register_value")]
    [InlineData("device_id,timestamp,register_value,register_value_kwh\n", 400, "register_value")]
    [InlineData("{}", 415, "text/csv", "application/json")]
    public async Task A_file_that_can_not_be_read_is_refused_as_a_whole(string file, int status, string named, string type = "text/csv")
    {
        using var answer = await SendAsync(file, type: type);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Contains(named, (await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Five_thousand_lines_are_imported_at_once_and_no_more()
    {
        var device = await monitoring.DeviceAsync();
        var start = Midnight.AddDays(20);
        var lines = Enumerable.Range(0, 5000).Select(slot => $"{device},{start.AddMinutes(10 * slot):yyyy-MM-ddTHH:mm:ssZ},0.001\n").ToList();

        using var more = await SendAsync(Header + string.Concat(lines.Append(lines[0])));
        using var query = await SendAsync(Header, preview: "maybe");
        var answer = await ImportAsync(Header + string.Concat(lines));

        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, HttpStatusCode.BadRequest), (more.StatusCode, query.StatusCode));
        Assert.Equal(["preview"], await query.ErrorsAsync());
        Assert.Equal((5000, 0, 0, 0), Counts(answer));
        Assert.Equal((834, 5_000_000L), ((await HoursAsync(device)).Count, (await HoursAsync(device)).Sum(hour => hour.Energy)));
        await ConsistentAsync();
    }

    [Fact]
    public async Task The_template_has_all_columns_and_a_line_of_each_kind()
    {
        using var template = await monitoring.AskAsync("/api/monitoring/readings/import/template");
        Assert.Equal(("text/csv", "readings.csv"), (template.Content.Headers.ContentType?.MediaType, template.Content.Headers.ContentDisposition?.FileName));
        var text = await template.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        var answer = await ImportAsync(text, preview: true);

        Assert.All(Errors(answer), error => Assert.Contains(error.Column, (string?[])["device_id", "timestamp"]));
        Assert.Equal([2, 3], Lines(answer).Select(line => line.Line));
    }

    private static string Time(int hours) => $"{Midnight.AddHours(hours):yyyy-MM-ddTHH:mm:ssZ}";

    private static DateTimeOffset TimeOf(int slot) => Midnight.AddDays(5).AddMinutes(25 * slot);

    private async Task<(Guid Energy, Guid Register)> TwoDevicesAsync(int interval) =>
        (await monitoring.DeviceAsync("Asia/Kathmandu", interval), await RegisterAsync(zone: "Asia/Kathmandu"));

    private async Task<Guid> RegisterAsync(int digits = 6, string zone = "UTC")
    {
        var id = Guid.NewGuid();
        await monitoring.AnnounceAsync(MonitoringFixture.Device(id, zone) with { RegisterDigits = digits, MaxConsumption = 10 }, version: 1);
        await Eventually.TrueAsync(() => monitoring.QueryAsync(db => db.Devices.AnyAsync(device => device.Id == id)), "the device is known");

        return id;
    }

    private Task<bool> ShowAsync(Guid device, IReadOnlyList<DeviceMeter> meters) => monitoring.QueryAsync(async db =>
    {
        await using var transaction = await db.Database.BeginTransactionAsync();
        await DeviceReplicas.Table.ShowAsync(db, [new DeviceState(device, "Meter", "", 2.5m, "UTC", 600, 2) { Meters = meters }], TestContext.Current.CancellationToken);
        await transaction.CommitAsync();

        return true;
    });

    private async Task IngestAsync(params string[] messages)
    {
        var (ingest, parser) = (monitoring.Service.Services.GetRequiredService<ReadingIngest>(), monitoring.Service.Services.GetRequiredService<ReadingParser>());
        await ingest.StoreAsync(
            [.. messages.Select(Encoding.UTF8.GetBytes).Select(body => new ArrivedReading(body, DateTimeOffset.UtcNow, parser.Parse(body)))], writer: 79,
            TestContext.Current.CancellationToken);
    }

    private async Task<JsonElement> ImportAsync(string file, bool preview = false)
    {
        using var answer = await SendAsync(file, preview ? "true" : "false");
        Assert.True(answer.StatusCode == HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        return await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
    }

    private async Task<HttpResponseMessage> SendAsync(string file, string preview = "false", string type = "text/csv")
    {
        using var admin = monitoring.Service.ClientOf(DevelopmentData.Admin);
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(file)) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };

        return await admin.PostAsync(new Uri($"/api/monitoring/readings/import?preview={preview}", UriKind.Relative), content, TestContext.Current.CancellationToken);
    }

    private static (int Stored, int Duplicates, int Quarantined, int Failed) Counts(JsonElement answer) =>
        (answer.GetProperty("stored").GetInt32(), answer.GetProperty("duplicates").GetInt32(), answer.GetProperty("quarantined").GetInt32(), answer.GetProperty("failed").GetInt32());

    private static List<(int Line, Guid? Device, string Result)> Lines(JsonElement answer) => [.. answer.GetProperty("lines").EnumerateArray().Select(line => (
        line.GetProperty("line").GetInt32(), line.GetProperty("device_id") is { ValueKind: JsonValueKind.String } id ? id.GetGuid() : (Guid?)null, line.Text("result")))];

    private static List<(int Line, string? Column, string Message)> Errors(JsonElement answer) => [.. answer.GetProperty("lines").EnumerateArray().SelectMany(
        line => line.GetProperty("errors").EnumerateArray(),
        (line, error) => (line.GetProperty("line").GetInt32(), error.GetProperty("column").GetString(), error.Text("message")))];

    private Task<(long Received, long Stored, long Duplicates, long Quarantined)> LedgerAsync() => monitoring.QueryAsync(async db =>
    {
        var entries = await db.Ledger.AsNoTracking().Where(entry => entry.Writer == -4).ToListAsync();
        return (entries.Sum(entry => entry.Received), entries.Sum(entry => entry.Stored), entries.Sum(entry => entry.Duplicates), entries.Sum(entry => entry.Quarantined));
    });

    private async Task<List<(DateTimeOffset Start, long Energy, int ReadingCount, int SpreadCount)>> HoursAsync(Guid device) =>
        (await monitoring.QueryAsync(db => db.Hours.AsNoTracking().Where(hour => hour.DeviceId == device).OrderBy(hour => hour.HourStart).ToListAsync()))
        .ConvertAll(hour => (hour.HourStart, hour.Energy, hour.ReadingCount, hour.SpreadCount));

    private async Task<List<(DateTimeOffset, long, int, int)>> HoursAsync((Guid Energy, Guid Register) devices) =>
        [.. await HoursAsync(devices.Energy), .. await HoursAsync(devices.Register)];

    private async Task<List<(DateTimeOffset, long, long?)>> ReadingsAsync((Guid Energy, Guid Register) devices)
    {
        var rows = await monitoring.QueryAsync(db => db.Database.SqlQuery<Stored>(
            $"select device_id, timestamp, energy, register_value from readings where device_id in ({devices.Energy}, {devices.Register})").ToListAsync());
        return [.. rows.OrderBy(row => row.DeviceId == devices.Register).ThenBy(row => row.Timestamp).Select(row => (row.Timestamp, row.Energy, row.RegisterValue))];
    }

    private async Task<List<(DateTimeOffset?, long?)>> UnclearAsync((Guid Energy, Guid Register) devices) => await UnclearAsync(devices.Register);

    private async Task<List<(DateTimeOffset?, long?)>> UnclearAsync(Guid device)
    {
        var rows = await monitoring.QueryAsync(db => db.Quarantine.AsNoTracking()
            .Where(reading => reading.DeviceId == device && reading.Reason == QuarantineReason.RegisterUnclear).ToListAsync());
        return [.. rows.Select(row => (row.Timestamp, row.RegisterValue)).Distinct().Order()];
    }

    private async Task ConsistentAsync() => Assert.Empty((await monitoring.VerifyAsync()).Where(found => found.Type == "difference").Select(found => found.Data.GetRawText()));

    private sealed record Stored(Guid DeviceId, DateTimeOffset Timestamp, long Energy, long? RegisterValue);

    /// <summary>A reading, as a line and as a message.</summary>
    private sealed record Lined(DateTimeOffset Time, string Field, decimal Value)
    {
        public static Lined Energy(DateTimeOffset time, decimal value) => new(time, "measurement_value", value);

        public static Lined Register(DateTimeOffset time, decimal value) => new(time, "register_value", value);

        public string Line((Guid Energy, Guid Register) devices) => Field == "register_value"
            ? FormattableString.Invariant($"{devices.Register},{Value},{Time:yyyy-MM-ddTHH:mm:ssZ},\n")
            : FormattableString.Invariant($"{devices.Energy},,{Time:yyyy-MM-ddTHH:mm:ssZ},{Value}\n");

        public string Message((Guid Energy, Guid Register) devices) => FormattableString.Invariant(
            $$"""{"timestamp": "{{Time:yyyy-MM-ddTHH:mm:ssZ}}", "device_id": "{{(Field == "register_value" ? devices.Register : devices.Energy)}}", "{{Field}}": {{Value}}}""");
    }
}
