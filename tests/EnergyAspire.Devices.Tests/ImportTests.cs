using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using EnergyAspire.Data.Audit;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Devices.Tests;

/// <summary>Devices are imported from CSV files.</summary>
public sealed class ImportTests(ChangingService service) : IClassFixture<ChangingService>
{
    private static int _number;

    private readonly string _mark = $"T{Interlocked.Increment(ref _number)}-{Guid.NewGuid():N}"[..12];

    [Fact]
    public async Task A_line_registers_a_device_and_assigns_it_with_the_events_and_audit_records_of_single_changes()
    {
        var (ada, bea) = (await service.NewUserAsync($"{_mark}.ada"), await service.NewUserAsync($"{_mark}.bea"));
        var id = Guid.NewGuid();

        var answer = await ImportAsync($"""
            external_id,name,description,max_consumption,price,time_zone,reporting_interval_seconds,id,username
            {_mark},  Heat   pump ,In the cellar,3.5,0.32,Asia/Kolkata,60,{id},{_mark.ToUpperInvariant()}.ADA {_mark}.bea
            """);

        Assert.Equal([(2, _mark, "created", id)], Lines(answer));
        Assert.Equal((1, 0, 0, 0), Counts(answer));
        var device = await DeviceAsync(id);
        Assert.Equal(
            (_mark, "Heat pump", "In the cellar", 3.5m, 0.32m, "Asia/Kolkata", 60),
            (device.GetProperty("external_id").GetString(), device.GetProperty("name").GetString(), device.GetProperty("description").GetString(),
                device.GetProperty("max_consumption").GetDecimal(), device.GetProperty("price").GetDecimal(), device.GetProperty("time_zone").GetString(),
                device.GetProperty("reporting_interval_seconds").GetInt32()));
        var events = await service.EventsOfAsync(id);
        Assert.Equal([("device_assigned", 1L), ("device_assigned", 1), ("device_created", 1)], events.Select(seen => (seen.Type, seen.Version)).Order());
        Assert.False(events.Single(seen => seen.Type == "device_created").Data.TryGetProperty("external_id", out _));
        Assert.Equal(new HashSet<Guid?> { ada, bea }, events.Where(seen => seen.Type == "device_assigned").Select(seen => seen.Id("user_id")).ToHashSet());
        var audit = await service.AuditAsync($"device_id={id}");
        Assert.Equal(["device_assigned", "device_assigned", "device_created"], audit.Select(record => record.GetProperty("action").GetString()).Order());
        Assert.All(audit, record => Assert.Equal("admin", record.GetProperty("actor").GetString()));
        Assert.Equal(_mark, audit.Single(record => record.GetProperty("action").GetString() == "device_created").GetProperty("after").GetProperty("external_id").GetString());
    }

    [Fact]
    public async Task A_file_that_is_imported_again_changes_nothing()
    {
        await service.NewUserAsync($"{_mark}.ada");
        var file = $"""
            external_id,name,description,max_consumption,price,time_zone,reporting_interval_seconds,username
            {_mark}-1,Caf{"e\u0301"},"Line 1
            line 2",3.50,0.3200,Europe/Berlin,600,{_mark}.ada
            {_mark}-2,Meter,,2,,,,
            """;
        var first = await ImportAsync(file);
        var preview = await ImportAsync(file, preview: true);
        var second = await ImportAsync(file);

        Assert.Equal((2, 0, 0, 0), Counts(first));
        Assert.Equal((0, 0, 2, 0), Counts(preview));
        Assert.Equal((0, 0, 2, 0), Counts(second));
        Assert.Equal(DevicesOf(first), DevicesOf(second));
        Assert.Equal(["device_created", "device_assigned"], (await service.EventsOfAsync(DevicesOf(first)[0])).Select(seen => seen.Type).OrderDescending());
        Assert.Equal(["device_created"], (await service.EventsOfAsync(DevicesOf(first)[1])).Select(seen => seen.Type));
        Assert.Single(await service.AuditAsync($"device_id={DevicesOf(first)[1]}"));
    }

