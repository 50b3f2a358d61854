using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.Services.Tests.Sagas;
using EnergyAspire.Testing;

namespace EnergyAspire.Services.Tests.Accounts;

/// <summary>The life of accounts through the real Identity, Users, Devices and Monitoring.</summary>
public sealed class AccountLifeTests(ServiceSystem system)
{
    private const string Password = "correct horse battery";

    private static int _number;

    private readonly string _name = $"person-{Interlocked.Increment(ref _number)}";

    [Fact]
    public async Task Fifty_registrations_at_once_all_end_right()
    {
        var names = Enumerable.Range(0, 50).Select(number => $"{_name}-{number}").ToArray();

        var answers = await Task.WhenAll(names.Select((name, number) => RegisterAsync(
            number % 2 == 0 ? system.Identity : system.Other, new { username = name, password = Password, fname = "New", email = $"{name}@example.com" })));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Created, answer.Status));
        foreach (var (name, answer) in names.Zip(answers))
        {
            var expected = new Holdings($"{name} client Active", $"{name} client New", $"{name} client", 0, $"{name} client", 0);
            await Eventually.GetAsync(() => system.Databases.HoldingsAsync(answer.Id), holdings => holdings == expected, $"{name} is everywhere");
        }
    }

    [Fact]
    public async Task Of_fifty_registrations_of_one_name_one_succeeds()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(number => RegisterAsync(
            number % 2 == 0 ? system.Identity : system.Other, new { username = number % 3 == 0 ? _name.ToUpperInvariant() : _name, password = Password })));

        Assert.Equal([HttpStatusCode.Created], answers.Select(answer => answer.Status).Where(status => status != HttpStatusCode.Conflict));
        Assert.Equal(1, await system.Databases.Auth.ScalarAsync<long>("select count(*) from accounts where normalized_username = $1", _name.ToUpperInvariant()));
        Assert.Equal(1, await system.Databases.Users.ScalarAsync<long>("select count(*) from profiles where upper(username) = $1", _name.ToUpperInvariant()));
    }

    [Fact]
    public async Task Of_fifty_registrations_with_one_address_one_succeeds_and_nothing_is_left_of_the_others()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(number => RegisterAsync(
            system.Identity, new { username = $"{_name}-{number}", password = Password, email = $"{_name}@example.com" })));

        Assert.Equal([HttpStatusCode.Created], answers.Select(answer => answer.Status).Where(status => status != HttpStatusCode.Conflict));
        Assert.All(
            answers.Where(answer => answer.Status == HttpStatusCode.Conflict),
            answer => Assert.True(answer.Body.GetProperty("errors").TryGetProperty("email", out _)));
        Assert.Equal(1, await system.Databases.Auth.ScalarAsync<long>("select count(*) from accounts where username like $1", $"{_name}-%"));
        Assert.Equal(1, await system.Databases.Devices.ScalarAsync<long>("select count(*) from user_replicas where not is_deleted and username like $1", $"{_name}-%"));
    }

    [Theory]
    [InlineData("email", "not an address")]
    [InlineData("phone", "call me")]
    public async Task What_users_refuses_is_the_callers_answer_and_nothing_is_left(string field, string value)
    {
        var answer = await RegisterAsync(system.Identity, new Dictionary<string, string> { ["username"] = _name, ["password"] = Password, [field] = value });

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.NotEmpty(answer.Body.GetProperty("errors").GetProperty(field).EnumerateArray());
        var saga = (await system.Databases.SagaAsync(_name))!.Value;
        Assert.Equal("RolledBack", saga.State);
        Assert.Equal(Holdings.None, await system.Databases.HoldingsAsync(saga.Subject));
    }

    [Fact]
    public async Task Nobody_becomes_an_admin_by_registering_but_an_admin_may_make_one()
    {
        var asked = await RegisterAsync(system.Identity, new { username = _name, password = Password, role = "admin" });
        var forged = await RegisterAsync(system.Identity, new { username = _name, password = Password, id = Guid.Empty, version = 99 });
        using var made = await system.AdminAsync(
            HttpMethod.Post, "/api/auth/register", new { username = $"{_name}-admin", password = Password, role = "admin" });
        using var answer = await system.Identity.Client.SendAsync(made, TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (asked.Status, forged.Status));
        Assert.Equal(["role"], asked.Body.GetProperty("errors").EnumerateObject().Select(error => error.Name));
        Assert.Equal(["id", "version"], forged.Body.GetProperty("errors").EnumerateObject().Select(error => error.Name));
        Assert.Null(await system.Databases.SagaAsync(_name));
        Assert.Equal($"{_name}-admin admin Active", await system.Databases.Auth.ScalarAsync<string>(
            "select username || ' ' || role || ' ' || state from accounts where username = $1", $"{_name}-admin"));
    }

    [Fact]
    public async Task An_admins_wish_for_an_admin_with_a_token_that_counts_no_more_is_refused_and_not_half_heard()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/auth/register")
        {
            Content = JsonContent.Create(new { username = _name, password = Password, role = "admin" }),
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", "outlived") },
        };
        using var answer = await system.Identity.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Null(await system.Databases.SagaAsync(_name));
    }

    [Theory]
    [InlineData("role")]
    [InlineData("password")]
    [InlineData("own password")]
    [InlineData("lock")]
    [InlineData("deletion")]
    public async Task Within_two_seconds_of_a_change_older_tokens_are_worthless_in_every_service(string change)
    {
        var id = await system.AddPersonAsync(_name, Password);
        var tokens = await TokensAsync(Password);
        var uses = new (Relay? Service, string Path)[]
        {
            (null, "/api/auth/validate"), (system.Users, $"/api/users/{id}"), (system.Devices, "/api/devices"), (system.Monitoring, "/api/monitoring/devices"),
        };
        foreach (var (service, path) in uses)
            Assert.Equal(HttpStatusCode.OK, await UseAsync(service, path, tokens.Access));

        using var request = change switch
        {
            "role" => await system.AdminAsync(HttpMethod.Put, $"/api/auth/users/{id}", new { role = "admin" }),
            "password" => await system.AdminAsync(HttpMethod.Put, $"/api/auth/users/{id}", new { password = "another password" }),
            "own password" => await system.AsAsync(
                _name, Password, HttpMethod.Put, "/api/auth/me/password", new { current_password = Password, new_password = "another password" }),
            "lock" => await system.AdminAsync(HttpMethod.Put, $"/api/auth/users/{id}/lock", new { }),
            _ => await system.AdminAsync(HttpMethod.Delete, $"/api/auth/users/{id}"),
        };
        using var answer = await system.Identity.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"{change}: {answer.StatusCode}");

        foreach (var (service, path) in uses)
        {
            await Eventually.GetAsync(
                () => UseAsync(service, path, tokens.Access), status => status == HttpStatusCode.Unauthorized,
                $"{path} refuses the old token", TimeSpan.FromSeconds(2));
        }

        // Who was promoted goes on with the new role; who has a new password, is locked or gone does not.
        using var refresh = await system.Identity.Client.PostAsJsonAsync("/api/auth/refresh", new { refresh = tokens.Refresh }, TestContext.Current.CancellationToken);
        Assert.Equal(change == "role" ? HttpStatusCode.OK : HttpStatusCode.Unauthorized, refresh.StatusCode);
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task A_change_of_a_version_that_somebody_changes_meanwhile_is_refused_and_undone(string method)
    {
        var id = await system.AddPersonAsync(_name, Password);
        using var read = await system.AdminAsync(HttpMethod.Get, $"/api/auth/users/{id}");
        using var shown = await system.Identity.Client.SendAsync(read, TestContext.Current.CancellationToken);
        using var change = await system.AdminAsync(new HttpMethod(method), $"/api/auth/users/{id}", method == "PUT" ? new { fname = "New", role = "admin" } : null);
        change.Headers.IfMatch.Add(shown.Headers.ETag!);
        using var locking = await system.AdminAsync(HttpMethod.Put, $"/api/auth/users/{id}/lock", new { });

        // The saga has been allowed to begin, and waits for its first row.
        await using var gate = await Gate.CloseAsync(system.Databases.Auth, _name, GateKind.Statement, write: 1);
        var changing = system.Identity.Client.SendAsync(change, TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(gate.IsReachedAsync, "the saga waits");
        using var locked = await system.Identity.Client.SendAsync(locking, TestContext.Current.CancellationToken);
        await gate.OpenAsync();
        using var changed = await changing;

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.PreconditionFailed), (locked.StatusCode, changed.StatusCode));
        var expected = new Holdings($"{_name} client Active", $"{_name} client Old", $"{_name} client", 2, $"{_name} client", 2);
        await Eventually.GetAsync(() => system.Databases.HoldingsAsync(id), holdings => holdings == expected, "nothing has changed");
    }

    [Fact]
    public async Task A_lock_while_the_deletion_runs_takes_no_version_from_it_and_nothing_is_left_anywhere()
    {
        var id = await system.AddPersonAsync(_name, Password);
        using var delete = await system.AdminAsync(HttpMethod.Delete, $"/api/auth/users/{id}");
        using var locking = await system.AdminAsync(HttpMethod.Put, $"/api/auth/users/{id}/lock", new { });

        // The first write is the saga's row, the second the end of sign-in; the third waits.
        await using var gate = await Gate.CloseAsync(system.Databases.Auth, _name, GateKind.Statement, write: 3);
        var deleting = system.Identity.Client.SendAsync(delete, TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(gate.IsReachedAsync, "the saga waits");
        using var locked = await system.Identity.Client.SendAsync(locking, TestContext.Current.CancellationToken);
        await gate.OpenAsync();
        using var deleted = await deleting;

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NoContent), (locked.StatusCode, deleted.StatusCode));
        await Eventually.GetAsync(() => system.Databases.HoldingsAsync(id), holdings => holdings == Holdings.None, "nothing is left");
    }

    [Fact]
    public async Task A_locked_account_is_unlocked_again()
    {
        var id = await system.AddPersonAsync(_name, Password);
        using var locking = await system.AdminAsync(HttpMethod.Put, $"/api/auth/users/{id}/lock", new { });
        using var locked = await system.Identity.Client.SendAsync(locking, TestContext.Current.CancellationToken);
        using var refused = await system.SignInAsync(_name, Password);
        using var unlocking = await system.AdminAsync(HttpMethod.Delete, $"/api/auth/users/{id}/lock");
        using var unlocked = await system.Identity.Client.SendAsync(unlocking, TestContext.Current.CancellationToken);
        using var allowed = await system.SignInAsync(_name, Password);

        Assert.Equal(
            [HttpStatusCode.OK, HttpStatusCode.TooManyRequests, HttpStatusCode.OK, HttpStatusCode.OK],
            new[] { locked, refused, unlocked, allowed }.Select(answer => answer.StatusCode));
    }

    [Fact]
    public async Task Of_all_admins_demoting_each_other_at_once_one_is_left()
    {
        for (var number = 0; number < 4; number++)
        {
            using var make = await system.AdminAsync(
                HttpMethod.Post, "/api/auth/register", new { username = $"{_name}-{number}", password = Password, role = "admin" });
            using var made = await system.Identity.Client.SendAsync(make, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        }

        await system.Databases.Auth.ScalarAsync<object>("update accounts set role = 'client' where username <> 'root' and username not like $1", $"{_name}-%");
        var ids = (await system.Databases.Auth.ScalarAsync<Guid[]>("select array_agg(id) from accounts where role = 'admin' and state = 'Active'"))!;
        try
        {
            var demotions = new List<HttpRequestMessage>();
            foreach (var id in ids.Concat(ids).Concat(ids).Concat(ids))
                demotions.Add(await system.AdminAsync(HttpMethod.Put, $"/api/auth/users/{id}", new { role = "client" }));

            var answers = await Task.WhenAll(demotions.Select((demotion, number) => (number % 2 == 0 ? system.Identity : system.Other).Client.SendAsync(demotion)));

            Assert.Equal(5, ids.Length);
            Assert.Contains(answers, answer => answer.StatusCode == HttpStatusCode.Conflict);
            Assert.Equal(1, await system.Databases.Auth.ScalarAsync<long>("select count(*) from accounts where role = 'admin' and state = 'Active'"));
        }
        finally
        {
            await system.Databases.Auth.ScalarAsync<object>("update accounts set role = 'admin' where username = 'root'");
        }
    }

    [Fact]
    public async Task Everything_leaves_an_audit_record_without_secrets()
    {
        var id = await system.AddPersonAsync(_name, Password);
        using var failed = await system.SignInAsync(_name, "wrong password");
        using var update = await system.AdminAsync(HttpMethod.Put, $"/api/auth/users/{id}", new { role = "admin", password = "another password" });
        using var updated = await system.Identity.Client.SendAsync(update, TestContext.Current.CancellationToken);
        using var delete = await system.AdminAsync(HttpMethod.Delete, $"/api/auth/users/{id}");
        using var deleted = await system.Identity.Client.SendAsync(delete, TestContext.Current.CancellationToken);

        using var read = await system.AdminAsync(HttpMethod.Get, $"/api/auth/audit?user_id={id}");
        using var answer = await system.Identity.Client.SendAsync(read, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var records = JsonDocument.Parse(text).RootElement.EnumerateArray().ToArray();

        Assert.Equal(
            ["account_deleted", "account_updated", "sign_in_failed", "account_registered"],
            records.Select(record => record.GetProperty("action").GetString()));
        var change = records[1];
        Assert.Equal(("root", "client", "admin", true), (
            change.GetProperty("actor").GetString(), change.GetProperty("before").GetProperty("role").GetString(),
            change.GetProperty("after").GetProperty("role").GetString(), change.GetProperty("after").GetProperty("password_changed").GetBoolean()));
        Assert.All(records, record => Assert.False(string.IsNullOrEmpty(record.GetProperty("address").GetString())));
        Assert.DoesNotContain("password\":\"", text, StringComparison.Ordinal);
        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => system.Databases.Auth.ScalarAsync<object>("delete from audit_records"));
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body, Guid Id)> RegisterAsync(IdentityProcess identity, object registration)
    {
        using var answer = await identity.Client.PostAsJsonAsync("/api/auth/register", registration);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();

        return (answer.StatusCode, body, answer.IsSuccessStatusCode ? body.GetProperty("tokens").GetProperty("user").GetProperty("id").GetGuid() : Guid.Empty);
    }

    private async Task<(string Access, string Refresh)> TokensAsync(string password)
    {
        using var answer = await system.SignInAsync(_name, password);
        var tokens = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("tokens");

        return (tokens.GetProperty("access").GetString()!, tokens.GetProperty("refresh").GetString()!);
    }

    private async Task<HttpStatusCode> UseAsync(Relay? service, string path, string token)
    {
        using var client = new HttpClient { BaseAddress = service is null ? system.Identity.Client.BaseAddress : new Uri(service.Address) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));

        return answer.StatusCode;
    }
}
