using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace EnergyAspire.ServiceDefaults;

/// <summary>
/// Lets the build start a service to write its OpenAPI document (Microsoft.Extensions.ApiDescription.Server). The build has no settings and no
/// servers, so settings are not validated and background services do not start.
/// </summary>
internal static class DocumentGeneration
{
    private static bool IsRunning { get; } = Assembly.GetEntryAssembly()?.GetName().Name == "GetDocument.Insider";

    /// <summary>Prepares a service for the build's tool; does nothing in every other process.</summary>
    public static void AddDocumentGeneration(this IHostApplicationBuilder builder)
    {
        if (!IsRunning)
            return;

        // ValidateOnStart adds its validator only when there is none.
        builder.Services.AddSingleton<IStartupValidator, NoValidation>();
        builder.ConfigureContainer(new WithoutBackgroundWork());
    }

    private sealed class NoValidation : IStartupValidator
    {
        public void Validate()
        {
        }
    }

    private sealed class WithoutBackgroundWork : IServiceProviderFactory<IServiceCollection>
    {
        public IServiceCollection CreateBuilder(IServiceCollection services)
        {
            // The web server itself is a hosted service too, and must stay.
            foreach (var work in services.Where(service => service.ServiceType == typeof(IHostedService)
                && service.ImplementationType?.Namespace != "Microsoft.AspNetCore.Hosting").ToList())
                services.Remove(work);

            return services;
        }

        public IServiceProvider CreateServiceProvider(IServiceCollection containerBuilder) => containerBuilder.BuildServiceProvider();
    }
}
