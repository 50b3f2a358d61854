using System.Net.Http.Headers;
using EnergyAspire.ServiceDefaults;
using Microsoft.AspNetCore.Mvc;
using Polly;

namespace EnergyAspire.Users.Accounts;

/// <summary>Asks Identity to delete an account in all services, with the token of the calling admin.</summary>
public sealed class AccountDeletion(HttpClient identity)
{
    /// <summary>Calls Identity's deletion endpoint with the caller's token. The response comes when the saga has ended.</summary>
    /// <returns>Null when the account is deleted, else Identity's problem details.</returns>
    public async Task<ProblemDetails?> RunAsync(Guid id, string authorization, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"/api/auth/users/{id}");
        request.Headers.Authorization = AuthenticationHeaderValue.Parse(authorization);
        try
        {
            using var answer = await identity.SendAsync(request, cancel);
            if (answer.IsSuccessStatusCode)
                return null;

            var problem = answer.Content.Headers.ContentType?.MediaType == "application/problem+json"
                ? await answer.Content.ReadFromJsonAsync<ProblemDetails>(cancel)
                : null;
            problem ??= new ProblemDetails();
            problem.Status = (int)answer.StatusCode;

            return problem;
        }
        catch (Exception failure) when (failure is HttpRequestException or ExecutionRejectedException
            || (failure is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return new ProblemDetails
            {
                Status = StatusCodes.Status503ServiceUnavailable,
                Detail = "Identity can't be reached, so whether the account is deleted isn't known yet. Try again.",
            };
        }
    }
}

/// <summary>Adds <see cref="AccountDeletion"/>.</summary>
internal static class AccountDeletionExtensions
{
    // Longer than a saga's deadline and its compensation together.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public static void AddAccountDeletion(this IHostApplicationBuilder builder)
    {
        var client = builder.Services.AddHttpClient<AccountDeletion>(client =>
        {
            client.BaseAddress = new Uri($"http://{ResourceNames.Identity}");
            client.Timeout = Patience;
        });
#pragma warning disable EXTEXP0001 // The usual handlers would give up on the saga after ten seconds.
        client.RemoveAllResilienceHandlers();
#pragma warning restore EXTEXP0001
    }
}
