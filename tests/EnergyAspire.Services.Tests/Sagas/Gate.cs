using EnergyAspire.Testing;
using Npgsql;

namespace EnergyAspire.Services.Tests.Sagas;

/// <summary>Where a saga's write is held.</summary>
public enum GateKind
{
    /// <summary>In the statement that writes the saga's row; a transaction may have several.</summary>
    Statement,

    /// <summary>In the commit that the client has asked for.</summary>
    Commit,
}

/// <summary>Counts the writes of one saga in PostgreSQL, and makes one of them wait there. Triggers do it, so that it holds for any client.</summary>
public sealed class Gate : IAsyncDisposable
{
    private const int LockClass = 424242;

    private static int _number;

    private readonly NpgsqlDataSource _auth;
    private readonly int _id;
    private NpgsqlConnection? _holder;
    private int _waiting;

    private Gate(NpgsqlDataSource auth, int id) => (_auth, _id) = (auth, id);

    /// <summary>Adds the triggers to the sagas' table; without a gate for a saga they do nothing.</summary>
    /// <remarks>A commit counts once, however often its transaction has written the saga. Sequences count also what is rolled back.</remarks>
    public static Task InstallAsync(NpgsqlDataSource auth) => auth.ScalarAsync<object>($"""
        create table gates (username text not null primary key, id int not null, kind text not null, closes_at int not null);
        create function pass_gate() returns trigger language plpgsql as $$
        declare
            gate gates;
        begin
            select * into gate from gates where username = new.username and kind = tg_argv[0];
            if not found or (gate.kind = 'Commit' and coalesce(current_setting('gate.passed', true), '') <> '') then
                return new;
            end if;
            if gate.kind = 'Commit' then
                perform set_config('gate.passed', 'true', true);
            end if;
            if nextval('gate_' || gate.id) = gate.closes_at then
                perform pg_advisory_xact_lock({LockClass}, gate.id);
            end if;
            return new;
        end $$;
        create trigger statement_gate before insert or update on sagas for each row execute function pass_gate('Statement');
        create constraint trigger commit_gate after insert or update on sagas deferrable initially deferred
            for each row execute function pass_gate('Commit');
        """);

    /// <summary>Closes a gate for the n-th write of the next saga about a username; 0 lets all pass.</summary>
    public static async Task<Gate> CloseAsync(NpgsqlDataSource auth, string username, GateKind kind, int write)
    {
        var gate = new Gate(auth, Interlocked.Increment(ref _number));
        gate._holder = await auth.OpenConnectionAsync();
        await using var command = new NpgsqlCommand(
            $"""
            select pg_advisory_lock({LockClass}, {gate._id});
            create sequence gate_{gate._id};
            insert into gates values ('{username}', {gate._id}, '{kind}', {write});
            """,
            gate._holder);
        await command.ExecuteNonQueryAsync();

        return gate;
    }

    /// <summary>Whether the write waits.</summary>
    public async Task<bool> IsReachedAsync()
    {
        _waiting = await _auth.ScalarAsync<int>(
            $"select pid from pg_locks where locktype = 'advisory' and classid = {LockClass} and objid = {_id} and not granted");
        return _waiting != 0;
    }

    /// <summary>How many writes have come to it, and passed.</summary>
    public Task<long> CountAsync() => _auth.ScalarAsync<long>($"select case when is_called then last_value else 0 end from gate_{_id}");

    /// <summary>Opens it for good; what waits goes on.</summary>
    public async Task OpenAsync()
    {
        await _auth.ScalarAsync<object>($"delete from gates where id = {_id}");
        await UnlockAsync();
    }

    /// <summary>
    /// Opens it when the client of the write that waits has died: the write is committed, or rolled back. Returns when that is done and the client's
    /// server process has ended.
    /// </summary>
    public async Task OpenForTheDeadAsync(bool isCommitted)
    {
        Assert.NotEqual(0, _waiting);
        if (!isCommitted)
            await _auth.ScalarAsync<bool>($"select pg_terminate_backend({_waiting}, 5000)");
        await OpenAsync();
        await Eventually.TrueAsync(
            async () => await _auth.ScalarAsync<long>($"select count(*) from pg_stat_activity where pid = {_waiting}") == 0, "the server process has ended");
    }

    public async ValueTask DisposeAsync() => await UnlockAsync();

    private async Task UnlockAsync()
    {
        if (_holder is null)
            return;

        // Pooled or not: the lock belongs to the session.
        await using (var command = new NpgsqlCommand("select pg_advisory_unlock_all()", _holder))
            await command.ExecuteNonQueryAsync();
        await _holder.DisposeAsync();
        _holder = null;
    }
}
