using EnergyAspire.ServiceDefaults;
using Microsoft.AspNetCore.Identity;

namespace EnergyAspire.Doctor.Checks;

/// <summary>Accounts and sagas in Identity's database.</summary>
internal static class IdentityChecks
{
    private const string AccountsName = "accounts: development passwords";

    // As in the alert rules. Sagas end within seconds.
    private const string SelectStuck = """
        select count(*) filter (where state = 'Running'), count(*) filter (where state = 'Compensating') from sagas
        where finished_at is null and started_at < clock_timestamp() - interval '10 minutes'
        """;

    private const string SelectDevelopment = """
        select id, password_hash from accounts
        where id = any($1) and state = 'Active' and (locked_until is null or locked_until < clock_timestamp())
        """;

    private static readonly Dictionary<Guid, string> Passwords = new()
    {
        [DevelopmentData.Admin] = "admin123",
        [DevelopmentData.Alice] = "alice123",
        [DevelopmentData.Bob] = "bob123",
    };

    public static IEnumerable<Check> Of(Installation installation) =>
    [
        installation.IsDevelopment
            ? Check.Of(AccountsName, () => Verdict.Ok("The accounts with known passwords are allowed in Development."))
            : installation.CheckIn(ResourceNames.AuthDatabase, AccountsName, AccountsAsync),
        installation.CheckIn(ResourceNames.AuthDatabase, "sagas", SagasAsync),
    ];

    private static async Task<Verdict> AccountsAsync(string connection, CancellationToken cancel)
    {
        await using var open = await Sql.OpenAsync(connection, cancel);
        var accounts = await open.ListAsync(SelectDevelopment, row => (Id: row.GetGuid(0), Hash: row.GetString(1)), cancel, Passwords.Keys.ToArray());
        var hasher = new PasswordHasher<object>();
        var known = accounts.Count(account => hasher.VerifyHashedPassword(account, account.Hash, Passwords[account.Id]) != PasswordVerificationResult.Failed);

        return known == 0
            ? Verdict.Ok("No account has a publicly known password of Development.")
            : Verdict.Failed(
                $"Accounts of Development that can sign in with their publicly known passwords: {known}.",
                $"Restart Identity outside Development, which locks them, or change their passwords ({Runbook.Settings}).");
    }

    private static async Task<Verdict> SagasAsync(string connection, CancellationToken cancel)
    {
        var (running, compensating) = (await Sql.QueryAsync(connection, SelectStuck, row => (row.GetInt64(0), row.GetInt64(1)), cancel)).Single();
        if (running + compensating == 0)
            return Verdict.Ok("No registration, change or deletion of an account is stuck.");

        return compensating > 0
            ? Verdict.Failed(
                $"Sagas that have not ended after 10 minutes: {running + compensating}; of these can't undo their steps: {compensating}.",
                $"Fix the service that System, Sagas names; the saga then ends by itself ({Runbook.SagasCompensating}).")
            : Verdict.Failed(
                $"Sagas that have not ended after 10 minutes: {running}.",
                $"Look at the step and its error on System, Sagas, and whether Identity runs ({Runbook.SagasUnfinished}).");
    }
}
