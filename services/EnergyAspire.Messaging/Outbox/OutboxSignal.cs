using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace EnergyAspire.Messaging.Outbox;

/// <summary>Wakes the dispatcher when this process commits; messages of other replicas are found by its regular look.</summary>
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
        // What was saved stays tracked, so a commit that announced nothing wakes nobody.
        if (context?.ChangeTracker.Entries<OutboxMessage>().Any() == true)
            _committed.Set();
    }
}
