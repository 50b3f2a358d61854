using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace EnergyAspire.Gateway.Protection;

/// <summary>How many requests the gateway lets through; section <c>RateLimits</c> of the configuration.</summary>
public sealed class RateLimitOptions
{
    /// <summary>Requests a minute of one signed-in account, or of one address without an account.</summary>
    [Range(1, 1_000_000)]
    public int RequestsPerMinute { get; set; } = 3000;

    /// <summary>Sign-ins and registrations a minute of one address.</summary>
    [Range(1, 1_000_000)]
    public int SignInsPerMinute { get; set; } = 60;
}

/// <summary>Limits per account and per address. The address is the connection's; headers can't change it.</summary>
public static class RateLimits
{
    /// <summary>Policy of sign-in and registration.</summary>
    public const string SignIn = "sign-in";

    private const int SegmentsPerMinute = 6;

    /// <summary>Adds the limits; who is over them gets 429 with <c>Retry-After</c>.</summary>
    public static IHostApplicationBuilder AddRateLimits(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<RateLimitOptions>().BindConfiguration("RateLimits").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddRateLimiter(_ => { });
        builder.Services.AddOptions<RateLimiterOptions>().Configure<IOptions<RateLimitOptions>>((limiter, limits) =>
        {
            limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limiter.OnRejected = (context, _) =>
            {
                var wait = context.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromMinutes(1);
                context.HttpContext.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
                return ValueTask.CompletedTask;
            };
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context =>
                PerMinute(AccountOf(context) ?? AddressOf(context), limits.Value.RequestsPerMinute));
            limiter.AddPolicy(SignIn, context => PerMinute(AddressOf(context), limits.Value.SignInsPerMinute));
        });

        return builder;
    }

    private static RateLimitPartition<string> PerMinute(string who, int permits) =>
        RateLimitPartition.GetSlidingWindowLimiter(who, _ => new SlidingWindowRateLimiterOptions
        {
            PermitLimit = permits, Window = TimeSpan.FromMinutes(1), SegmentsPerWindow = SegmentsPerMinute,
        });

    private static string? AccountOf(HttpContext context) => context.User.FindFirst("sub")?.Value;

    private static string AddressOf(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "";
}
