using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace EnergyAspire.Messaging.Outbox;

/// <summary>Wakes the dispatcher when this process commits; messages of other replicas are found by its regular look.</summary>
internal sealed class OutboxSignal<TContext> : DbTransactionInterceptor, ISaveChangesInterceptor, IDisposable
    where TContext : DbContext
{
    private readonly SemaphoreSlim _committed = new(0, 1);

    public async Task WaitAsync(TimeSpan longest, CancellationToken cancel) => await _committed.WaitAsync(longest, cancel);

    public ValueTask<int> SavedChangesAsync(SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        Wake(eventData.Context);
        return ValueTask.FromResult(result);
    }

    public override Task TransactionCommittedAsync(
        DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Wake(eventData.Context);
        return Task.CompletedTask;
    }

    public void Dispose() => _committed.Dispose();

    private void Wake(DbContext? context)
    {
        // What was saved stays tracked, so a commit that announced nothing wakes nobody.
        if (context?.ChangeTracker.Entries<OutboxMessage>().Any() != true)
            return;

        try
        {
            if (_committed.CurrentCount == 0)
                _committed.Release();
        }
        catch (SemaphoreFullException)
        {
            // Another commit woke it at the same moment.
        }
    }
}