    [Fact]
    public async Task An_empty_cell_keeps_what_a_device_has_and_others_change_it()
    {
        await service.NewUserAsync($"{_mark}.ada");
        var bea = await service.NewUserAsync($"{_mark}.bea");
        var device = DevicesOf(await ImportAsync($"external_id,name,max_consumption,price,username\n{_mark},Meter,2,0.3,{_mark}.ada\n"))[0];

        var kept = await ImportAsync($"external_id,name,max_consumption,price,username\n{_mark},,,,\n");
        var changed = await ImportAsync($"price,external_id\n0.4,{_mark}\n");
        var assigned = await ImportAsync($"external_id,username\n{_mark},{_mark}.bea\n");

        Assert.Equal(["unchanged", "updated", "updated"], new[] { kept, changed, assigned }.Select(answer => Lines(answer).Single().Result));
        var read = await DeviceAsync(device);
        Assert.Equal(("Meter", 2m, 0.4m), (read.GetProperty("name").GetString(), read.GetProperty("max_consumption").GetDecimal(), read.GetProperty("price").GetDecimal()));
        // As with a single change, the past keeps its price.
        Assert.Equal([0.3m, 0.4m], read.GetProperty("settings").EnumerateArray().Select(settings => settings.GetProperty("price").GetDecimal()));
        var events = await service.EventsOfAsync(device);
        Assert.Equal([("device_assigned", 1L), ("device_assigned", 1), ("device_created", 1), ("device_updated", 2)], events.Select(seen => (seen.Type, seen.Version)).Order());
        Assert.Equal(bea, events[^1].Id("user_id"));
    }

    [Fact]
    public async Task A_preview_says_what_would_happen_and_writes_nothing()
    {
        var device = DevicesOf(await ImportAsync($"external_id,name,max_consumption\n{_mark}-1,Meter,2\n"))[0];
        await service.NewUserAsync($"{_mark}.ada");
        var before = await CountAsync();

        var answer = await ImportAsync(
            $"external_id,name,max_consumption,username\n{_mark}-1,Renamed,2,\n{_mark}-2,New,2,{_mark}.ada\n{_mark}-3,New,x,\n{_mark}-1,,,\n", preview: true);

        Assert.True(answer.GetProperty("preview").GetBoolean());
        Assert.Equal((1, 1, 0, 2), Counts(answer));
        Assert.Equal(
            [(2, $"{_mark}-1", "updated", device), (3, $"{_mark}-2", "created", null), (4, $"{_mark}-3", "failed", null), (5, $"{_mark}-1", "failed", device)],
            Lines(answer));
        Assert.Equal(before, await CountAsync());
        Assert.Equal("Meter", (await DeviceAsync(device)).GetProperty("name").GetString());

        Task<(int, int, int)> CountAsync() => service.Host.WithAsync(async db =>
            (await db.Devices.CountAsync(), await db.Mappings.CountAsync(), await db.Set<AuditRecord>().CountAsync()));
    }

