using System.Diagnostics;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace EnergyAspire.Hosting;

/// <summary>What happens before a server starts.</summary>
internal static class BeforeStart
{
    /// <summary>Prepares each start of a server. A problem is logged, and the server isn't started.</summary>
    public static IResourceBuilder<T> PrepareStart<T>(
        this IResourceBuilder<T> server, Func<IServiceProvider, CancellationToken, Task> prepare) where T : IResource =>
        server.OnBeforeResourceStarted(async (resource, start, cancel) =>
        {
            try
            {
                await prepare(start.Services, cancel);
            }
            catch (DistributedApplicationException problem)
            {
                ServerLog.Problem(start.Services, resource, problem.Message);
                throw;
            }
        });

    /// <summary>Waits until nothing prevents the start.</summary>
    /// <param name="obstacle">A sentence that says what prevents the start and what to do; null when nothing does.</param>
    /// <exception cref="DistributedApplicationException">Something still prevents it after the timeout; the message is the sentence.</exception>
    public static async Task WaitAsync(TimeSpan timeout, Func<Task<string?>> obstacle, CancellationToken cancel)
    {
        for (var waited = Stopwatch.StartNew(); await obstacle() is { } sentence; await Task.Delay(100, cancel))
        {
            if (waited.Elapsed > timeout)
                throw new DistributedApplicationException(sentence);
        }
    }
}
