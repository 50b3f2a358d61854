using EnergyAspire.Contracts;
using EnergyAspire.Devices.Data;
using EnergyAspire.Messaging;
using EnergyAspire.Messaging.Sagas;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Devices.Users;

/// <summary>This service's copies of accounts.</summary>
public static class UserExtensions
{
    /// <summary>Follows the events of accounts, refuses tokens that they have made worthless, and mends the copies now and then from their source.</summary>
    public static IHostApplicationBuilder AddUserReplicas(this IHostApplicationBuilder builder)
    {
        builder.AddEventConsumer<DeviceDbContext>(Topology.DeviceSync, events => events
            .On<UserCreated>(UserReplicas.Apply)
            .On<UserUpdated>(UserReplicas.Apply)
            .On<UserDeleted>(UserReplicas.Apply));
        builder.AddAccountStandings<DeviceDbContext>(FindStandingAsync);

        builder.AddSagaStepCleaning<DeviceDbContext>();
        builder.AddServiceClient<UserSource>(ResourceNames.Identity, TokenConventions.ReplicaScope);
        builder.Services.AddScoped<UserRebuild>();
        builder.Services.AddOptions<ReplicaOptions>().BindConfiguration(ReplicaOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        if (!OpenApiExtensions.IsGeneratingDocuments)
            builder.Services.AddHostedService<UserRebuildSchedule>();

        return builder;
    }

    private static Task<AccountStanding?> FindStandingAsync(DeviceDbContext db, Guid id, CancellationToken cancel) =>
        db.Users.AsNoTracking().Where(user => user.Id == id)
            .Select(user => (AccountStanding?)new AccountStanding(user.TokenGeneration, user.IsDeleted))
            .SingleOrDefaultAsync(cancel);
}
