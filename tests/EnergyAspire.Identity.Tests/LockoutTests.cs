using System.Net;
using System.Net.Http.Json;
using EnergyAspire.Identity.Accounts;
using EnergyAspire.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace EnergyAspire.Identity.Tests;

/// <summary>Failed sign-ins slow down who guesses, and nobody else.</summary>
public sealed class LockoutTests(IdentityFixture fixture) : IAsyncLifetime
{
    private IdentityHost _identity = null!;

    public async ValueTask InitializeAsync() => _identity = await fixture.StartAsync(await fixture.CreateDatabaseAsync());

    [Fact]
    public async Task Guesses_from_one_address_lock_the_name_for_that_address_only()
    {
        using var attacker = From("192.0.2.1");
        for (var guess = 0; guess < 6; guess++)
            Assert.Equal(guess < 5 ? HttpStatusCode.Unauthorized : HttpStatusCode.TooManyRequests, await SignInAsync(attacker, "admin", "wrong"));

        using var owner = From("198.51.100.7");
        Assert.Equal(HttpStatusCode.OK, await SignInAsync(owner, "admin", "admin123"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await SignInAsync(attacker, "admin", "admin123"));
    }

    [Fact]
    public async Task All_addresses_of_one_IPv6_network_are_one()
    {
        for (var guess = 0; guess < 5; guess++)
        {
            using var attacker = From($"2001:db8:0:1:{guess}::1");
            await SignInAsync(attacker, "bob", "wrong");
        }

        using var neighbour = From("2001:db8:0:1:ffff::1");
        using var other = From("2001:db8:0:2::1");
        Assert.Equal(HttpStatusCode.TooManyRequests, await SignInAsync(neighbour, "bob", "bob123"));
        Assert.Equal(HttpStatusCode.OK, await SignInAsync(other, "bob", "bob123"));
    }

    [Theory]
    [InlineData("alice")]
    [InlineData("nobody")]
    public async Task Guesses_from_everywhere_lock_the_name_for_browsers_that_are_not_known(string username)
    {
        using var known = From("198.51.100.7");
        Assert.Equal(HttpStatusCode.OK, await SignInAsync(known, "alice", "alice123"));
        var failures = Enumerable.Range(0, SignInFailures.LimitOfUnknown).ToList();
        await using (var scope = _identity.Services.CreateAsyncScope())
        {
            foreach (var number in failures)
                await scope.ServiceProvider.GetRequiredService<SignInFailures>()
                    .CountAsync(username.ToUpperInvariant(), SignInSource.Address(new IPAddress([192, 0, 2, (byte)number])), CancellationToken.None);
        }

        using var unknown = From("198.51.100.7");
        Assert.Equal(HttpStatusCode.TooManyRequests, await SignInAsync(unknown, username, "alice123"));
        Assert.Equal(HttpStatusCode.OK, await SignInAsync(known, "alice", "alice123"));
    }

    [Fact]
    public async Task One_address_alone_never_locks_the_name_for_others()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var identity = await fixture.StartAsync(await fixture.CreateDatabaseAsync(), time: time);
        var counted = 0;
        for (var round = 0; round < 30; round++)
        {
            counted += await CountAsync(identity, "192.0.2.1", 5);
            time.Advance(SignInFailures.LockDuration);
        }

        // Ten in an hour and five minutes, and then again.
        Assert.Equal(30, counted);
        using var other = From("198.51.100.7", identity);
        Assert.Equal(HttpStatusCode.OK, await SignInAsync(other, "alice", "alice123"));
    }

    [Theory]
    [InlineData(19, HttpStatusCode.OK)]
    [InlineData(20, HttpStatusCode.TooManyRequests)]
    public async Task Twenty_addresses_within_an_hour_lock_the_name_for_others(int addresses, HttpStatusCode expected)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var identity = await fixture.StartAsync(await fixture.CreateDatabaseAsync(), time: time);
        await CountAsync(identity, "203.0.113.1", 5);
        time.Advance(TimeSpan.FromHours(1));
        for (var round = 0; round < 2; round++)
        {
            for (var address = 1; address <= addresses; address++)
                await CountAsync(identity, $"192.0.2.{address}", 5);
            time.Advance(SignInFailures.LockDuration);
        }