    [Fact]
    public async Task What_is_wrong_with_a_line_is_told_by_column_and_the_other_lines_are_imported()
    {
        var user = await service.NewUserAsync($"{_mark}.ada");
        var taken = await service.NewDeviceAsync();
        var answer = await ImportAsync($"""
            external_id,name,max_consumption,price,time_zone,reporting_interval_seconds,id,username
            {_mark}-1,Fine,1,,,,,
            ,No id,1,,,,,
            {_mark}-3,,1,,,,,
            {_mark}-4,Meter,much,-1,Berlin,1.5,meter,nobody-{_mark}
            {_mark}-5,Meter,,,,,,
            {_mark}-6,Meter,1
            {_mark}-7,Taken,1,,,,{taken},
            {_mark}-1,Again,1,,,,,
            {_mark}-9,{"Bell\u0007"},1,,,,,
            {new string('x', 101)},Meter,1,,,,,
            {_mark}-11,Meter,1,,,,,{_mark}.ada|nobody-{_mark}
            {_mark}-12,Fine,1,,,,,{_mark}.ada
            """);

        Assert.Equal((2, 0, 0, 10), Counts(answer));
        Assert.Equal(
            [
                (3, "external_id"), (4, "name"),
                (5, "id"), (5, "max_consumption"), (5, "reporting_interval_seconds"), (5, "username"), (5, "price"), (5, "time_zone"),
                (6, "max_consumption"), (7, null), (8, "id"), (9, "external_id"), (10, "name"), (11, "external_id"), (12, "username"),
            ],
            answer.GetProperty("lines").EnumerateArray().SelectMany(
                line => line.GetProperty("errors").EnumerateArray(),
                (line, error) => (line.GetProperty("line").GetInt32(), error.GetProperty("column").GetString()))
                .OrderBy(error => error.Item1));
        Assert.Contains("Line 2", Message(answer, 9), StringComparison.Ordinal);
        Assert.Contains($"nobody-{_mark}", Message(answer, 12), StringComparison.Ordinal);
        // All or nothing: the device of a line whose user isn't there isn't registered either.
        Assert.Equal(
            [$"{_mark}-1", $"{_mark}-12"],
            await service.Host.WithAsync(db => db.Devices.Where(device => device.ExternalId!.StartsWith(_mark)).Select(device => device.ExternalId!).Order().ToListAsync()));
        Assert.Equal(["device_assigned"], (await service.EventsOfAsync(user)).Where(seen => seen.Type == "device_assigned").Select(seen => seen.Type));
    }

    [Fact]
    public async Task A_device_has_an_id_of_its_own_that_an_import_does_not_change()
    {
        var (id, next) = (Guid.NewGuid(), Guid.NewGuid());
        await ImportAsync($"external_id,id,name,max_consumption\n{_mark},{id},Meter,1\n");

        var same = await ImportAsync($"external_id,id\n{_mark},{id}\n");
        var other = await ImportAsync($"external_id,id\n{_mark},{Guid.NewGuid()}\n");
        using var deleted = await service.ChangeAsync(HttpMethod.Delete, id);
        var buried = await ImportAsync($"external_id,id,name,max_consumption\n{_mark},{id},Meter,1\n");
        var anew = await ImportAsync($"external_id,name,max_consumption\n{_mark},Meter,1\n");
        var twice = await ImportAsync($"external_id,id,name,max_consumption\n{_mark}-1,{next},Meter,1\n{_mark}-2,{next},Meter,1\n", preview: true);

        Assert.Equal(
            ["unchanged", "failed", "failed", "created", "created", "failed"],
            new[] { same, other, buried, anew, twice }.SelectMany(Lines).Select(line => line.Result));
        Assert.Equal([id, id, null], new[] { same, other, buried }.Select(answer => Lines(answer).Single().Device));
    }

