using System.Net;
using System.Text;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;

namespace EnergyAspire.Users.Tests;

/// <summary>Deleting an account from here is Identity's saga.</summary>
public sealed class DeletionTests(TestServers servers)
{
    private static readonly string Path = $"/api/users/{DevelopmentData.Bob}";

    [Fact]
    public async Task An_admins_delete_starts_identitys_saga_with_the_admins_own_token()
    {
        using var identity = new FakeIdentity(() => new HttpResponseMessage(HttpStatusCode.NoContent));
        await using var service = await StartAsync(identity);
        var token = TestTokens.ForAccount(DevelopmentData.Admin, "admin", "admin");

        var (status, _, _) = await service.ClientWith(token).SendAsync(HttpMethod.Delete, Path);

        Assert.Equal(HttpStatusCode.NoContent, status);
        Assert.Equal($"DELETE http://identity/api/auth/users/{DevelopmentData.Bob} Bearer {token}", Assert.Single(identity.Requests));
    }

    [Fact]
    public async Task Identitys_refusals_are_the_answer()
    {
        using var identity = new FakeIdentity(() => new HttpResponseMessage(HttpStatusCode.Conflict)
        {
            Content = new StringContent(
                """{"title": "The last admin stays.", "status": 409, "errors": {"role": ["It is the last admin."]}}""", Encoding.UTF8, "application/problem+json"),
        });
        await using var service = await StartAsync(identity);

        var (status, body, _) = await service.ClientOf(DevelopmentData.Admin).SendAsync(HttpMethod.Delete, Path);

        Assert.Equal((HttpStatusCode.Conflict, "The last admin stays."), (status, body.Text("title")));
        Assert.Equal("It is the last admin.", body.GetProperty("errors").GetProperty("role")[0].GetString());
    }

    [Theory]
    [InlineData(HttpStatusCode.NotFound)]
    [InlineData(HttpStatusCode.Unauthorized)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    public async Task Answers_without_a_problem_are_passed_on_too(HttpStatusCode answer)
    {
        using var identity = new FakeIdentity(() => new HttpResponseMessage(answer));
        await using var service = await StartAsync(identity);

        var (status, body, _) = await service.ClientOf(DevelopmentData.Admin).SendAsync(HttpMethod.Delete, Path);

        Assert.Equal((answer, (int)answer), (status, body.GetProperty("status").GetInt32()));
        Assert.Single(identity.Requests);
    }

    [Fact]
    public async Task While_identity_is_away_the_answer_is_503()
    {
        using var identity = new FakeIdentity(() => throw new HttpRequestException("Connection refused"));
        await using var service = await StartAsync(identity);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await service.ClientOf(DevelopmentData.Admin).SendAsync(HttpMethod.Delete, Path)).Status);
        Assert.Equal(HttpStatusCode.OK, (await service.ClientOf(DevelopmentData.Admin).SendAsync(HttpMethod.Get, Path)).Status);
    }

    [Fact]
    public async Task Clients_cannot_delete_anyone()
    {
        using var identity = new FakeIdentity(() => new HttpResponseMessage(HttpStatusCode.NoContent));
        await using var service = await StartAsync(identity);

        Assert.Equal(HttpStatusCode.Forbidden, (await service.ClientOf(DevelopmentData.Bob).SendAsync(HttpMethod.Delete, Path)).Status);
        Assert.Empty(identity.Requests);
    }

    private async Task<ServiceHost<Program>> StartAsync(FakeIdentity identity) =>
        await UserService.StartAsync(servers, await UserService.CreateDatabaseAsync(servers), identity: identity);

    private sealed class FakeIdentity(Func<HttpResponseMessage> answer) : HttpMessageHandler
    {
        public List<string> Requests { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests.Add($"{request.Method} {request.RequestUri} {request.Headers.Authorization}");
            return Task.FromResult(answer());
        }
    }
}
