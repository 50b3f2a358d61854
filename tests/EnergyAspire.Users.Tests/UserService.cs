using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using EnergyAspire.Users.Data;
using Microsoft.Extensions.DependencyInjection;

[assembly: AssemblyFixture(typeof(TestServers))]

namespace EnergyAspire.Users.Tests;

/// <summary>Starts the service on the test servers.</summary>
internal static class UserService
{
    /// <summary>Starts a replica of the service and waits until it is ready.</summary>
    public static async Task<ServiceHost<Program>> StartAsync(string database, string environment = "Development")
    {
        var host = Create(database, environment);
        await host.WaitUntilReadyAsync();

        return host;
    }

    /// <summary>A replica that starts with the first request.</summary>
    public static ServiceHost<Program> Create(string database, string environment = "Development") => new(
        new Dictionary<string, string?> { [$"ConnectionStrings:{ResourceNames.UserDatabase}"] = database }, environment);

    /// <summary>Does something with the service's database.</summary>
    public static async Task<T> WithAsync<T>(this ServiceHost<Program> host, Func<UserDbContext, Task<T>> work)
    {
        await using var scope = host.Services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<UserDbContext>());
    }
}