    [Theory]
    [InlineData(";", "\r\n", true)]
    [InlineData("\t", "\n", false)]
    [InlineData(",", "\r\n", true)]
    public async Task A_file_may_be_separated_and_encoded_as_spreadsheets_do(string separator, string newLine, bool withMark)
    {
        string[][] rows =
        [
            ["name", " external_id", "max_consumption", "description", "error"],
            ["\"Meter, \"\"Ä\"\"; 1\"", _mark, separator == "," ? "2.5" : "2,5", "\"one\ntwo\"", "ignored"],
            ["", "", "", "", ""],
            ["", "", "x", "", ""],
        ];
        var text = string.Join(newLine, [.. rows.Select(row => string.Join(separator, row)), "", ""]);

        var answer = await ImportAsync((withMark ? "\ufeff" : "") + text);

        Assert.Equal([2, 5], Lines(answer).Select(line => line.Line));
        var device = await DeviceAsync(DevicesOf(answer)[0]);
        Assert.Equal(
            ("Meter, \"Ä\"; 1", 2.5m, "one\ntwo"),
            (device.GetProperty("name").GetString(), device.GetProperty("max_consumption").GetDecimal(), device.GetProperty("description").GetString()));
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("external_id,limit\nx,1\n", "limit")]
    [InlineData("external_id,name,name\nx,a,b\n", "name")]
    [InlineData("name\nx\n", "external_id")]
    [InlineData("external_id,name\nx,\"open\ny,z\n", "line 2")]
    [InlineData("external_id,name\nx,a\ny,\"b\"c\n", "line 3")]
    public async Task A_file_that_can_not_be_read_is_refused_as_a_whole(string file, string named)
    {
        using var answer = await SendAsync(file);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(named, (await answer.JsonAsync()).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Length_encoding_and_type_of_the_body_are_bounded()
    {
        var long5000 = $"external_id\n{string.Concat(Enumerable.Range(0, 5000).Select(number => $"{_mark}-{number}\n"))}";
        using var most = await SendAsync(long5000, preview: true);
        using var more = await SendAsync($"{long5000}{_mark}\n", preview: true);
        using var big = await SendAsync($"external_id\n{new string('x', 4 * 1024 * 1024)}\n", preview: true);
        using var latin = await SendAsync("external_id,name\nx,Z\u00e4hler\n", encoding: Encoding.Latin1);
        using var named = await SendAsync("external_id,name\nx,Z\u00e4hler\n", type: "text/csv; charset=iso-8859-1");
        using var json = await SendAsync("{}", type: "application/json");
        using var query = await service.Admin.PostAsync(new Uri("/api/devices/import?preview=maybe", UriKind.Relative), Csv("external_id\n"));

        Assert.Equal(
            [HttpStatusCode.OK, HttpStatusCode.RequestEntityTooLarge, HttpStatusCode.RequestEntityTooLarge, HttpStatusCode.BadRequest, HttpStatusCode.UnsupportedMediaType, HttpStatusCode.UnsupportedMediaType, HttpStatusCode.BadRequest],
            new[] { most, more, big, latin, named, json, query }.Select(answer => answer.StatusCode));
        Assert.All(new[] { more, big, latin, named, json }, answer => Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType));
        Assert.Contains("5000", (await more.JsonAsync()).GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(["preview"], await query.FieldsInErrorAsync());
    }

    [Fact]
    public async Task A_device_gets_the_tariff_of_its_line_once_and_from_the_date_of_its_line()
    {
        var (day, other) = (await TariffAsync($"Day {_mark}", "EUR"), await TariffAsync($"Night {_mark}", "EUR"));
        await TariffAsync($"Twice {_mark}", "EUR");
        await TariffAsync($"Twice {_mark}", "EUR");
        await TariffAsync($"Francs {_mark}", "CHF");
        const string Header = "external_id,name,max_consumption,tariff,tariff_from\n";
        var file = $"{Header}{_mark}-1,A,1,Day {_mark},\n{_mark}-2,B,1,{other},2026-04-01\n";

        var preview = await ImportAsync(file, preview: true);
        var first = await ImportAsync(file);
        var again = await ImportAsync(file);
        var changed = await ImportAsync($"{Header}{_mark}-1,A,1,Night {_mark},2026-06-01\n{_mark}-2,B,1,Night {_mark},2026-05-01\n");
        var unchanged = await ImportAsync($"{Header}{_mark}-1,A,1,Day {_mark},\n");
        var wrong = await ImportAsync(
            $"{Header}{_mark}-1,A,1,Nothing {_mark},\n{_mark}-2,B,1,Day {_mark},\n{_mark}-3,C,1,Twice {_mark},\n{_mark}-4,D,1,,2026-04-01\n{_mark}-5,E,1,Day {_mark},April\n{_mark}-2,B,1,Francs {_mark},2027-01-01\n");

        Assert.Equal([(2, 0, 0, 0), (2, 0, 0, 0), (0, 0, 2, 0), (0, 1, 1, 0), (0, 0, 1, 0), (0, 0, 0, 6)], new[] { preview, first, again, changed, unchanged, wrong }.Select(Counts));
        var devices = (await service.Admin.GetFromJsonAsync<JsonElement[]>($"/api/devices?search={_mark}-"))!.OrderBy(device => device.GetProperty("external_id").GetString()).ToList();
        Assert.Equal(2, devices.Count);
        Assert.Equal([(day, null), (other, "2026-06-01")], TariffsOf(devices[0]));
        Assert.Equal([(other, "2026-04-01")], TariffsOf(devices[1]));
        Assert.Equal(
            ["tariff", "tariff_from", "tariff", "tariff", "tariff_from", "external_id"],
            wrong.GetProperty("lines").EnumerateArray().Select(line => line.GetProperty("errors")[0].GetProperty("column").GetString()));

        var francs = await ImportAsync($"{Header}{_mark}-2,B,1,Francs {_mark},2027-01-01\n");
        Assert.Contains("one currency", francs.GetProperty("lines")[0].GetProperty("errors")[0].GetProperty("message").GetString(), StringComparison.Ordinal);

        async Task<Guid> TariffAsync(string name, string currency)
        {
            using var added = await service.Admin.PostAsJsonAsync("/api/tariffs", new { name, currency, prices = new[] { new { unit_price = 0.3 } } });
            return (await added.JsonAsync()).GetProperty("tariff").GetProperty("id").GetGuid();
        }

        static IEnumerable<(Guid, string?)> TariffsOf(JsonElement device) =>
            device.GetProperty("tariffs").EnumerateArray().Select(entry => (entry.GetProperty("tariff_id").GetGuid(), entry.GetProperty("from").GetString()));
    }

    [Fact]
    public async Task Imports_of_one_file_at_the_same_time_register_each_device_once()
    {
        await service.NewUserAsync($"{_mark}.ada");
        var file = $"external_id,name,max_consumption,username\n{string.Concat(Enumerable.Range(0, 20).Select(number => $"{_mark}-{number},Meter,1,{_mark}.ada\n"))}";

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ImportAsync(file)));

        Assert.Equal(20, answers.Sum(answer => Counts(answer).Item1));
        Assert.Equal(0, answers.Sum(answer => Counts(answer).Item4));
        Assert.All(answers, answer => Assert.Equal(DevicesOf(answers[0]), DevicesOf(answer)));
        Assert.Equal(["device_created", "device_assigned"], (await service.EventsOfAsync(DevicesOf(answers[0])[7])).Select(seen => seen.Type).OrderDescending());
    }

