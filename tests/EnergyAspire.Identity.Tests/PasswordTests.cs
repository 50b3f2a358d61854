using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.Identity.Accounts;
using EnergyAspire.Identity.Data;
using EnergyAspire.ServiceDefaults;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EnergyAspire.Identity.Tests;

/// <summary>Equal passwords are equal however a keyboard writes them; those that everybody tries first are refused.</summary>
public sealed class PasswordTests(IdentityFixture fixture)
{
    private const string Password = "the first administrator's";
    private const string Composed = "Stra\u00dfencaf\u00e9 f\u00fcr drei";
    private const string Decomposed = "Stra\u00dfencafe\u0301 fu\u0308r\u00a0drei";

    [Theory]
    [InlineData(Composed, Decomposed)]
    [InlineData(Decomposed, Composed)]
    public async Task A_password_is_the_same_composed_or_not(string chosen, string typed)
    {
        await using var identity = await fixture.StartAsync(await fixture.CreateDatabaseAsync());
        using var bob = await identity.ClientOfAsync("bob", "bob123");
        using var changed = await bob.PutAsJsonAsync("/api/auth/me/password", new { current_password = "bob123", new_password = chosen });
        Assert.Equal(HttpStatusCode.NoContent, changed.StatusCode);

        await identity.LoginAsync("bob", typed);
        await identity.LoginAsync("bob", chosen);
    }

    [Fact]
    public async Task A_hash_of_what_was_typed_before_passwords_were_normalised_still_counts()
    {
        await using var identity = await fixture.StartAsync(await fixture.CreateDatabaseAsync());
        await using (var scope = identity.Services.CreateAsyncScope())
        {
            var hash = scope.ServiceProvider.GetRequiredService<IPasswordHasher<Account>>().HashPassword(PasswordDecoy.Nobody, Decomposed);
            await scope.ServiceProvider.GetRequiredService<AuthDbContext>().Accounts.Where(account => account.Id == DevelopmentData.Bob)
                .ExecuteUpdateAsync(account => account.SetProperty(a => a.PasswordHash, hash));
        }

        await identity.LoginAsync("bob", Decomposed);
    }

