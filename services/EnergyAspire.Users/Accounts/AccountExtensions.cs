using EnergyAspire.Contracts;
using EnergyAspire.Data;
using EnergyAspire.Messaging;
using EnergyAspire.Messaging.Sagas;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Authentication;
using EnergyAspire.Users.Data;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Users.Accounts;

/// <summary>Registers the parts of this service that handle accounts, which Identity owns.</summary>
public static class AccountExtensions
{
    /// <summary>
    /// Adds the handlers of account events, the refusal of tokens of earlier generations, and the client that deletes accounts at Identity.
    /// </summary>
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
