using System.Net;
using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.Messaging;
using EnergyAspire.Messaging.Sagas;
using Microsoft.AspNetCore.Mvc;

namespace EnergyAspire.Identity.Sagas;

/// <summary>The services that take part in sagas.</summary>
/// <param name="Users">Profiles.</param>
/// <param name="Devices">Replicas of accounts, and mappings.</param>
public sealed record Participants(UsersParticipant Users, DevicesParticipant Devices);

/// <summary>Client for saga steps of the service Users.</summary>
public sealed class UsersParticipant(HttpClient http) : Participant(http);

/// <summary>Client for saga steps of the service Devices.</summary>
public sealed class DevicesParticipant(HttpClient http) : Participant(http);

/// <summary>Client for saga steps of another service.</summary>
public abstract class Participant(HttpClient http)
{
    /// <summary>Requests a step or its compensation.</summary>
    /// <param name="method">HTTP method.</param>
    /// <param name="path">Path at the service.</param>
    /// <param name="sagaId">Saga; repeated calls with the same id have one effect.</param>
    /// <param name="body">What to send as JSON.</param>
    /// <exception cref="SagaRefusedException">The service refused the step. It must not be retried.</exception>
    /// <exception cref="StepNotReachedException">The service has not done the step. It can be retried.</exception>
    /// <exception cref="HttpRequestException">It is unknown whether the service did the step.</exception>
    public async Task SendAsync(HttpMethod method, string path, Guid sagaId, IAccountStep? body, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Headers.Add(SagaSteps.Header, sagaId.ToString());
        if (body is not null)
            request.Content = JsonContent.Create(body, body.GetType(), options: MessageJson.Options);

        using var response = await ReachAsync(request, cancel);
        if (response.IsSuccessStatusCode)
            return;

        var problem = await ProblemOfAsync(response, cancel);
        var detail = problem?.Detail ?? problem?.Title ?? $"{http.BaseAddress!.Host} answered {(int)response.StatusCode}.";
        throw response.StatusCode switch
        {
            HttpStatusCode.BadRequest or HttpStatusCode.NotFound or HttpStatusCode.Conflict or HttpStatusCode.UnprocessableEntity =>
                new SagaRefusedException(new SagaRefusal((int)response.StatusCode, detail, problem?.Errors)),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests => new StepNotReachedException(detail),
            _ => new HttpRequestException(detail, inner: null, response.StatusCode),
        };
    }

    private async Task<HttpResponseMessage> ReachAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        try
        {
            return await http.SendAsync(request, cancel);
        }
        catch (HttpRequestException failure) when (
            failure.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError)
        {
            throw new StepNotReachedException($"{http.BaseAddress!.Host} can't be reached.", failure);
        }
    }

    private static async Task<StepProblem?> ProblemOfAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync<StepProblem>(cancel);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed class StepProblem : ProblemDetails
    {
        public Dictionary<string, string[]>? Errors { get; init; }
    }
}