    [Fact]
    public async Task The_template_is_a_file_that_can_be_imported()
    {
        await service.NewUserAsync("alice");
        using var template = await service.Admin.GetAsync(new Uri("/api/devices/import/template", UriKind.Relative));

        Assert.Equal(("text/csv", "devices.csv"), (template.Content.Headers.ContentType?.MediaType, template.Content.Headers.ContentDisposition?.FileName));
        var bytes = await template.Content.ReadAsByteArrayAsync();
        Assert.Equal([0xef, 0xbb, 0xbf], bytes[..3]);
        Assert.Equal((1, 0, 0, 0), Counts(await ImportAsync(Encoding.UTF8.GetString(bytes), preview: true)));
    }

    [Fact]
    public async Task An_external_id_is_set_found_and_removed_by_single_changes_and_belongs_to_one_device()
    {
        var (first, second) = (await service.NewDeviceAsync(), await service.NewDeviceAsync());

        using var set = await service.ChangeAsync(HttpMethod.Put, first, new { external_id = $"  {_mark} " });
        using var again = await service.ChangeAsync(HttpMethod.Put, first, new { external_id = _mark, name = "Meter" });
        using var taken = await service.ChangeAsync(HttpMethod.Put, second, new { external_id = _mark });
        using var created = await service.Admin.PostAsJsonAsync("/api/devices", new { name = "Meter", max_consumption = 1, external_id = _mark });
        using var wrong = await service.ChangeAsync(HttpMethod.Put, first, new { external_id = "a\u200bb" });
        using var tooLong = await service.ChangeAsync(HttpMethod.Put, first, new { external_id = new string('x', 101) });
        var found = (await service.Admin.GetFromJsonAsync<JsonElement[]>($"/api/devices?search={_mark}"))!;
        using var removed = await service.ChangeAsync(HttpMethod.Put, first, new { external_id = "" });
        using var moved = await service.ChangeAsync(HttpMethod.Put, second, new { external_id = _mark });

        Assert.Equal(("\"2\"", "\"2\""), (set.Headers.ETag?.Tag, again.Headers.ETag?.Tag));
        Assert.Equal(_mark, (await set.JsonAsync()).GetProperty("device").GetProperty("external_id").GetString());
        Assert.Equal((HttpStatusCode.Conflict, HttpStatusCode.Conflict), (taken.StatusCode, created.StatusCode));
        Assert.Equal("Another device has this external id.", (await taken.JsonAsync()).GetProperty("detail").GetString());
        Assert.Equal(["external_id", "external_id"], [.. await wrong.FieldsInErrorAsync(), .. await tooLong.FieldsInErrorAsync()]);
        Assert.Equal(first, Assert.Single(found).GetProperty("id").GetGuid());
        Assert.Equal(JsonValueKind.Null, (await removed.JsonAsync()).GetProperty("device").GetProperty("external_id").ValueKind);
        Assert.Equal(HttpStatusCode.OK, moved.StatusCode);
    }

