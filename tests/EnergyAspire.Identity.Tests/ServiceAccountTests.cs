using System.Net;
using EnergyAspire.Identity.Tests.OpenIdConnect;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;

namespace EnergyAspire.Identity.Tests;

public sealed class ServiceAccountTests(IdentityFixture fixture)
{
    private const string OtherSecret = "another secret of a service, for tests";

    [Fact]
    public async Task A_service_gets_a_short_lived_token_of_its_own()
    {
        var answer = await AppClient.JsonAsync(await AskAsync(fixture.Identity, "identity", IdentityHost.ServiceSecret, "saga"));
        var token = new JsonWebToken(answer.GetProperty("access_token").GetString());

        Assert.Equal("at+jwt", token.Typ);
        Assert.Equal("identity", token.Subject);
        Assert.Equal(["energy-api"], token.Audiences);
        Assert.Equal("saga", token.GetClaim("scope").Value);
        Assert.Equal(TimeSpan.FromMinutes(10), token.ValidTo - token.IssuedAt);
        Assert.False(token.TryGetClaim("role", out _));
        Assert.False(answer.TryGetProperty("refresh_token", out _));
    }

    [Fact]
    public async Task Services_get_only_the_scopes_they_need()
    {
        await using var identity = await StartAsync(await fixture.CreateDatabaseAsync(), OtherSecret);

        Assert.Equal(HttpStatusCode.OK, (await AskAsync(identity, "devices", OtherSecret, "replica")).StatusCode);
        Assert.Equal("invalid_request", await AppClient.ErrorAsync(await AskAsync(identity, "devices", OtherSecret, "saga")));
        Assert.Equal("invalid_client", await AppClient.ErrorAsync(await AskAsync(identity, "devices", "a guess at a service's secret", "replica")));
        Assert.Equal("invalid_client", await AppClient.ErrorAsync(await AskAsync(identity, "monitoring", OtherSecret, "replica")));
    }

    [Fact]
    public async Task A_secret_that_was_changed_or_taken_away_no_longer_counts_after_the_next_start()
    {
        var database = await fixture.CreateDatabaseAsync();
        await using (var before = await StartAsync(database, OtherSecret))
            Assert.Equal(HttpStatusCode.OK, (await AskAsync(before, "devices", OtherSecret, "replica")).StatusCode);

        await using (var after = await StartAsync(database, "the new secret of the device service"))
        {
            Assert.Equal("invalid_client", await AppClient.ErrorAsync(await AskAsync(after, "devices", OtherSecret, "replica")));
            Assert.Equal(HttpStatusCode.OK, (await AskAsync(after, "devices", "the new secret of the device service", "replica")).StatusCode);
        }

        await using var without = await fixture.StartAsync(database);
        Assert.Equal("invalid_client", await AppClient.ErrorAsync(await AskAsync(without, "devices", "the new secret of the device service", "replica")));
    }

    [Fact]
    public async Task A_service_client_sends_a_token_that_identity_accepts_for_its_scope_only()
    {
        var saga = await CallAsync<SagaClient>(TokenConventions.SagaScope);
        var replica = await CallAsync<ReplicaClient>(TokenConventions.ReplicaScope);

        Assert.Equal(HttpStatusCode.Forbidden, saga);
        Assert.Equal(HttpStatusCode.OK, replica);
    }

    [Fact]
    public async Task A_service_token_is_no_account()
    {
        var answer = await AppClient.JsonAsync(await AskAsync(fixture.Identity, "identity", IdentityHost.ServiceSecret, "saga openid"));
        using var service = fixture.Identity.ClientWith(answer.GetProperty("access_token").GetString()!);

        Assert.Equal(HttpStatusCode.Forbidden, (await service.GetAsync("/api/auth/validate")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await service.GetAsync("/api/auth/users")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await service.GetAsync("/connect/userinfo")).StatusCode);
    }

    /// <summary>Calls Identity's list for replicas as a service would, through the client that every service uses.</summary>
    private async Task<HttpStatusCode> CallAsync<TClient>(string scope)
        where TClient : class, ICaller
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection([new("ServiceAccount:ClientId", "identity"), new("ServiceAccount:ClientSecret", IdentityHost.ServiceSecret)]);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.AddServiceClient<TClient>("identity", scope);
        builder.Services.ConfigureHttpClientDefaults(http => http.ConfigurePrimaryHttpMessageHandler(() => fixture.Identity.Server.CreateHandler()));
        await using var service = builder.Build();

        return await service.Services.GetRequiredService<TClient>().CallAsync();
    }

    private Task<IdentityHost> StartAsync(string database, string secret) =>
        fixture.StartAsync(database, settings: new() { ["Identity:ServiceSecrets:devices"] = secret });

    private static Task<HttpResponseMessage> AskAsync(IdentityHost identity, string service, string secret, string scope) => new AppClient(identity)
        .TokenAsync(("grant_type", "client_credentials"), ("client_id", service), ("client_secret", secret), ("scope", scope));

    private interface ICaller
    {
        Task<HttpStatusCode> CallAsync();
    }

    private sealed class SagaClient(HttpClient client) : ICaller
    {
        public async Task<HttpStatusCode> CallAsync() => (await client.GetAsync("/internal/users")).StatusCode;
    }

    private sealed class ReplicaClient(HttpClient client) : ICaller
    {
        public async Task<HttpStatusCode> CallAsync() => (await client.GetAsync("/internal/users")).StatusCode;
    }
}
