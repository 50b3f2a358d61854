using System.Net;
using System.Net.Sockets;

namespace EnergyAspire.Identity.Accounts;

/// <summary>Where sign-in attempts come from. Failures are counted by name and source. See decision 0030.</summary>
/// <param name="Key">The source as it is stored.</param>
/// <param name="IsKnown">Whether the account has signed in from there before. Failures of other sources don't lock a known source.</param>
public readonly record struct SignInSource(string Key, bool IsKnown)
{
    /// <summary>Key for all unknown sources of a name together.</summary>
    public const string Unknown = "*";

    /// <summary>Prefix of the keys of known browsers.</summary>
    internal const string BrowserPrefix = "browser ";

    /// <summary>An open session whose owner has to enter the password again.</summary>
    public static readonly SignInSource OwnSession = new("session", IsKnown: true);

    /// <summary>A browser that has signed in to the account before.</summary>
    public static SignInSource Browser(string id) => new(BrowserPrefix + id, IsKnown: true);

    /// <summary>An IP address; of IPv6 only the /64 network, because one subscriber usually has all of its addresses.</summary>
    public static SignInSource Address(IPAddress? address)
    {
        if (address is { IsIPv4MappedToIPv6: true })
            address = address.MapToIPv4();

        return new SignInSource(
            address is { AddressFamily: AddressFamily.InterNetworkV6 }
                ? new IPNetwork(new IPAddress([.. address.GetAddressBytes().Take(8), .. new byte[8]]), 64).ToString()
                : $"{address}",
            IsKnown: false);
    }
}
