using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using EnergyAspire.Identity.Tokens;
using EnergyAspire.ServiceDefaults.Authentication;
using EnergyAspire.Testing;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server;

namespace EnergyAspire.Identity.Tests;

public sealed class KeyRotationTests(IdentityFixture fixture)
{
    [Fact]
    public async Task Keys_rotate_at_every_replica_and_nobody_is_signed_out()
    {
        // Services check the lifetime of tokens by the real clock, so the past is rotated.
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow.AddHours(-2));
        var database = await fixture.CreateDatabaseAsync();
        await using var one = await StartAsync(database, time, lifetime: "01:00:00", ahead: "00:30:00");
        await using var other = await StartAsync(database, time, lifetime: "01:00:00", ahead: "00:30:00");
        await using var service = await StartServiceAsync(other);
        var before = (await one.LoginAsync("alice", "alice123")).Tokens();
        Assert.Equal(HttpStatusCode.OK, await CallAsync(service, before.Access));
        var oldKey = Assert.Single(await PublishedAsync(one));

        time.Advance(TimeSpan.FromMinutes(61));
        foreach (var replica in new[] { one, other })
        {
            await Eventually.TrueAsync(async () => (await PublishedAsync(replica)).Count == 2, "the successor is published");
            Assert.Equal(oldKey, KeyOf((await replica.LoginAsync("alice", "alice123")).Tokens()));
        }

        time.Advance(TimeSpan.FromMinutes(31));
        var newKey = Assert.Single(await PublishedAsync(one), key => key != oldKey);
        foreach (var replica in new[] { one, other })
        {
            await Eventually.TrueAsync(async () => KeyOf((await replica.LoginAsync("bob", "bob123")).Tokens()) == newKey, "the successor signs");
            using var client = replica.ClientWith(before.Access);
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/auth/validate")).StatusCode);
        }

