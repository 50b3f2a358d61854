using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace EnergyAspire.ServiceDefaults.Authentication;

/// <summary>
/// Fetches Identity's keys every minute, so that a retired key is soon refused by services without traffic too. The library alone refreshes only
/// on a request, and validates that request with the old keys.
/// </summary>
internal sealed class KeyWatch(IOptionsMonitor<JwtBearerOptions> options, TimeProvider time) : BackgroundService
{
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Get(JwtBearerDefaults.AuthenticationScheme).ConfigurationManager is not BaseConfigurationManager keys)
            return;

        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                // The library fetches in the background. If that fails, it keeps the keys and logs the error.
                keys.RequestRefresh();
                await keys.GetBaseConfigurationAsync(stoppingToken);
            }
            catch (InvalidOperationException)
            {
                // No keys have been fetched from Identity yet.
            }
        }
    }
}
