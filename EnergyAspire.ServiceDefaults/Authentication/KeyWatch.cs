using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace EnergyAspire.ServiceDefaults.Authentication;

/// <summary>
/// Asks Identity every minute which keys count, so that a key that has leaked is soon worthless also where nobody calls: by itself the
/// library asks when somebody does, and still believes the old keys that time.
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
                // Fetched in the background; where that fails the keys stay, and it says so.
                keys.RequestRefresh();
                await keys.GetBaseConfigurationAsync(stoppingToken);
            }
            catch (InvalidOperationException)
            {
                // Identity has never answered.
            }
        }
    }
}