    [Fact]
    public async Task An_imported_hash_counts_until_the_first_sign_in_which_replaces_it()
    {
        // Made by Python's hashlib.pbkdf2_hmac.
        const string Imported = "pbkdf2_sha256$1000$aB1cD2eF3gH4iJ5kL6mN7o$5PPW6Ii7oDNknwBLn6Wo8Q2fWviaelCx5fJKK7792xo=";
        await using var identity = await fixture.StartAsync(await fixture.CreateDatabaseAsync());
        await using var scope = identity.Services.CreateAsyncScope();
        var bob = scope.ServiceProvider.GetRequiredService<AuthDbContext>().Accounts.Where(account => account.Id == DevelopmentData.Bob);
        await bob.ExecuteUpdateAsync(account => account.SetProperty(a => a.PasswordHash, Imported));
        using var client = identity.CreateClient();

        using var wrong = await client.PostAsJsonAsync("/api/auth/login", new { username = "bob", password = "Gr\u00fcnkohl am Abend" });

        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Equal(Imported, await bob.Select(account => account.PasswordHash).SingleAsync());

        var tokens = (await identity.LoginAsync("bob", "Gr\u00fcnkohl am Mittag")).Tokens();

        Assert.Equal(1, Convert.FromBase64String((await bob.Select(account => account.PasswordHash).SingleAsync())!)[0]);
        await identity.LoginAsync("bob", "Gr\u00fcnkohl am Mittag");
        using var session = identity.ClientWith(tokens.Access);
        using var valid = await session.GetAsync(new Uri("/api/auth/validate", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, valid.StatusCode);
    }

    [Fact]
    public async Task Hashing_a_password_is_as_much_work_as_it_has_to_be()
    {
        await using var identity = fixture.Create(await fixture.CreateDatabaseAsync(), hashesAsInLife: true);
        await identity.WaitUntilReadyAsync();
        await using var scope = identity.Services.CreateAsyncScope();
        var hash = Convert.FromBase64String((await scope.ServiceProvider.GetRequiredService<AuthDbContext>().Accounts
            .Where(account => account.Id == DevelopmentData.Bob).Select(account => account.PasswordHash).SingleAsync())!);

        // Version 3: PBKDF2, its function (2: HMAC-SHA512), its iterations, as OWASP's password storage cheat sheet asks for.
        Assert.Equal(
            (1, 2u, 210_000u), (hash[0], BinaryPrimitives.ReadUInt32BigEndian(hash.AsSpan(1)), BinaryPrimitives.ReadUInt32BigEndian(hash.AsSpan(5))));
        await identity.LoginAsync("bob", "bob123");
    }

    [Fact]
    public async Task A_name_from_before_there_were_rules_still_signs_in()
    {
        await using var identity = await fixture.StartAsync(await fixture.CreateDatabaseAsync());
        await using (var scope = identity.Services.CreateAsyncScope())
        {
            // As it was stored when normalising did nothing.
            await scope.ServiceProvider.GetRequiredService<AuthDbContext>().Accounts.Where(account => account.Id == DevelopmentData.Bob)
                .ExecuteUpdateAsync(account => account.SetProperty(a => a.UserName, "Jose\u0301.").SetProperty(a => a.NormalizedUserName, "JOSE\u0301."));
        }

        await identity.LoginAsync("jose\u0301.", "bob123");
    }

    [Theory]
    [InlineData("password")]
    [InlineData("Password1!")]
    [InlineData("P@ssw0rd2024")]
    [InlineData("12345678")]
    [InlineData("123456789012")]
    [InlineData("19900101")]
    [InlineData("aaaaaaaa")]
    [InlineData("abababab")]
    [InlineData("passwordpassword")]
    [InlineData("qwertyuiop")]
    [InlineData("qwertz123")]
    [InlineData("1q2w3e4r5t")]
    [InlineData("abcdefgh")]
    [InlineData("zyxwvuts")]
    [InlineData("iloveyou!!")]
    [InlineData("sunshine2026")]
    [InlineData("carolina")]
    [InlineData("carolina123")]
    [InlineData("EnergyAspire1")]
    [InlineData("ｐａｓｓｗｏｒｄ")]
    public void Passwords_that_are_tried_first_are_guessable(string password) => Assert.True(GuessablePasswords.IsGuessable(password, "carolina"));

    [Theory]
    [InlineData("correct horse battery")]
    [InlineData("another password")]
    [InlineData("the first administrator's")]
    [InlineData("tr4mp0lin-Regen")]
    [InlineData("Kühlschrank summt leise")]
    [InlineData("x8!fQ2zr")]
    [InlineData("carolina mag Kakteen")]
    public void Others_are_not(string password) => Assert.False(GuessablePasswords.IsGuessable(password, "carolina"));

    [Fact]
    public async Task Guessable_passwords_are_refused_wherever_one_is_chosen()
    {
        await using var identity = await fixture.StartAsync(
            await fixture.CreateDatabaseAsync(), "Production",
            settings: new() { ["Identity:FirstAdmin:Username"] = "root", ["Identity:FirstAdmin:Password"] = Password });
        using var anyone = identity.CreateClient();
        using var root = await identity.ClientOfAsync("root", Password);
        var account = (await root.GetFromJsonAsync<JsonElement>("/api/auth/users"))[0].GetProperty("id").GetGuid();

        using var registered = await anyone.PostAsJsonAsync("/api/auth/register", new { username = "carolina", password = "Password1!" });
        using var namesake = await anyone.PostAsJsonAsync("/api/auth/register", new { username = "carolina", password = "carolina123" });
        using var created = await root.PostAsJsonAsync("/api/auth/register", new { username = "carolina", password = "Password1!", role = "admin" });
        using var reset = await root.PutAsJsonAsync($"/api/auth/users/{account}", new { password = "Password1!" });
        using var renamed = await root.PutAsJsonAsync($"/api/auth/users/{account}", new { username = "carolina", password = "carolina123" });
        using var own = await root.PutAsJsonAsync("/api/auth/me/password", new { current_password = Password, new_password = "Password1!" });

        foreach (var (answer, field) in new[]
            { (registered, "password"), (namesake, "password"), (created, "password"), (reset, "password"), (renamed, "password"), (own, "new_password") })
        {
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            var error = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").EnumerateObject().Single();
            Assert.Equal(field, error.Name);
            Assert.Contains("first that others would try", error.Value[0].GetString(), StringComparison.Ordinal);
        }

        await identity.LoginAsync("root", Password);
        Assert.Equal(1, await IdentityFixture.CountAsync(identity.Database, "select count(*) from accounts"));
    }

    [Theory]
    [InlineData("Development", true)]
    [InlineData("Production", false)]
    public async Task Guessable_passwords_are_refused_outside_development(string environment, bool isTaken)
    {
        await using var identity = await fixture.StartAsync(
            await fixture.CreateDatabaseAsync(), environment,
            settings: new() { ["Identity:FirstAdmin:Username"] = "root", ["Identity:FirstAdmin:Password"] = "the first administrator's" });
        using var person = environment == "Development"
            ? await identity.ClientOfAsync("bob", "bob123")
            : await identity.ClientOfAsync("root", "the first administrator's");

        using var answer = await person.PutAsJsonAsync(
            "/api/auth/me/password", new { current_password = environment == "Development" ? "bob123" : "the first administrator's", new_password = "Password1!" });

        Assert.Equal(isTaken ? HttpStatusCode.NoContent : HttpStatusCode.BadRequest, answer.StatusCode);
        if (!isTaken)
        {
            var error = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").GetProperty("new_password")[0].GetString();
            Assert.Contains("first that others would try", error, StringComparison.Ordinal);
        }
    }
}
