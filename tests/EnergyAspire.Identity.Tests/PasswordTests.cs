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
    private const string Composed = "Stra\u00dfencaf\u00e9 f\u00fcr drei";
    private const string Decomposed = "Stra\u00dfencafe\u0301 fu\u0308r\u00a0drei";

    [Theory]
    [InlineData(Composed, Decomposed)]
    [InlineData(Decomposed, Composed)]
    public async Task A_password_is_the_same_composed_or_not(string chosen, string typed)
    {
        await using var identity = await fixture.StartAsync(await fixture.Servers.CreateDatabaseAsync("auth"));
        using var bob = await identity.ClientOfAsync("bob", "bob123");
        using var changed = await bob.PutAsJsonAsync("/api/auth/me/password", new { current_password = "bob123", new_password = chosen });
        Assert.Equal(HttpStatusCode.NoContent, changed.StatusCode);

        await identity.LoginAsync("bob", typed);
        await identity.LoginAsync("bob", chosen);
    }

    [Fact]
    public async Task A_hash_of_what_was_typed_before_passwords_were_normalised_still_counts()
    {
        await using var identity = await fixture.StartAsync(await fixture.Servers.CreateDatabaseAsync("auth"));
        await using (var scope = identity.Services.CreateAsyncScope())
        {
            var hash = scope.ServiceProvider.GetRequiredService<IPasswordHasher<Account>>().HashPassword(PasswordDecoy.Nobody, Decomposed);
            await scope.ServiceProvider.GetRequiredService<AuthDbContext>().Accounts.Where(account => account.Id == DevelopmentData.Bob)
                .ExecuteUpdateAsync(account => account.SetProperty(a => a.PasswordHash, hash));
        }

        await identity.LoginAsync("bob", Decomposed);
    }

    [Fact]
    public async Task A_name_from_before_there_were_rules_still_signs_in()
    {
        await using var identity = await fixture.StartAsync(await fixture.Servers.CreateDatabaseAsync("auth"));
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

    [Theory]
    [InlineData("Development", true)]
    [InlineData("Production", false)]
    public async Task Guessable_passwords_are_refused_outside_development(string environment, bool isTaken)
    {
        await using var identity = await fixture.StartAsync(
            await fixture.Servers.CreateDatabaseAsync("auth"), environment,
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
