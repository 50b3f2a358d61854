using EnergyAspire.Contracts;
using EnergyAspire.Messaging;
using EnergyAspire.Messaging.Sagas;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Authentication;
using EnergyAspire.Users.Data;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Users.Accounts;

/// <summary>What this service has to do with accounts, which are Identity's.</summary>
public static class AccountExtensions
{
    /// <summary>Follows the events of accounts, refuses tokens that their account has outlived, and can ask Identity to delete an account.</summary>
    public static IHostApplicationBuilder AddAccounts(this IHostApplicationBuilder builder)
    {
        builder.AddBroker(ResourceNames.Messaging);
        builder.AddEventConsumer<UserDbContext>(Topology.UserSync, events => events
            .On<UserCreated>(AccountEvents.Apply)
            .On<UserUpdated>(AccountEvents.Apply)
            .On<UserDeleted>(AccountEvents.Apply));
        builder.AddAccountStandings<UserDbContext>((db, id, cancel) => db.Accounts
            .Where(account => account.Id == id)
            .Select(account => new AccountStanding(account.TokenGeneration, account.IsDeleted))
            .SingleOrDefaultAsync(cancel));
        builder.AddSagaStepCleaning<UserDbContext>();
        builder.AddAccountDeletion();

        return builder;
    }
}
