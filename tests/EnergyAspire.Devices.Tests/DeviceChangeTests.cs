using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using EnergyAspire.Devices.Data;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace EnergyAspire.Devices.Tests;

public sealed class DeviceChangeTests(ChangingService service, TestServers servers) : IClassFixture<ChangingService>
{
    private static readonly Uri Devices = new("/api/devices", UriKind.Relative);

    [Fact]
    public async Task A_device_is_registered_with_everything_that_was_sent()
    {
        using var answer = await service.Admin.PostAsJsonAsync(Devices, new
        {
            name = "  Wärmepumpe ",
            description = "Cellar",
            max_consumption = 3.25m,
            price = 0.32m,
            time_zone = "Asia/Kolkata",
            reporting_interval_seconds = 60,
        });

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Equal("\"1\"", answer.Headers.ETag?.Tag);
        var created = await answer.JsonAsync();
        Assert.NotEqual("", created.GetProperty("message").GetString());
        var device = created.GetProperty("device");
        Assert.Equal($"/api/devices/{device.GetProperty("id").GetGuid()}", answer.Headers.Location?.ToString());
        using var read = await service.Admin.GetAsync(answer.Headers.Location);
        Assert.Equal(device.GetRawText(), (await read.JsonAsync()).GetRawText());
        Assert.Equal("\"1\"", read.Headers.ETag?.Tag);
        Assert.Equal(
            ("Wärmepumpe", "Cellar", 3.25m, 0.32m, "Asia/Kolkata", 60),
            (device.GetProperty("name").GetString(), device.GetProperty("description").GetString(), device.GetProperty("max_consumption").GetDecimal(),
                device.GetProperty("price").GetDecimal(), device.GetProperty("time_zone").GetString(), device.GetProperty("reporting_interval_seconds").GetInt32()));

        var created1 = Assert.Single(await service.EventsOfAsync(device.GetProperty("id").GetGuid()));
        Assert.Equal(("device_created", 1), (created1.Type, created1.Version));
        Assert.Equal("Wärmepumpe", created1.Data.GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_meter_has_a_register_until_null_is_sent()
    {
        using var answer = await service.Admin.PostAsJsonAsync(Devices, new { name = "Meter", max_consumption = 1, register_digits = 6 });
        var id = (await answer.JsonAsync()).GetProperty("device").GetProperty("id").GetGuid();

        using var renamed = await service.Admin.PutAsJsonAsync($"{Devices}/{id}", new { name = "Another" });
        using var removed = await service.Admin.PutAsJsonAsync($"{Devices}/{id}", new { register_digits = (int?)null });

        Assert.Equal(6, (await renamed.JsonAsync()).GetProperty("device").GetProperty("register_digits").GetInt32());
        Assert.Equal(JsonValueKind.Null, (await removed.JsonAsync()).GetProperty("device").GetProperty("register_digits").ValueKind);
        Assert.Equal(["6", "6", ""], (await service.EventsOfAsync(id)).Select(sent => $"{sent.Data.GetProperty("register_digits")}"));
    }

    [Fact]
    public async Task Search_finds_a_description_in_whichever_form_it_was_sent()
    {
        var (composed, decomposed) = ("Zähler im Hof", "Zähler im Hof".Normalize(NormalizationForm.FormD));
        using var answer = await service.Admin.PostAsJsonAsync(Devices, new { name = "Courtyard", description = decomposed, max_consumption = 1 });
        var device = (await answer.JsonAsync()).GetProperty("device");
        var id = device.GetProperty("id").GetGuid();
        using var changed = await service.Admin.PutAsJsonAsync($"{Devices}/{id}", new { description = decomposed });

        Assert.Equal(composed, device.GetProperty("description").GetString());
        Assert.Equal("\"1\"", changed.Headers.ETag?.Tag);
        foreach (var term in new[] { composed, decomposed })
            Assert.Equal(id, (await service.Admin.GetFromJsonAsync<JsonElement[]>($"{Devices}?search={Uri.EscapeDataString(term)}"))!.Single().GetProperty("id").GetGuid());
    }

    [Fact]
    public async Task Texts_of_before_are_brought_into_the_form_that_search_knows()
    {
        var database = await servers.CreateDatabaseAsync("device_db");
        var options = new DbContextOptionsBuilder<DeviceDbContext>().UseNpgsql(database).UseSnakeCaseNamingConvention().Options;
        await using var db = new DeviceDbContext(options);
        await db.GetService<IMigrator>().MigrateAsync("SagaStepSubjects");
        var now = DateTimeOffset.UtcNow;
        var (denormal, tooLong) = ("Zähler".Normalize(NormalizationForm.FormD), new string('\u0958', 255));
        foreach (var name in new[] { denormal, tooLong })
        {
            await db.Database.ExecuteSqlAsync($"""
                insert into devices (id, name, description, max_consumption, time_zone, reporting_interval_seconds, created_at, updated_at, version)
                values ({Guid.NewGuid()}, {name}, {denormal}, 1, 'UTC', 600, {now}, {now}, 1)
                """);
        }

        await db.Database.MigrateAsync();

        var devices = await db.Devices.AsNoTracking().OrderByDescending(device => device.Name.Length).ToListAsync();
        // One form of it is twice as long, for which the column has no room.
        Assert.Equal([tooLong, "Zähler"], devices.Select(device => device.Name));
        Assert.All(devices, device => Assert.Equal(("Zähler", 1), (device.Description, device.Version)));
    }

    [Fact]
    public async Task What_is_not_said_of_a_device_gets_the_defaults()
    {
        using var answer = await service.Admin.PostAsJsonAsync(Devices, new { name = "Meter", max_consumption = 1 });

        var device = (await answer.JsonAsync()).GetProperty("device");
        Assert.Equal(
            ("", JsonValueKind.Null, "UTC", 600),
            (device.GetProperty("description").GetString(), device.GetProperty("price").ValueKind, device.GetProperty("time_zone").GetString(),
                device.GetProperty("reporting_interval_seconds").GetInt32()));
    }

    [Fact]
    public async Task The_installation_says_which_zone_is_the_default()
    {
        await using var inBerlin = await DeviceService.StartAsync(
            servers, await DeviceService.CreateDatabaseAsync(servers), "Production", new() { ["Site:TimeZone"] = "Europe/Berlin" });
        using var admin = inBerlin.ClientOf(DevelopmentData.Admin);

        using var answer = await admin.PostAsJsonAsync(Devices, new { name = "Meter", max_consumption = 1 });

        Assert.Equal("Europe/Berlin", (await answer.JsonAsync()).GetProperty("device").GetProperty("time_zone").GetString());
    }

    [Theory]
    [InlineData("""{"max_consumption":1}""", "name")]
    [InlineData("""{"name":null,"max_consumption":1}""", "name")]
    [InlineData("""{"name":"   ","max_consumption":1}""", "name")]
    [InlineData("""{"name":"a\u0000b","max_consumption":1}""", "name")]
    [InlineData("""{"name":7,"max_consumption":1}""", "name")]
    [InlineData("""{"name":"m","description":"a\u0000b","max_consumption":1}""", "description")]
    [InlineData("""{"name":"m"}""", "max_consumption")]
    [InlineData("""{"name":"m","max_consumption":0}""", "max_consumption")]
    [InlineData("""{"name":"m","max_consumption":-1}""", "max_consumption")]
    [InlineData("""{"name":"m","max_consumption":1000000.1}""", "max_consumption")]
    [InlineData("""{"name":"m","max_consumption":1e400}""", "max_consumption")]
    [InlineData("""{"name":"\u200b","max_consumption":1}""", "name")]
    [InlineData("""{"name":"Meter\u202e","max_consumption":1}""", "name")]
    [InlineData("""{"name":"m","max_consumption":"0"}""", "max_consumption")]
    [InlineData("""{"name":"m","max_consumption":"5,50"}""", "max_consumption")]
    [InlineData("""{"name":"m","max_consumption":"NaN"}""", "max_consumption")]
    [InlineData("""{"name":"m","max_consumption":1,"price":"cheap"}""", "price")]
    [InlineData("""{"name":"m","max_consumption":1,"user_id":7}""", "user_id")]
    [InlineData("""{"name":"m","max_consumption":1,"version":9}""", "version")]
    [InlineData("""{"name":"m","max_consumption":1,"created_at":"2000-01-01T00:00:00Z"}""", "created_at")]
    [InlineData("""{"name":"m","max_consumption":1,"is_price_sent":true}""", "is_price_sent")]
    [InlineData("""{"name":"m","max_consumption":[]}""", "max_consumption")]
    [InlineData("""{"name":"m","max_consumption":1,"price":-0.01}""", "price")]
    [InlineData("""{"name":"m","max_consumption":1,"price":1e9}""", "price")]
    [InlineData("""{"name":"m","max_consumption":1,"price":true}""", "price")]
    [InlineData("""{"name":"m","max_consumption":1,"time_zone":""}""", "time_zone")]
    [InlineData("""{"name":"m","max_consumption":1,"time_zone":"Europe/Atlantis"}""", "time_zone")]
    [InlineData("""{"name":"m","max_consumption":1,"time_zone":"europe/berlin"}""", "time_zone")]
    [InlineData("""{"name":"m","max_consumption":1,"time_zone":"W. Europe Standard Time"}""", "time_zone")]
    [InlineData("""{"name":"m","max_consumption":1,"time_zone":"../zoneinfo/Europe/Berlin"}""", "time_zone")]
    [InlineData("""{"name":"m","max_consumption":1,"time_zone":"right/Europe/Berlin"}""", "time_zone")]
    [InlineData("""{"name":"m","max_consumption":1,"time_zone":"Europe/Berlin\u0000"}""", "time_zone")]
    [InlineData("""{"name":"m","max_consumption":1,"time_zone":"+02:00"}""", "time_zone")]
    [InlineData("""{"name":"m","max_consumption":1,"reporting_interval_seconds":0}""", "reporting_interval_seconds")]
    [InlineData("""{"name":"m","max_consumption":1,"reporting_interval_seconds":86401}""", "reporting_interval_seconds")]
    [InlineData("""{"name":"m","max_consumption":1,"reporting_interval_seconds":1.5}""", "reporting_interval_seconds")]
    [InlineData("""{"name":"m","max_consumption":1,"register_digits":2}""", "register_digits")]
    [InlineData("""{"name":"m","max_consumption":1,"register_digits":13}""", "register_digits")]
    [InlineData("""{"name":"m","max_consumption":1,"direction":"both"}""", "direction")]
    [InlineData("""{"name":"m","max_consumption":1,"feed_in_of":"00000000-0000-7000-8000-00000000dead"}""", "feed_in_of")]
    [InlineData("""{"name":"m","max_consumption":1,"reporting_interval_seconds":9999999999}""", "reporting_interval_seconds")]
    [InlineData("""{"name":"","max_consumption":0,"price":-1,"time_zone":"x","reporting_interval_seconds":0}""", "name,max_consumption,price,time_zone,reporting_interval_seconds")]
    public async Task Wrong_fields_are_named_as_they_were_sent(string body, string fields)
    {
        using var created = await service.Admin.PostAsync(Devices, Json(body));
        Assert.Equal(HttpStatusCode.BadRequest, created.StatusCode);
        Assert.Equal(fields.Split(','), await created.FieldsInErrorAsync());

        // A change is held to the same, only that what isn't there stays as it is.
        if (body.Contains($"\"{fields}\":", StringComparison.Ordinal) && !body.Contains("null", StringComparison.Ordinal))
        {
            var device = await service.NewDeviceAsync();
            using var changed = await service.Admin.PutAsync(new Uri($"/api/devices/{device}", UriKind.Relative), Json(body));
            Assert.Equal(HttpStatusCode.BadRequest, changed.StatusCode);
            Assert.Equal([fields], await changed.FieldsInErrorAsync());
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("\"m\"")]
    [InlineData("""{"name":"\ud800","max_consumption":1}""")]
    public async Task What_is_no_device_at_all_is_refused(string body)
    {
        using var answer = await service.Admin.PostAsync(Devices, Json(body));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData(255, HttpStatusCode.Created)]
    [InlineData(256, HttpStatusCode.BadRequest)]
    public async Task A_name_has_at_most_255_characters(int length, HttpStatusCode status)
    {
        using var answer = await service.Admin.PostAsJsonAsync(Devices, new { name = new string('ä', length), max_consumption = 0.000001m });

        Assert.Equal(status, answer.StatusCode);
    }

    [Fact]
    public async Task A_field_that_is_not_the_callers_to_set_is_refused_and_changes_nothing()
    {
        var id = await service.NewDeviceAsync();

        using var changed = await service.ChangeAsync(HttpMethod.Put, id, new { name = "Renamed", id });

        Assert.Equal(HttpStatusCode.BadRequest, changed.StatusCode);
        Assert.Equal(["id"], await changed.FieldsInErrorAsync());
        using var read = await service.Admin.GetAsync(new Uri($"/api/devices/{id}", UriKind.Relative));
        Assert.Equal("Meter", (await read.JsonAsync()).GetProperty("name").GetString());
    }

    [Fact]
    public async Task Numbers_may_come_as_strings_as_the_old_api_writes_them()
    {
        using var created = await service.Admin.PostAsync(Devices, Json("""{"name":"Meter","max_consumption":"5.50","price":"0.3200"}"""));

        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var device = (await created.JsonAsync()).GetProperty("device");
        Assert.Equal((5.5m, 0.32m), (device.GetProperty("max_consumption").GetDecimal(), device.GetProperty("price").GetDecimal()));

        using var changed = await service.ChangeAsync(HttpMethod.Put, device.GetProperty("id").GetGuid(), new { max_consumption = "6.25" });
        Assert.Equal(6.25m, (await changed.JsonAsync()).GetProperty("device").GetProperty("max_consumption").GetDecimal());
    }

    [Fact]
    public async Task A_device_gets_the_id_that_its_meter_has_already()
    {
        var id = Guid.NewGuid();

        using var created = await CreateAsync(id);

        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal($"/api/devices/{id}", created.Headers.Location?.ToString());
        Assert.Equal(id, (await created.JsonAsync()).GetProperty("device").GetProperty("id").GetGuid());
        Assert.Equal(["device_created"], (await service.EventsOfAsync(id)).Select(seen => seen.Type));
    }

    [Fact]
    public async Task An_id_that_is_or_was_a_devices_is_taken()
    {
        var id = Guid.NewGuid();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => CreateAsync(id)));
        Assert.Equal(
            [(HttpStatusCode.Created, 1), (HttpStatusCode.Conflict, 19)],
            answers.CountBy(answer => answer.StatusCode).Select(count => (count.Key, count.Value)).Order());

        using var deleted = await service.ChangeAsync(HttpMethod.Delete, id);
        using var again = await CreateAsync(id);

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.Conflict), (deleted.StatusCode, again.StatusCode));
        Assert.Equal(["device_created", "device_deleted"], (await service.EventsOfAsync(id)).Select(seen => seen.Type));
    }

    [Theory]
    [InlineData("\"meter-7\"")]
    [InlineData("7")]
    [InlineData("\"00000000-0000-0000-0000-000000000000\"")]
    public async Task An_id_that_is_none_is_named(string id)
    {
        using var answer = await service.Admin.PostAsync(Devices, Json($$"""{"name":"m","max_consumption":1,"id":{{id}}}"""));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(["id"], await answer.FieldsInErrorAsync());
    }

    [Theory]
    [InlineData("Wa\u0308rmepumpe", "W\u00e4rmepumpe")]
    [InlineData("\u00a0Heat\u3000 pump ", "Heat pump")]
    public async Task A_name_is_stored_in_one_form(string sent, string stored)
    {
        using var answer = await service.Admin.PostAsJsonAsync(Devices, new { name = sent, max_consumption = 1 });

        Assert.Equal(stored, (await answer.JsonAsync()).GetProperty("device").GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_device_whose_name_is_older_than_the_rules_can_still_be_changed()
    {
        var id = await service.NewDeviceAsync();
        await service.Host.WithAsync(db => db.Devices.Where(device => device.Id == id).ExecuteUpdateAsync(set => set.SetProperty(device => device.Name, "\u200b")));

        using var changed = await service.ChangeAsync(HttpMethod.Put, id, new { name = "\u200b", max_consumption = 7 });
        using var renamed = await service.ChangeAsync(HttpMethod.Put, id, new { name = "\u200b\u200b" });

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.BadRequest), (changed.StatusCode, renamed.StatusCode));
    }

    [Fact]
    public async Task A_change_touches_only_what_was_sent()
    {
        using var created = await service.Admin.PostAsJsonAsync(Devices, new { name = "Meter", description = "Cellar", max_consumption = 1, price = 0.3m });
        var before = (await created.JsonAsync()).GetProperty("device");
        var id = before.GetProperty("id").GetGuid();

        using var renamed = await service.ChangeAsync(HttpMethod.Put, id, new { name = "Renamed", max_consumption = (decimal?)null });

        Assert.Equal(HttpStatusCode.OK, renamed.StatusCode);
        Assert.Equal("\"2\"", renamed.Headers.ETag?.Tag);
        var after = (await renamed.JsonAsync()).GetProperty("device");
        Assert.Equal(
            ["name", "updated_at"],
            before.EnumerateObject().Where(field => field.Value.GetRawText() != after.GetProperty(field.Name).GetRawText()).Select(field => field.Name));

        using var priceless = await service.ChangeAsync(HttpMethod.Put, id, new { price = (decimal?)null, description = "" });
        after = (await priceless.JsonAsync()).GetProperty("device");
        Assert.Equal((JsonValueKind.Null, ""), (after.GetProperty("price").ValueKind, after.GetProperty("description").GetString()));

        var events = await service.EventsOfAsync(id);
        Assert.Equal([("device_created", 1), ("device_updated", 2), ("device_updated", 3)], events.Select(seen => (seen.Type, seen.Version)));
        Assert.Equal(("Renamed", JsonValueKind.Null), (events[2].Data.GetProperty("name").GetString(), events[2].Data.GetProperty("price").ValueKind));
    }

    [Fact]
    public async Task A_change_that_changes_nothing_leaves_no_trace()
    {
        var id = await service.NewDeviceAsync();
        using var read = await service.Admin.GetAsync(new Uri($"/api/devices/{id}", UriKind.Relative));
        var before = await read.JsonAsync();

        foreach (var body in (object[])[new { }, new { name = " Meter ", max_consumption = 2.00m, price = (decimal?)null, time_zone = "UTC" }])
        {
            using var answer = await service.ChangeAsync(HttpMethod.Put, id, body);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal("\"1\"", answer.Headers.ETag?.Tag);
            Assert.Equal(before.GetProperty("updated_at").GetRawText(), (await answer.JsonAsync()).GetProperty("device").GetProperty("updated_at").GetRawText());
        }

        Assert.Single(await service.EventsOfAsync(id));
        Assert.Single(await service.AuditAsync($"device_id={id}"));
    }

    [Fact]
    public async Task An_outdated_version_is_neither_changed_nor_deleted()
    {
        var id = await service.NewDeviceAsync();
        using var first = await service.ChangeAsync(HttpMethod.Put, id, new { name = "First" }, "\"1\"");
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);

        foreach (var tag in (string[])["\"1\"", "\"3\"", "W/\"2\""])
        {
            using var second = await service.ChangeAsync(HttpMethod.Put, id, new { name = "Second" }, tag);
            Assert.Equal(HttpStatusCode.PreconditionFailed, second.StatusCode);
            Assert.Equal("application/problem+json", second.Content.Headers.ContentType?.MediaType);
            using var deleted = await service.ChangeAsync(HttpMethod.Delete, id, ifMatch: tag);
            Assert.Equal(HttpStatusCode.PreconditionFailed, deleted.StatusCode);
        }

        using var any = await service.ChangeAsync(HttpMethod.Put, id, new { name = "Third" }, "*");
        Assert.Equal("\"3\"", any.Headers.ETag?.Tag);
        using var gone = await service.ChangeAsync(HttpMethod.Delete, id, ifMatch: "\"3\"");
        Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
    }

    [Fact]
    public async Task Of_many_changes_of_one_version_one_is_made()
    {
        var id = await service.NewDeviceAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(number => service.ChangeAsync(HttpMethod.Put, id, new { name = $"Name {number}" }, "\"1\"")));

        Assert.Equal(
            [(HttpStatusCode.OK, 1), (HttpStatusCode.PreconditionFailed, 49)],
            answers.CountBy(answer => answer.StatusCode).Select(count => (count.Key, count.Value)).Order());
        Assert.Equal(2, (await service.EventsOfAsync(id)).Count);
    }

    [Fact]
    public async Task Changes_that_come_together_without_a_version_are_all_made()
    {
        var id = await service.NewDeviceAsync();

        // Each changes another field than the other half.
        var answers = await Task.WhenAll(Enumerable.Range(1, 40).Select(number => service.ChangeAsync(
            HttpMethod.Put, id, number % 2 == 0 ? new { name = $"Name {number}" } : new { description = $"Description {number}" })));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        var last = answers.MaxBy(answer => int.Parse(answer.Headers.ETag!.Tag.Trim('"'), CultureInfo.InvariantCulture))!;
        Assert.Equal("\"41\"", last.Headers.ETag?.Tag);
        var device = (await last.JsonAsync()).GetProperty("device");
        Assert.StartsWith("Name", device.GetProperty("name").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("Description", device.GetProperty("description").GetString(), StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(1, 41).Select(version => (long)version), (await service.EventsOfAsync(id)).Select(seen => seen.Version));
    }

    [Fact]
    public async Task Deleting_a_device_takes_it_away_from_everybody_first()
    {
        var (id, other) = (await service.NewDeviceAsync(), await service.NewDeviceAsync("Other"));
        Guid[] users = [await service.NewUserAsync(), await service.NewUserAsync(), await service.NewUserAsync()];
        foreach (var user in users)
        {
            await service.AssignAsync(user, id);
            await service.AssignAsync(user, other);
        }

        using var deleted = await service.ChangeAsync(HttpMethod.Delete, id);
        using var again = await service.ChangeAsync(HttpMethod.Delete, id);
        using var changed = await service.ChangeAsync(HttpMethod.Put, id, new { name = "Ghost" });

        Assert.Equal(
            (HttpStatusCode.NoContent, HttpStatusCode.NotFound, HttpStatusCode.NotFound),
            (deleted.StatusCode, again.StatusCode, changed.StatusCode));
        var events = await service.EventsOfAsync(id);
        Assert.Equal(
            [("device_assigned", 1, 3), ("device_created", 1, 1), ("device_deleted", 2, 1), ("device_unassigned", 2, 3)],
            events.CountBy(seen => (seen.Type, seen.Version)).Select(count => (count.Key.Type, (int)count.Key.Version, count.Value)).Order());
        Assert.Equal(users.Order(), events.FindAll(seen => seen.Type == "device_unassigned").Select(seen => seen.Id("user_id")!.Value).Order());
        Assert.Equal((3, 3), await service.Host.WithAsync(async db => (
            await db.Mappings.CountAsync(mapping => mapping.DeviceId == id && !mapping.IsAssigned && mapping.Version == 2),
            await db.Mappings.CountAsync(mapping => mapping.DeviceId == other && mapping.IsAssigned))));
    }

    private Task<HttpResponseMessage> CreateAsync(Guid id) => service.Admin.PostAsJsonAsync(Devices, new { id, name = "Meter", max_consumption = 1 });

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}