        using var other = From("198.51.100.7", identity);
        Assert.Equal(expected, await SignInAsync(other, "alice", "alice123"));
        time.Advance(SignInFailures.LockDurationOfUnknown);
        Assert.Equal(HttpStatusCode.OK, await SignInAsync(other, "alice", "alice123"));
    }

    [Fact]
    public async Task Of_failures_from_many_addresses_at_the_same_moment_no_more_count_than_the_limit()
    {
        var counted = await Task.WhenAll(Enumerable.Range(1, 130).Select(address => CountAsync(_identity, $"192.0.2.{address}", 1)));

        Assert.Equal(SignInFailures.LimitOfUnknown, counted.Sum());
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site", false)]
    [InlineData("Sec-Fetch-Site", "same-origin", true)]
    [InlineData("Origin", "https://evil.example", false)]
    [InlineData("Origin", "null", false)]
    [InlineData("Origin", "https://energy.example", true)]
    public async Task A_sign_in_that_another_site_sends_does_not_replace_what_the_browser_is_known_by(string header, string value, bool remembers)
    {
        using var browser = From("198.51.100.7");
        browser.DefaultRequestHeaders.Add(header, value);
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["username"] = "alice", ["password"] = "alice123" });
        using var answer = await browser.PostAsync("/api/auth/login", form);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(remembers, answer.Headers.TryGetValues("Set-Cookie", out var cookies) && cookies.Any(cookie => cookie.StartsWith("energy-known-browser=", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_known_browser_has_as_few_tries_as_any_other_and_only_for_its_own_accounts()
    {
        using var browser = From("198.51.100.7");
        Assert.Equal(HttpStatusCode.OK, await SignInAsync(browser, "alice", "alice123"));
        using var unknown = From("198.51.100.7");
        for (var guess = 0; guess < 5; guess++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync(browser, "alice", "wrong"));
            Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync(unknown, "bob", "wrong"));
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, await SignInAsync(browser, "alice", "alice123"));
        Assert.Equal(HttpStatusCode.OK, await SignInAsync(unknown, "alice", "alice123"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await SignInAsync(browser, "bob", "bob123"));
    }

    [Fact]
    public async Task A_made_up_cookie_makes_no_browser_known()
    {
        using var attacker = _identity.CreateClient();
        attacker.DefaultRequestHeaders.Add("Cookie", "energy-known-browser=made-up");
        for (var guess = 0; guess < 5; guess++)
            await SignInAsync(attacker, "bob", "wrong");

        using var neighbour = _identity.CreateClient();
        Assert.Equal(HttpStatusCode.TooManyRequests, await SignInAsync(neighbour, "bob", "bob123"));
    }

    [Fact]
    public async Task Right_sign_ins_at_the_same_moment_all_succeed()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            using var client = From("198.51.100.7");
            return await SignInAsync(client, "bob", "bob123");
        }));

        Assert.All(answers, status => Assert.Equal(HttpStatusCode.OK, status));
    }

    [Fact]
    public async Task The_right_one_among_many_guesses_at_the_same_moment_is_not_told_apart()
    {
        using var attacker = From("192.0.2.1");
        for (var guess = 0; guess < 5; guess++)
            await SignInAsync(attacker, "bob", "wrong");

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(number => SignInAsync(attacker, "bob", number == 5 ? "bob123" : "wrong")));

        Assert.All(answers, status => Assert.Equal(HttpStatusCode.TooManyRequests, status));
    }

    [Fact]
    public async Task The_owner_changes_the_password_while_others_guess_it()
    {
        using var owner = await _identity.ClientOfAsync("bob", "bob123");
        using var attacker = From("192.0.2.1");
        for (var guess = 0; guess < 6; guess++)
            await SignInAsync(attacker, "bob", "wrong");

        using var changed = await owner.PutAsJsonAsync("/api/auth/me/password", new { current_password = "bob123", new_password = "bob456789" });

        Assert.Equal(HttpStatusCode.NoContent, changed.StatusCode);
    }

    [Fact]
    public async Task A_stolen_session_has_few_tries_at_the_password_too()
    {
        using var thief = await _identity.ClientOfAsync("bob", "bob123");
        var answers = new List<HttpStatusCode>();
        for (var guess = 0; guess < 6; guess++)
        {
            using var answer = await thief.PutAsJsonAsync("/api/auth/me/password", new { current_password = "wrong", new_password = "bob456789" });
            answers.Add(answer.StatusCode);
        }

        Assert.Equal([.. Enumerable.Repeat(HttpStatusCode.BadRequest, 5), HttpStatusCode.TooManyRequests], answers);
        using var owner = From("198.51.100.7");
        Assert.Equal(HttpStatusCode.OK, await SignInAsync(owner, "bob", "bob123"));
    }

    [Fact]
    public async Task Of_five_changes_from_one_password_at_the_same_moment_one_wins()
    {
        using var owner = await _identity.ClientOfAsync("bob", "bob123");

        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(async number =>
        {
            using var answer = await owner.PutAsJsonAsync("/api/auth/me/password", new { current_password = "bob123", new_password = $"bob-new-{number}" });
            return answer.StatusCode;
        }));

        Assert.Single(answers, HttpStatusCode.NoContent);
        Assert.All(answers, status => Assert.Contains(status, new[] { HttpStatusCode.NoContent, HttpStatusCode.Conflict, HttpStatusCode.Unauthorized, HttpStatusCode.BadRequest }));
    }

    [Fact]
    public async Task An_admin_unlocks_a_name_for_every_source()
    {
        using var attacker = From("192.0.2.1");
        for (var guess = 0; guess < 5; guess++)
            await SignInAsync(attacker, "bob", "wrong");
        using var admin = await _identity.ClientOfAsync("admin", "admin123");

        using var unlocked = await admin.DeleteAsync($"/api/auth/users/{DevelopmentData.Bob}/lock");

        Assert.Equal(HttpStatusCode.OK, unlocked.StatusCode);
        Assert.Equal(HttpStatusCode.OK, await SignInAsync(attacker, "bob", "bob123"));
    }

    public ValueTask DisposeAsync() => _identity.DisposeAsync();

    /// <summary>A browser at an address, as the gateway tells of it.</summary>
    private HttpClient From(string address, IdentityHost? identity = null)
    {
        var client = (identity ?? _identity).CreateClient();
        client.DefaultRequestHeaders.Add("X-Forwarded-For", address);

        return client;
    }

    /// <summary>Fails to sign in as alice, without the work of hashing.</summary>
    /// <returns>How many of the failures came before a lock.</returns>
    private static async Task<int> CountAsync(IdentityHost identity, string address, int failures)
    {
        await using var scope = identity.Services.CreateAsyncScope();
        var counted = 0;
        for (var failure = 0; failure < failures; failure++)
        {
            var result = await scope.ServiceProvider.GetRequiredService<SignInFailures>()
                .CountAsync("ALICE", SignInSource.Address(IPAddress.Parse(address)), CancellationToken.None);
            counted += result.CameTooLate ? 0 : 1;
        }

        return counted;
    }

    private static async Task<HttpStatusCode> SignInAsync(HttpClient client, string username, string password)
    {
        using var answer = await client.PostAsJsonAsync("/api/auth/login", new { username, password });
        return answer.StatusCode;
    }
}
