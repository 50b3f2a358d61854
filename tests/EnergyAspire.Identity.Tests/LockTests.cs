using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.ServiceDefaults;
using Microsoft.Extensions.Time.Testing;

namespace EnergyAspire.Identity.Tests;

/// <summary>Accounts that an admin locks, and what their people are told.</summary>
public sealed class LockTests(IdentityFixture fixture)
{
    private static readonly string Lock = $"/api/auth/users/{DevelopmentData.Bob}/lock";

    [Fact]
    public async Task A_lock_until_a_time_ends_by_itself_and_says_when()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var identity = await fixture.StartAsync(await fixture.CreateDatabaseAsync(), time: time);
        using var admin = await identity.ClientOfAsync("admin", "admin123");
        var until = time.GetUtcNow().AddDays(3);

        // An offset is as good as UTC.
        using var locked = await admin.PutAsJsonAsync(Lock, new { until = until.ToOffset(TimeSpan.FromHours(2)) });
        Assert.Equal(until, (await locked.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("locked_until").GetDateTimeOffset(), TimeSpan.FromMilliseconds(1));
        using var refused = await SignInAsync(identity);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal(TimeSpan.FromDays(3), refused.Headers.RetryAfter!.Delta);
        Assert.Equal("An administrator has locked this account for a while.", await DetailAsync(refused));

        time.Advance(TimeSpan.FromDays(3));
        using var allowed = await SignInAsync(identity);
        Assert.Equal(HttpStatusCode.OK, allowed.StatusCode);
    }

    [Fact]
    public async Task A_lock_without_an_end_says_who_ends_it()
    {
        await using var identity = await fixture.StartAsync(await fixture.CreateDatabaseAsync());
        using var admin = await identity.ClientOfAsync("admin", "admin123");

        using var locked = await admin.PutAsJsonAsync(Lock, new { });
        using var refused = await SignInAsync(identity);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.TooManyRequests), (locked.StatusCode, refused.StatusCode));
        Assert.Null(refused.Headers.RetryAfter);
        Assert.Equal("An administrator has locked this account. Please ask one to unlock it.", await DetailAsync(refused));
    }

    [Fact]
    public async Task A_lock_that_would_have_ended_is_refused()
    {
        using var admin = await fixture.Identity.ClientOfAsync("admin", "admin123");

        using var answer = await admin.PutAsJsonAsync(Lock, new { until = DateTimeOffset.UtcNow.AddSeconds(-1) });

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("until", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").EnumerateObject().Single().Name);
    }

    private static async Task<HttpResponseMessage> SignInAsync(IdentityHost identity)
    {
        using var anyone = identity.CreateClient();
        return await anyone.PostAsJsonAsync("/api/auth/login", new { username = "bob", password = "bob123" });
    }

    private static async Task<string?> DetailAsync(HttpResponseMessage answer) =>
        (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString();
}