    private async Task<JsonElement> ImportAsync(string file, bool preview = false)
    {
        using var answer = await SendAsync(file, preview);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());

        return await answer.JsonAsync();
    }

    private async Task<HttpResponseMessage> SendAsync(string file, bool preview = false, Encoding? encoding = null, string type = "text/csv")
    {
        using var content = Csv(file, encoding, type);

        return await service.Admin.PostAsync(new Uri($"/api/devices/import?preview={(preview ? "true" : "false")}", UriKind.Relative), content);
    }

    private static ByteArrayContent Csv(string file, Encoding? encoding = null, string type = "text/csv") =>
        new((encoding ?? Encoding.UTF8).GetBytes(file)) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };

    private async Task<JsonElement> DeviceAsync(Guid id) => await service.Admin.GetFromJsonAsync<JsonElement>(new Uri($"/api/devices/{id}", UriKind.Relative));

    private static (int Created, int Updated, int Unchanged, int Failed) Counts(JsonElement answer) =>
        (answer.GetProperty("created").GetInt32(), answer.GetProperty("updated").GetInt32(), answer.GetProperty("unchanged").GetInt32(), answer.GetProperty("failed").GetInt32());

    private static List<(int Line, string? ExternalId, string Result, Guid? Device)> Lines(JsonElement answer) =>
        [.. answer.GetProperty("lines").EnumerateArray().Select(line => (
            line.GetProperty("line").GetInt32(), line.GetProperty("external_id").GetString(), line.GetProperty("result").GetString()!,
            line.GetProperty("device_id") is { ValueKind: JsonValueKind.String } id ? id.GetGuid() : (Guid?)null))];

    private static List<Guid> DevicesOf(JsonElement answer) => [.. Lines(answer).Select(line => line.Device).OfType<Guid>()];

    private static string? Message(JsonElement answer, int line) => answer.GetProperty("lines").EnumerateArray()
        .Single(one => one.GetProperty("line").GetInt32() == line).GetProperty("errors")[0].GetProperty("message").GetString();
}
