using EnergyAspire.Contracts;
using EnergyAspire.ServiceDefaults.Audit;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace EnergyAspire.Messaging.Inbox;

/// <summary>Messages that a service could not handle.</summary>
/// <param name="Queue">Queue that they wait in.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Messages">The oldest of them, at most 100.</param>
public sealed record DeadLettersResponse(string Queue, long Count, IReadOnlyList<DeadLetter> Messages);

/// <summary>What became of messages that were to be tried again.</summary>
/// <param name="Message">In words.</param>
/// <param name="Moved">How many went back to their queue, at most 1,000 in one call.</param>
/// <param name="Left">How many are left.</param>
public sealed record DeadLetterReplayResponse(string Message, int Moved, long Left);

/// <summary>Messages that a service could not handle, for admins.</summary>
public static class DeadLetterEndpoints
{
    // A broker that hangs answers nothing, and doesn't refuse either.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Maps a look at the messages that couldn't be handled, and trying them again.</summary>
    /// <typeparam name="TContext">Database of the audit record.</typeparam>
    /// <param name="routes">Routes of the service.</param>
    /// <param name="path">Path of the service, such as <c>/api/users</c>.</param>
    /// <param name="queue">Queue that the service follows.</param>
    public static void MapDeadLetters<TContext>(this IEndpointRouteBuilder routes, string path, EventQueue queue)
        where TContext : DbContext
    {
        var letters = routes.MapGroup($"{path}/dead-letters").WithTags("Dead letters").RequireAuthorization(Policies.Admin)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

        letters.MapGet("/", (IConnectionFactory connections, CancellationToken cancel) => GetAsync(new(connections, queue), queue, cancel))
            .WithName("GetDeadLetters")
            .WithSummary("Shows the events that this service could not handle, the oldest first.")
            .WithDescription("They wait with the reason of the last try. Nothing is taken from the queue.");
        letters.MapPost("/replay", (IConnectionFactory connections, TimeProvider time, HttpContext http, CancellationToken cancel) =>
                ReplayAsync(new(connections, queue), http.RequestServices.GetRequiredService<TContext>(), time, http, cancel))
            .WithName("ReplayDeadLetters")
            .WithSummary("Tries the events again that this service could not handle.")
            .WithDescription("Each goes back to its queue. One that fails again comes back; one that was handled before has no second effect. At most 1,000 in one call.");
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
        var moved = 0;
        try
        {
            var left = await letters.ReplayAsync(count => moved += count, patience.Token);
            return TypedResults.Ok(new DeadLetterReplayResponse(Words(moved, left), moved, left));
        }
        catch (Exception failure) when (IsBrokerAway(failure, cancel))
        {
            return BrokerAway;
        }
        finally
        {
            if (moved > 0)
            {
                db.Audit(http.Actor(), "dead_letters_replayed", time.GetUtcNow(), after: new { Moved = moved });
                await db.SaveChangesAsync(CancellationToken.None);
            }
        }
    }

    private static string Words(int moved, long left)
    {
        var done = moved switch { 0 => "There was nothing to try again.", 1 => "One message is tried again.", _ => $"{moved} messages are tried again." };
        return left > 0 ? $"{done} {left} are left; try again for them." : done;
    }

    private static ProblemHttpResult BrokerAway => TypedResults.Problem(
        "The message broker can't be reached now. Nothing is lost; try again later.", statusCode: StatusCodes.Status503ServiceUnavailable);

    private static bool IsBrokerAway(Exception failure, CancellationToken cancel) =>
        failure is BrokerUnreachableException or AlreadyClosedException or OperationInterruptedException or PublishException
        || (failure is OperationCanceledException && !cancel.IsCancellationRequested);
}
