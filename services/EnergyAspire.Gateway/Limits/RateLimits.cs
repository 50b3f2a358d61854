using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;
using EnergyAspire.Api.Http;
using EnergyAspire.Gateway.Shared;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace EnergyAspire.Gateway.Limits;

/// <summary>Rate limits of the gateway; section <c>RateLimits</c> of the configuration.</summary>
public sealed class RateLimitOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "RateLimits";

    /// <summary>Requests per minute of an account, or of an address for requests without an account.</summary>
    [Range(1, 1_000_000)]
    public int RequestsPerMinute { get; set; } = 6000;

    /// <summary>Requests per minute of an address, of all accounts together.</summary>
    [Range(1, 10_000_000)]
    public int AddressRequestsPerMinute { get; set; } = 30_000;

    /// <summary>Sign-in and registration attempts per minute of an address.</summary>
    [Range(1, 1_000_000)]
    public int SignInsPerMinute { get; set; } = 60;
}

/// <summary>Rate limits: requests per account, requests per address, and sign-ins per address. Pages and their files are not limited.</summary>
internal static class RateLimits
{
    private static readonly HashSet<string> SignInPaths = new(StringComparer.OrdinalIgnoreCase)
    {
        "/session", "/session/register", "/session/accounts", "/api/auth/login", "/api/auth/register", "/connect/token", "/connect/sign-in",
    };

    public static void AddRateLimits(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<RateLimitOptions>().BindConfiguration(RateLimitOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddRateLimiter(limiter => limiter.OnRejected = RejectAsync);
        builder.Services.AddOptions<RateLimiterOptions>().Configure<IOptions<RateLimitOptions>, SharedStore>((limiter, options, store) =>
            limiter.GlobalLimiter = PartitionedRateLimiter.CreateChained(
                Limit("sign-ins", options.Value.SignInsPerMinute, store, http => IsSignIn(http.Request) ? Address(http) : null),
                Limit("account", options.Value.RequestsPerMinute, store, http => IsApi(http) ? Account(http) : null),
                Limit("address", options.Value.AddressRequestsPerMinute, store, http => IsApi(http) ? Address(http) : null)));
    }

    /// <summary>
    /// A token bucket per key, refilled at a constant rate; with Redis all replicas share it. Requests without a key are not limited.
    /// </summary>
    private static PartitionedRateLimiter<HttpContext> Limit(string name, int perMinute, SharedStore store, Func<HttpContext, string?> keyOf) =>
        PartitionedRateLimiter.Create<HttpContext, string>(http => keyOf(http) is not { } key
            ? RateLimitPartition.GetNoLimiter("")
            : RateLimitPartition.Get<string>(key, _ =>
            {
                var own = new TokenBucketRateLimiter(new TokenBucketRateLimiterOptions
                {
                    TokenLimit = perMinute,
                    TokensPerPeriod = Math.Max(1, perMinute / 60),
                    ReplenishmentPeriod = TimeSpan.FromSeconds(Math.Max(1, 60.0 / perMinute)),
                    // Inside a shared limiter nothing else replenishes it.
                    AutoReplenishment = store.IsShared,
                });
                return !store.IsShared ? own : new SharedRateLimiter(store, $"{name}:{key}", perMinute, TimeSpan.FromMinutes(1), own);
            }));

    private static async ValueTask RejectAsync(OnRejectedContext rejected, CancellationToken cancel)
    {
        var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var known) ? known : TimeSpan.FromSeconds(1);
        rejected.HttpContext.Response.Headers.RetryAfter =
            Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        await Problems.WriteAsync(
            rejected.HttpContext, StatusCodes.Status429TooManyRequests, "Too many requests.", "Please wait a moment and try again.");
    }

    // Routing ignores a slash at the end of a path.
    private static bool IsSignIn(HttpRequest request) => HttpMethods.IsPost(request.Method) && SignInPaths.Contains(request.Path.Value!.TrimEnd('/'));

    private static bool IsApi(HttpContext http) => ApiPaths.IsApi(http.Request.Path);

    private static string Account(HttpContext http)
    {
        if (http.Request.Headers.Authorization is { Count: > 0 } token)
        {
            // The token isn't validated here. Forged tokens are bounded by the limit per address.
            return $"{Address(http)} {Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token.ToString())))}";
        }

        return http.User.FindFirst("sub")?.Value ?? Address(http);
    }

    private static string Address(HttpContext http)
    {
        if (http.Connection.RemoteIpAddress is not { } address)
            return "";
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();

        // One subscriber usually has a whole IPv6 /64 network.
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? new IPNetwork(new IPAddress([.. address.GetAddressBytes().Take(8), .. new byte[8]]), 64).ToString()
            : address.ToString();
    }
}
