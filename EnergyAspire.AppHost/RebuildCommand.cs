using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace EnergyAspire.AppHost;

/// <summary>The dashboard command that rebuilds the replicas of a service.</summary>
internal static partial class RebuildCommand
{
    // Large replicas take long, because they are compared page by page.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>Adds a command by which a service compares its replicas with their sources and corrects them.</summary>
    /// <param name="service">Service with replicas.</param>
    /// <param name="path">Route that rebuilds.</param>
    /// <param name="identity">Identity, which issues the token for the request.</param>
    /// <param name="secret">Secret of the service's account.</param>
    public static void WithRebuildCommand(
        this IResourceBuilder<ProjectResource> service, string path, IResourceBuilder<ProjectResource> identity,
        IResourceBuilder<ParameterResource> secret) =>
        service.WithCommand(
            "rebuild-copies",
            "Rebuild copies",
            context => RebuildAsync(service, path, identity, secret, context),
            new CommandOptions
            {
                Description = "Compares this service's replicas with their sources and repairs what differs.",
                IconName = "ArrowSync",
                UpdateState = context => context.ResourceSnapshot.HealthStatus == HealthStatus.Healthy ? ResourceCommandState.Enabled : ResourceCommandState.Disabled,
            });

    private static async Task<ExecuteCommandResult> RebuildAsync(
        IResourceBuilder<ProjectResource> service, string path, IResourceBuilder<ProjectResource> identity,
        IResourceBuilder<ParameterResource> secret, ExecuteCommandContext context)
    {
        var cancel = context.CancellationToken;
        using var http = new HttpClient { Timeout = Patience };
        try
        {
            using var form = new FormUrlEncodedContent(new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["grant_type"] = "client_credentials",
                ["client_id"] = service.Resource.Name,
                ["client_secret"] = (await secret.Resource.GetValueAsync(cancel))!,
                ["scope"] = TokenConventions.ReplicaScope,
            });
            using var granted = await http.PostAsync(new Uri($"{identity.GetEndpoint("http").Url}/connect/token"), form, cancel);
            granted.EnsureSuccessStatusCode();
            var token = (await granted.Content.ReadFromJsonAsync<JsonElement>(cancel)).GetProperty("access_token").GetString();

            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var answer = await http.PostAsync(new Uri($"{service.GetEndpoint("http").Url}{path}"), content: null, cancel);
            var rebuilt = await answer.Content.ReadAsStringAsync(cancel);
            LogAnswer(context.Logger, (int)answer.StatusCode, rebuilt);

            return answer.IsSuccessStatusCode ? CommandResults.Success() : CommandResults.Failure(rebuilt);
        }
        catch (HttpRequestException failure)
        {
            return CommandResults.Failure(failure.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Rebuilding the replicas answered {Status}: {Answer}")]
    private static partial void LogAnswer(ILogger logger, int status, string answer);
}
