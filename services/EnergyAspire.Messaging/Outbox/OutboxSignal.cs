using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace EnergyAspire.Messaging.Outbox;

/// <summary>Signals the dispatcher when this process commits an event. The dispatcher finds messages of other replicas by polling.</summary>
internal sealed class OutboxSignal<TContext> : DbTransactionInterceptor, ISaveChangesInterceptor, IDisposable
    where TContext : DbContext
{
    private readonly Signal _committed = new();

    public Task WaitAsync(TimeSpan longest, CancellationToken cancel) => _committed.WaitAsync(longest, cancel);

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
        // Saved messages stay tracked, so only a commit with new messages sets the signal.
        if (context?.ChangeTracker.Entries<OutboxMessage>().Any() == true)
            _committed.Set();
    }
}
