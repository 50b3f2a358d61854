using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Devices.Tests;

public sealed class MappingChangeTests(ChangingService service) : IClassFixture<ChangingService>
{
    [Fact]
    public async Task Assigning_again_makes_no_second_row_and_no_second_event()
    {
        var (user, device) = (await service.NewUserAsync("anna"), await service.NewDeviceAsync("Boiler"));

        using var first = await service.AssignAsync(user, device);
        using var second = await service.AssignAsync(user, device);

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (first.StatusCode, second.StatusCode));
        var mapping = (await first.JsonAsync()).GetProperty("mapping");
        Assert.Equal(mapping.GetRawText(), (await second.JsonAsync()).GetProperty("mapping").GetRawText());
        Assert.Equal(("anna", "Boiler"), (mapping.GetProperty("user_username").GetString(), mapping.GetProperty("device_name").GetString()));
        using var listed = await service.Admin.GetAsync(first.Headers.Location);
        Assert.Equal(mapping.GetRawText(), Assert.Single((await listed.JsonAsync()).EnumerateArray()).GetRawText());
        Assert.Single(await service.EventsOfAsync(user));
    }

    [Fact]
    public async Task Of_fifty_parallel_assignments_one_is_made()
    {
        var (user, device) = (await service.NewUserAsync(), await service.NewDeviceAsync());

        foreach (var version in (long[])[1, 3])
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => service.AssignAsync(user, device)));

            Assert.Equal(
                [(HttpStatusCode.OK, 49), (HttpStatusCode.Created, 1)],
                answers.CountBy(answer => answer.StatusCode).Select(count => (count.Key, count.Value)).Order());
            var answered = await Task.WhenAll(answers.Select(async answer => (await answer.JsonAsync()).GetProperty("mapping").GetProperty("id").GetGuid()));
            Assert.Single(answered.Distinct());
            Assert.Single(await service.EventsOfAsync(user), seen => seen.Type == "device_assigned" && seen.Version == version);
            (await service.Admin.DeleteAsync(new Uri($"/api/mappings/{user}/{device}", UriKind.Relative))).EnsureSuccessStatusCode();
        }

        Assert.Equal(
            [("device_assigned", 1), ("device_unassigned", 2), ("device_assigned", 3), ("device_unassigned", 4)],
            (await service.EventsOfAsync(user)).Select(seen => (seen.Type, seen.Version)));
    }

    [Fact]
    public async Task Only_users_and_devices_that_are_there_can_be_assigned()
    {
        var (user, device) = (await service.NewUserAsync(), await service.NewDeviceAsync());
        var (goneUser, goneDevice) = (await service.NewUserAsync(), await service.NewDeviceAsync());
        await service.StepAsync(HttpMethod.Delete, goneUser, Guid.NewGuid());
        await service.ChangeAsync(HttpMethod.Delete, goneDevice);

        foreach (var (userId, deviceId, missing) in ((Guid, Guid, string)[])
            [(Guid.NewGuid(), device, "user"), (goneUser, device, "user"), (user, Guid.NewGuid(), "device"), (user, goneDevice, "device")])
        {
            using var answer = await service.AssignAsync(userId, deviceId);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            Assert.Contains($"no {missing} ", (await answer.JsonAsync()).GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("{}", "user_id,device_id")]
    [InlineData("""{"user_id":null,"device_id":"00000000-0000-7000-8000-0000000000d1"}""", "user_id")]
    [InlineData("""{"user_id":"00000000-0000-7000-8000-0000000000a1"}""", "device_id")]
    [InlineData("""{"user_id":"alice","device_id":"00000000-0000-7000-8000-0000000000d1"}""", "user_id")]
    [InlineData("""{"user_id":"00000000-0000-7000-8000-0000000000a1","device_id":7}""", "device_id")]
    [InlineData("""{"user_id":"00000000-0000-7000-8000-0000000000a1","device_id":"00000000-0000-7000-8000-0000000000d1","until":"2027-01-01"}""", "until")]
    public async Task Missing_and_malformed_ids_are_named(string body, string fields)
    {
        using var answer = await service.Admin.PostAsync(
            new Uri("/api/mappings/assign", UriKind.Relative), new StringContent(body, Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(fields.Split(','), await answer.FieldsInErrorAsync());
    }

    [Fact]
    public async Task A_device_is_taken_away_from_one_user_or_from_everybody()
    {
        Guid[] users = [await service.NewUserAsync(), await service.NewUserAsync(), await service.NewUserAsync(), await service.NewUserAsync()];
        var device = await service.NewDeviceAsync();
        foreach (var user in users)
            await service.AssignAsync(user, device);

        Assert.Equal(HttpStatusCode.NoContent, await DeleteAsync($"/api/mappings/unassign/{device}?user_id={users[0]}"));
        Assert.Equal(HttpStatusCode.NoContent, await DeleteAsync($"/api/mappings/{users[1]}/{device}"));
        Assert.Equal([users[2], users[3]], await UsersOfAsync(device));
        Assert.Equal(HttpStatusCode.NoContent, await DeleteAsync($"/api/mappings/unassign/{device}"));
        Assert.Empty(await UsersOfAsync(device));
        Assert.Equal(HttpStatusCode.NoContent, await DeleteAsync($"/api/mappings/unassign/{device}"));

        var unassigned = (await service.EventsOfAsync(device)).FindAll(seen => seen.Type == "device_unassigned");
        Assert.Equal(users.Order(), unassigned.Select(seen => seen.Id("user_id")!.Value).Order());
        Assert.All(unassigned, seen => Assert.Equal(2, seen.Version));
    }

    [Fact]
    public async Task The_user_to_take_a_device_away_from_may_be_named_in_the_body()
    {
        Guid[] users = [await service.NewUserAsync(), await service.NewUserAsync(), await service.NewUserAsync()];
        var device = await service.NewDeviceAsync();
        foreach (var user in users)
            await service.AssignAsync(user, device);

        Assert.Equal(HttpStatusCode.NoContent, (await UnassignAsync(device, "", $$"""{"user_id":"{{users[0]}}"}""")).StatusCode);
        Assert.Equal(users[1..], await UsersOfAsync(device));
        Assert.Equal(HttpStatusCode.NotFound, (await UnassignAsync(device, "", $$"""{"user_id":"{{users[0]}}"}""")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await UnassignAsync(device, $"?user_id={users[1]}", $$"""{"user_id":"{{users[1]}}"}""")).StatusCode);
        Assert.Equal([users[2]], await UsersOfAsync(device));
    }

    [Theory]
    [InlineData("{}", "user_id")]
    [InlineData("null", "user_id")]
    [InlineData("""{"user_id":null}""", "user_id")]
    [InlineData("""{"user_id":"alice"}""", "user_id")]
    [InlineData("""{"user":"00000000-0000-7000-8000-0000000000a1"}""", "user")]
    [InlineData("""{"user_id":"00000000-0000-7000-8000-0000000000a1"}""", "user_id", "?user_id=00000000-0000-7000-8000-0000000000a2")]
    [InlineData("{}", "user_id", "?user_id=00000000-0000-7000-8000-0000000000a2")]
    [InlineData("", "user_id", "?user_id=")]
    public async Task A_body_that_names_nobody_or_somebody_else_takes_nothing_away(string body, string field, string query = "")
    {
        var (user, device) = (await service.NewUserAsync(), await service.NewDeviceAsync());
        await service.AssignAsync(user, device);

        using var answer = await UnassignAsync(device, query, body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal([field], await answer.FieldsInErrorAsync());
        Assert.Equal([user], await UsersOfAsync(device));
    }

    [Theory]
    [InlineData("user_id=7", "application/x-www-form-urlencoded", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("[]", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("{", "application/json", HttpStatusCode.BadRequest)]
    public async Task A_body_that_cant_be_read_takes_nothing_away(string body, string type, HttpStatusCode status)
    {
        var (user, device) = (await service.NewUserAsync(), await service.NewDeviceAsync());
        await service.AssignAsync(user, device);

        using var answer = await UnassignAsync(device, "", body, type);

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal([user], await UsersOfAsync(device));
    }

    [Fact]
    public async Task A_mapping_that_is_not_there_cant_be_taken_away()
    {
        var (user, device) = (await service.NewUserAsync(), await service.NewDeviceAsync());

        Assert.Equal(HttpStatusCode.NotFound, await DeleteAsync($"/api/mappings/{user}/{device}"));
        Assert.Equal(HttpStatusCode.NotFound, await DeleteAsync($"/api/mappings/unassign/{device}?user_id={user}"));
        Assert.Equal(HttpStatusCode.NotFound, await DeleteAsync($"/api/mappings/unassign/{Guid.NewGuid()}"));
        await service.AssignAsync(user, device);
        foreach (var malformed in (string[])["", "alice"])
        {
            using var answer = await service.Admin.DeleteAsync(new Uri($"/api/mappings/unassign/{device}?user_id={malformed}", UriKind.Relative));
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Equal(["user_id"], await answer.FieldsInErrorAsync());
        }

        Assert.Equal([user], await UsersOfAsync(device));
        Assert.Equal(HttpStatusCode.NoContent, await DeleteAsync($"/api/mappings/{user}/{device}"));
        Assert.Equal(HttpStatusCode.NotFound, await DeleteAsync($"/api/mappings/{user}/{device}"));
    }

    [Fact]
    public async Task Operators_narrow_the_list_by_user_device_and_search()
    {
        var (carla, dora) = (await service.NewUserAsync("carla"), await service.NewUserAsync("dora"));
        var (sauna, pool) = (await service.NewDeviceAsync("Sauna"), await service.NewDeviceAsync("Swimming pool"));
        foreach (var (user, device) in ((Guid, Guid)[])[(carla, sauna), (carla, pool), (dora, pool)])
            await service.AssignAsync(user, device);

        Assert.Equal(["carla Sauna", "carla Swimming pool"], await ListAsync($"user_id={carla}"));
        Assert.Equal(["carla Swimming pool", "dora Swimming pool"], await ListAsync($"device_id={pool}"));
        Assert.Equal(["dora Swimming pool"], await ListAsync($"device_id={pool}&user_id={dora}"));
        Assert.Equal(["dora Swimming pool"], await ListAsync("search=DORA"));
        Assert.Equal(["carla Swimming pool", "dora Swimming pool"], await ListAsync("search=mming"));
        Assert.Equal(["carla Swimming pool"], await ListAsync($"search=pool&user_id={carla}"));
        using var malformed = await service.Admin.GetAsync(new Uri("/api/mappings?user_id=x&device_id=y&shared_with=z", UriKind.Relative));
        Assert.Equal(["user_id", "device_id", "shared_with"], await malformed.FieldsInErrorAsync());
    }

    [Fact]
    public async Task Who_else_sees_the_devices_of_a_user_is_one_question()
    {
        var (erna, fred, gita) = (await service.NewUserAsync("erna"), await service.NewUserAsync("fred"), await service.NewUserAsync("gita"));
        var (oven, lift, bell) = (await service.NewDeviceAsync("Oven"), await service.NewDeviceAsync("Lift"), await service.NewDeviceAsync("Bell"));
        foreach (var (user, device) in ((Guid, Guid)[])[(erna, oven), (erna, lift), (fred, lift), (gita, lift), (fred, bell), (gita, oven)])
            await service.AssignAsync(user, device);

        Assert.Equal(["fred Lift", "gita Lift", "gita Oven"], await ListAsync($"shared_with={erna}"));
        Assert.Equal(["gita Oven"], await ListAsync($"shared_with={erna}&device_id={oven}"));
        Assert.Equal(HttpStatusCode.NoContent, await DeleteAsync($"/api/mappings/{erna}/{oven}"));
        Assert.Equal(["fred Lift", "gita Lift"], await ListAsync($"shared_with={erna}"));
    }

    [Fact]
    public async Task A_device_that_is_deleted_while_it_is_assigned_stays_assigned_to_nobody()
    {
        for (var round = 0; round < 10; round++)
        {
            var device = await service.NewDeviceAsync();
            var users = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => service.NewUserAsync()));

            var deletion = Task.Run(() => service.ChangeAsync(HttpMethod.Delete, device));
            var answers = await Task.WhenAll(users.Select(user => service.AssignAsync(user, device)));

            Assert.Equal(HttpStatusCode.NoContent, (await deletion).StatusCode);
            await AssertNobodySeesAsync(device, answers);
        }
    }

    [Fact]
    public async Task A_user_who_is_deleted_while_devices_are_assigned_is_left_with_none()
    {
        for (var round = 0; round < 10; round++)
        {
            var user = await service.NewUserAsync();
            var devices = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => service.NewDeviceAsync()));

            var deletion = Task.Run(() => service.StepAsync(HttpMethod.Delete, user, Guid.NewGuid()));
            var answers = await Task.WhenAll(devices.Select(device => service.AssignAsync(user, device)));

            Assert.Equal(HttpStatusCode.NoContent, (await deletion).StatusCode);
            await AssertNobodySeesAsync(user, answers);
        }
    }

    [Fact]
    public async Task Users_and_devices_that_go_at_the_same_moment_dont_wait_for_one_another()
    {
        var users = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => service.NewUserAsync()));
        var devices = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => service.NewDeviceAsync()));
        await Task.WhenAll(users.SelectMany(user => devices.Select(device => service.AssignAsync(user, device))));

        var answers = await Task.WhenAll(
        [
            .. users.Select(user => service.StepAsync(HttpMethod.Delete, user, Guid.NewGuid())),
            .. devices.Select(device => service.ChangeAsync(HttpMethod.Delete, device)),
        ]);

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode));
        foreach (var user in users)
            Assert.Equal(6, (await service.EventsOfAsync(user)).Count(seen => seen.Type == "device_unassigned"));
    }

    /// <summary>Each assignment was made before the deletion and undone by it, or refused after it.</summary>
    private async Task AssertNobodySeesAsync(Guid id, HttpResponseMessage[] answers)
    {
        Assert.All(answers, answer => Assert.Contains(answer.StatusCode, (HttpStatusCode[])[HttpStatusCode.Created, HttpStatusCode.NotFound]));
        Assert.False(await service.Host.WithAsync(db => db.Mappings.AnyAsync(mapping => mapping.IsAssigned && (mapping.DeviceId == id || mapping.UserId == id))));
        var made = answers.Count(answer => answer.StatusCode == HttpStatusCode.Created);
        var events = await service.EventsOfAsync(id);
        Assert.Equal((made, made), (events.Count(seen => seen.Type == "device_assigned"), events.Count(seen => seen.Type == "device_unassigned")));
    }

    private async Task<HttpResponseMessage> UnassignAsync(Guid device, string query, string body, string type = "application/json")
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, new Uri($"/api/mappings/unassign/{device}{query}", UriKind.Relative));
        request.Content = new StringContent(body, Encoding.UTF8, type);

        return await service.Admin.SendAsync(request);
    }

    private async Task<HttpStatusCode> DeleteAsync(string path)
    {
        using var answer = await service.Admin.DeleteAsync(new Uri(path, UriKind.Relative));
        return answer.StatusCode;
    }

    private async Task<List<Guid>> UsersOfAsync(Guid device) =>
        (await service.Admin.GetFromJsonAsync<List<JsonElement>>(new Uri($"/api/mappings?device_id={device}", UriKind.Relative)))!
            .ConvertAll(mapping => mapping.GetProperty("user_id").GetGuid());

    private async Task<List<string>> ListAsync(string filter) =>
        (await service.Admin.GetFromJsonAsync<List<JsonElement>>(new Uri($"/api/mappings?{filter}", UriKind.Relative)))!
            .ConvertAll(mapping => $"{mapping.GetProperty("user_username")} {mapping.GetProperty("device_name")}");
}
