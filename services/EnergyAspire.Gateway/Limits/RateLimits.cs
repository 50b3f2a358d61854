using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;
using EnergyAspire.ServiceDefaults.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace EnergyAspire.Gateway.Limits;

/// <summary>How much the gateway lets through; section <c>RateLimits</c> of the configuration.</summary>
public sealed class RateLimitOptions
{
    /// <summary>Requests that an account, or an address without one, may make in a minute.</summary>
    [Range(1, 1_000_000)]
    public int RequestsPerMinute { get; set; } = 6000;

    /// <summary>Requests that an address may make in a minute, whatever accounts it uses.</summary>
    [Range(1, 10_000_000)]
    public int AddressRequestsPerMinute { get; set; } = 30_000;

    /// <summary>Sign-ins and registrations that an address may try in a minute.</summary>
    [Range(1, 1_000_000)]
    public int SignInsPerMinute { get; set; } = 60;
}

/// <summary>
/// Bounds what one account or address can ask for: requests by account, requests by address, and sign-ins by address. Pages and
/// their files are free.
/// </summary>
internal static class RateLimits
{
    private static readonly HashSet<string> SignInPaths = new(StringComparer.OrdinalIgnoreCase)
    {
        "/session", "/session/register", "/session/accounts", "/api/auth/login", "/api/auth/register", "/connect/token", "/connect/sign-in",
    };

    public static void AddRateLimits(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<RateLimitOptions>().BindConfiguration("RateLimits").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddRateLimiter(limiter => limiter.OnRejected = RejectAsync);
        builder.Services.AddOptions<RateLimiterOptions>().Configure<IOptions<RateLimitOptions>>((limiter, options) =>
            limiter.GlobalLimiter = PartitionedRateLimiter.CreateChained(
                Limit(options.Value.SignInsPerMinute, http => IsSignIn(http.Request) ? Address(http) : null),
                Limit(options.Value.RequestsPerMinute, http => IsApi(http) ? Account(http) : null),
                Limit(options.Value.AddressRequestsPerMinute, http => IsApi(http) ? Address(http) : null)));
    }

    /// <summary>A bucket for each key that fills up again evenly; without a key there is no limit.</summary>
    private static PartitionedRateLimiter<HttpContext> Limit(int perMinute, Func<HttpContext, string?> keyOf) =>
        PartitionedRateLimiter.Create<HttpContext, string>(http => keyOf(http) is not { } key
            ? RateLimitPartition.GetNoLimiter("")
            : RateLimitPartition.GetTokenBucketLimiter(key, _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = perMinute,
                TokensPerPeriod = Math.Max(1, perMinute / 60),
                ReplenishmentPeriod = TimeSpan.FromSeconds(Math.Max(1, 60.0 / perMinute)),
            }));

    private static async ValueTask RejectAsync(OnRejectedContext rejected, CancellationToken cancel)
    {
        var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var known) ? known : TimeSpan.FromSeconds(1);
        rejected.HttpContext.Response.Headers.RetryAfter =
            Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        await Problems.WriteAsync(
            rejected.HttpContext, StatusCodes.Status429TooManyRequests, "Too many requests.", "Please wait a moment and try again.");
    }

    // Routing takes a path with a slash at its end for the same.
    private static bool IsSignIn(HttpRequest request) => HttpMethods.IsPost(request.Method) && SignInPaths.Contains(request.Path.Value!.TrimEnd('/'));

    private static bool IsApi(HttpContext http) => ApiPaths.IsApi(http.Request.Path);

    private static string Account(HttpContext http)
    {
        if (http.Request.Headers.Authorization is { Count: > 0 } token)
        {
            // The token isn't checked here; who makes tokens up is held by the limit of the address.
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

        // Who has one IPv6 address has the 2^64 beside it.
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? new IPNetwork(new IPAddress([.. address.GetAddressBytes().Take(8), .. new byte[8]]), 64).ToString()
            : address.ToString();
    }
}
