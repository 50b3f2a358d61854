using EnergyAspire.Contracts;
using EnergyAspire.Data;
using EnergyAspire.Data.Replicas;
using EnergyAspire.Devices.Data;
using EnergyAspire.Messaging;
using EnergyAspire.Messaging.Sagas;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Devices.Users;

/// <summary>Registration of this service's replicas of accounts.</summary>
public static class UserExtensions
{
    /// <summary>
    /// Adds the handlers of account events, the refusal of tokens of earlier generations, and the periodic rebuild of the replicas.
    /// </summary>
    public static IHostApplicationBuilder AddUserReplicas(this IHostApplicationBuilder builder)
    {
        builder.AddEventConsumer<DeviceDbContext>(Topology.DeviceSync, events => events
            .On<UserCreated>(UserReplicas.Apply)
            .On<UserUpdated>(UserReplicas.Apply)
            .On<UserDeleted>(UserReplicas.Apply));
        builder.AddAccountStandings<DeviceDbContext>(FindStandingAsync);

        builder.AddSagaStepCleaning<DeviceDbContext>();
        builder.AddServiceClient<UserSource>(ResourceNames.Identity, TokenConventions.ReplicaScope);
        builder.AddReplicaRebuild<DeviceDbContext, UserRebuild, RebuildCounts>();

        return builder;
    }

    private static Task<AccountStanding?> FindStandingAsync(DeviceDbContext db, Guid id, CancellationToken cancel) =>
        db.Users.AsNoTracking().Where(user => user.Id == id)
            .Select(user => (AccountStanding?)new AccountStanding(user.TokenGeneration, user.IsDeleted))
            .SingleOrDefaultAsync(cancel);
}
