using EnergyAspire.Contracts;
using EnergyAspire.Data.Audit;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace EnergyAspire.Messaging.Inbox;

/// <summary>Dead letters of a service.</summary>
/// <param name="Queue">Queue that holds them.</param>
/// <param name="Count">Number of messages in the queue.</param>
/// <param name="Messages">The oldest messages, at most 100.</param>
public sealed record DeadLettersResponse(string Queue, long Count, IReadOnlyList<DeadLetter> Messages);

/// <summary>Result of retrying dead letters.</summary>
/// <param name="Message">Result as a sentence.</param>
/// <param name="Moved">Number of messages that were moved back to their queue, at most 1,000 per request.</param>
/// <param name="Left">Number of remaining dead letters.</param>
public sealed record DeadLetterReplayResponse(string Message, int Moved, long Left);

/// <summary>Endpoints for admins that list and replay dead letters.</summary>
public static class DeadLetterEndpoints
{
    // A broker that hangs neither answers nor refuses connections, so calls need a timeout.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Maps the list of a queue's dead letters and their replay.</summary>
    /// <typeparam name="TContext">Database of the audit record.</typeparam>
    /// <param name="routes">Routes of the service.</param>
    /// <param name="path">Path of the service, such as <c>/api/users</c>.</param>
    /// <param name="queue">Queue that the service consumes.</param>
    public static void MapDeadLetters<TContext>(this IEndpointRouteBuilder routes, string path, EventQueue queue)
        where TContext : DbContext
    {
        var letters = routes.MapGroup($"{path}/dead-letters").WithTags("Dead letters").RequireAuthorization(Policies.Admin)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

        letters.MapGet("/", (IConnectionFactory connections, MessagingMetrics metrics, ILogger<DeadLetterQueue> logger, CancellationToken cancel) =>
                GetAsync(new(connections, metrics, logger, queue), queue, cancel))
            .WithName("GetDeadLetters")
            .WithSummary("Lists the events that this service could not handle, oldest first.")
            .WithDescription("Each event has the error of its last attempt. The queue stays unchanged.");
        letters.MapPost("/replay", (
                IConnectionFactory connections, MessagingMetrics metrics, ILogger<DeadLetterQueue> logger, TimeProvider time, HttpContext http,
                CancellationToken cancel) =>
                ReplayAsync(new(connections, metrics, logger, queue), http.RequestServices.GetRequiredService<TContext>(), time, http, cancel))
            .WithName("ReplayDeadLetters")
            .WithSummary("Retries the events that this service could not handle.")
            .WithDescription("Moves at most 1,000 events back to their queue. An event that fails again becomes a dead letter again. An event that was handled before has no second effect. A message that this service did not dead-letter itself is removed.");
    }

    private static async Task<Results<Ok<DeadLettersResponse>, ProblemHttpResult>> GetAsync(
        DeadLetterQueue letters, EventQueue queue, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        try
        {
            var (count, oldest) = await letters.LookAsync(patience.Token);
            return TypedResults.Ok(new DeadLettersResponse(queue.DeadLetterQueue, count, oldest));
        }
        catch (Exception failure) when (IsBrokerAway(failure, cancel))
        {
            return BrokerAway;
        }
    }

    private static async Task<Results<Ok<DeadLetterReplayResponse>, ProblemHttpResult>> ReplayAsync(
        DeadLetterQueue letters, DbContext db, TimeProvider time, HttpContext http, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        var (moved, removed) = (0, 0);
        try
        {
            var left = await letters.ReplayAsync((count, foreign) => (moved, removed) = (moved + count, removed + foreign), patience.Token);
            return TypedResults.Ok(new DeadLetterReplayResponse(Words(moved, removed, left), moved, left));
        }
        catch (Exception failure) when (IsBrokerAway(failure, cancel))
        {
            return BrokerAway;
        }
        finally
        {
            if (moved > 0 || removed > 0)
            {
                db.Audit(http.Actor(), "dead_letters_replayed", time.GetUtcNow(), after: new { Moved = moved, Removed = removed });
                await db.SaveChangesAsync(CancellationToken.None);
            }
        }
    }

    private static string Words(int moved, int removed, long left)
    {
        var done = moved switch { 0 => "There was nothing to try again.", 1 => "One message is tried again.", _ => $"{moved} messages are tried again." };
        if (removed > 0)
            done = $"{done} {removed} that this service did not put there {(removed == 1 ? "was" : "were")} removed.";
        return left > 0 ? $"{done} {left} are left; try again for them." : done;
    }

    private static ProblemHttpResult BrokerAway => TypedResults.Problem(
        "The message broker can't be reached now. Nothing is lost; try again later.", statusCode: StatusCodes.Status503ServiceUnavailable);

    private static bool IsBrokerAway(Exception failure, CancellationToken cancel) =>
        failure is BrokerUnreachableException or AlreadyClosedException or OperationInterruptedException or PublishException
        || (failure is OperationCanceledException && !cancel.IsCancellationRequested);
}