        Assert.Equal(HttpStatusCode.OK, await CallAsync(service, before.Access));
        var after = await RefreshedAsync(other, before);
        Assert.Equal(newKey, KeyOf(after));
        await Eventually.TrueAsync(async () => await CallAsync(service, after.Access) == HttpStatusCode.OK, "the service takes the new key");
        Assert.Equal(newKey, KeyOf(await RefreshedAsync(one, after)));
        Assert.Equal(4, await IdentityFixture.CountAsync(database, "select count(*) from signing_keys"));
    }

    [Fact]
    public async Task A_key_stays_until_everything_it_signed_is_dead_and_is_then_removed()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var identity = await StartAsync(await fixture.CreateDatabaseAsync(), time, lifetime: "30.00:00:00", ahead: "1.00:00:00");
        var first = Assert.Single(await PublishedAsync(identity));

        time.Advance(TimeSpan.FromDays(30));
        await Eventually.TrueAsync(async () => (await PublishedAsync(identity)).Count == 2, "there is a successor");
        time.Advance(TimeSpan.FromDays(1) - TimeSpan.FromHours(1));
        var last = (await identity.LoginAsync("alice", "alice123")).Tokens();
        Assert.Equal(first, KeyOf(last));

        time.Advance(TimeSpan.FromDays(14) - TimeSpan.FromHours(1));
        await Eventually.TrueAsync(
            async () => KeyOf((await identity.LoginAsync("bob", "bob123")).Tokens()) != first, "the successor signs");
        var fresh = await RefreshedAsync(identity, last);
        Assert.NotEqual(first, KeyOf(fresh));

        time.Advance(TimeSpan.FromHours(4));
        await Eventually.TrueAsync(async () => !(await PublishedAsync(identity)).Contains(first), "the old key retires");
        await Eventually.TrueAsync(
            async () => await IdentityFixture.CountAsync(identity.Database, "select count(*) from signing_keys") == 2, "the old keys are removed");
        await RefreshedAsync(identity, fresh);
    }

    [Fact]
    public async Task OpenIddict_signs_with_the_first_key_of_the_ring_however_many_there_are()
    {
        await using var identity = await fixture.StartAsync(await fixture.CreateDatabaseAsync());
        using var rsa = RSA.Create(2048);
        var signing = Keys(40);
        var encryption = Keys(40);

        identity.Services.GetRequiredService<KeyRing>().Replace(new TokenKeys(signing, encryption));

        var options = identity.Services.GetRequiredService<IOptionsMonitor<OpenIddictServerOptions>>().CurrentValue;
        Assert.Equal(signing.Select(key => key.KeyId), options.SigningCredentials.Select(credentials => credentials.Key.KeyId));
        Assert.Equal(encryption.Select(key => key.KeyId), options.EncryptionCredentials.Select(credentials => credentials.Key.KeyId));
        Assert.Equal(signing[0].KeyId, KeyOf((await identity.LoginAsync("alice", "alice123")).Tokens()));

        List<RsaSecurityKey> Keys(int count) =>
            [.. Enumerable.Range(0, count).Select(_ => new RsaSecurityKey(rsa.ExportParameters(true)) { KeyId = Guid.NewGuid().ToString("N") })];
    }

    [Fact]
    public async Task An_admin_begins_a_rotation_that_nobody_notices()
    {
        await using var identity = await fixture.StartAsync(await fixture.CreateDatabaseAsync());
        using var admin = await identity.ClientOfAsync("admin", "admin123");
        using var answer = await admin.PostAsJsonAsync("/api/auth/keys/rotate", new { });
        var rotation = await answer.Content.ReadFromJsonAsync<JsonElement>();

        Assert.InRange(rotation.GetProperty("signs_from").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddHours(23), DateTimeOffset.UtcNow.AddHours(24));
        Assert.Contains(rotation.GetProperty("key_id").GetString()!, await PublishedAsync(identity));
        Assert.NotEqual(rotation.GetProperty("key_id").GetString(), KeyOf((await identity.LoginAsync("alice", "alice123")).Tokens()));
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("/api/auth/validate")).StatusCode);
    }

    [Fact]
    public async Task After_a_leak_an_admin_makes_every_token_worthless()
    {
        await using var identity = await fixture.StartAsync(await fixture.CreateDatabaseAsync());
        await using var service = await StartServiceAsync(identity);
        var before = (await identity.LoginAsync("alice", "alice123")).Tokens();
        Assert.Equal(HttpStatusCode.OK, await CallAsync(service, before.Access));
        using var admin = await identity.ClientOfAsync("admin", "admin123");
        using var answer = await admin.PostAsJsonAsync("/api/auth/keys/rotate", new { retire_old = true });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

        Assert.Equal(HttpStatusCode.Unauthorized, (await admin.GetAsync("/api/auth/validate")).StatusCode);
        using var client = identity.CreateClient();
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.PostAsJsonAsync("/api/auth/refresh", new { refresh = before.Refresh })).StatusCode);
        var after = (await identity.LoginAsync("alice", "alice123")).Tokens();
        // The first time that the service sees the new key. What hangs on the token ends with it, such as a socket.
        using var first = service.GetTestClient();
        first.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", after.Access);
        Assert.Equal(new JsonWebToken(after.Access).ValidTo, (await first.GetFromJsonAsync<DateTimeOffset?>("/expiry"))?.UtcDateTime);
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(service, before.Access));
        Assert.Equal(1, await IdentityFixture.CountAsync(identity.Database, "select count(*) from audit_records where action = 'keys_rotated'"));
    }

    [Fact]
    public async Task A_service_that_nobody_calls_forgets_a_leaked_key_within_a_minute()
    {
        await using var identity = await fixture.StartAsync(await fixture.CreateDatabaseAsync());
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var service = await StartServiceAsync(identity, time);
        var before = (await identity.LoginAsync("alice", "alice123")).Tokens();
        Assert.Equal(HttpStatusCode.OK, await CallAsync(service, before.Access));
        using var admin = await identity.ClientOfAsync("admin", "admin123");
        using var answer = await admin.PostAsJsonAsync("/api/auth/keys/rotate", new { retire_old = true });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(HttpStatusCode.OK, await CallAsync(service, before.Access));

        time.Advance(TimeSpan.FromMinutes(1));

        await Eventually.TrueAsync(async () => await CallAsync(service, before.Access) == HttpStatusCode.Unauthorized, "the service forgets the old key");
    }

    [Fact]
    public async Task Tokens_of_unknown_keys_hold_nobody_up()
    {
        await using var service = await StartServiceAsync(fixture.Identity);
        Assert.Equal(HttpStatusCode.OK, await CallAsync(service, (await fixture.Identity.LoginAsync("alice", "alice123")).Tokens().Access));
        var forged = TestTokens.Issue(new() { ["sub"] = Guid.NewGuid().ToString(), ["role"] = "admin" }, IdentityHost.Issuer);

        // Each would wait for a second, were the wait not shared.
        var clock = Stopwatch.StartNew();
        for (var attempt = 0; attempt < 100; attempt++)
            Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(service, forged));

        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(50));
    }

    [Fact]
    public async Task Only_an_admin_rotates_keys()
    {
        using var alice = await fixture.Identity.ClientOfAsync("alice", "alice123");
        using var anonymous = fixture.Identity.CreateClient();

        Assert.Equal(HttpStatusCode.Forbidden, (await alice.PostAsJsonAsync("/api/auth/keys/rotate", new { })).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await anonymous.PostAsJsonAsync("/api/auth/keys/rotate", new { })).StatusCode);
    }

    private Task<IdentityHost> StartAsync(string database, TimeProvider time, string lifetime, string ahead) => fixture.StartAsync(
        database, time: time, settings: new() { ["Identity:KeyLifetime"] = lifetime, ["Identity:KeyPublishAhead"] = ahead });

    /// <summary>A service that knows Identity by its discovery document only.</summary>
    private static async Task<WebApplication> StartServiceAsync(IdentityHost identity, TimeProvider? time = null)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseTestServer();
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.AddEnergyAuthentication();
        builder.Services.AddHttpClient();
        builder.Services.ConfigureHttpClientDefaults(http => http.ConfigurePrimaryHttpMessageHandler(() => identity.Server.CreateHandler()));
        var service = builder.Build();
        service.UseAuthentication();
        service.UseAuthorization();
        service.MapGet("/", (CurrentUser caller) => caller.Username).RequireAuthorization();
        service.MapGet("/expiry", async (HttpContext http) => (await http.AuthenticateAsync()).Properties?.ExpiresUtc).RequireAuthorization();
        await service.StartAsync();

        return service;
    }

    private static async Task<HttpStatusCode> CallAsync(WebApplication service, string access)
    {
        using var client = service.GetTestClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", access);
        using var answer = await client.GetAsync("/");

        return answer.StatusCode;
    }

    private static async Task<Tokens> RefreshedAsync(IdentityHost identity, Tokens tokens)
    {
        using var client = identity.CreateClient();
        using var answer = await client.PostAsJsonAsync("/api/auth/refresh", new { refresh = tokens.Refresh });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).Tokens();
    }

    private static async Task<List<string>> PublishedAsync(IdentityHost identity)
    {
        using var client = identity.CreateClient();
        var keys = await client.GetFromJsonAsync<JsonElement>("/.well-known/jwks");

        return [.. keys.GetProperty("keys").EnumerateArray().Select(key => key.GetProperty("kid").GetString()!)];
    }

    private static string KeyOf(Tokens tokens) => new JsonWebToken(tokens.Access).Kid;

}
