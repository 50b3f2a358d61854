using System.Net;
using System.Net.Sockets;

namespace EnergyAspire.Identity.Accounts;

/// <summary>Where tries to sign in come from; failures are counted by name and source. See decision 0030.</summary>
/// <param name="Key">The source as it is stored.</param>
/// <param name="IsKnown">Whether somebody has signed in from there before; what others do under the name doesn't lock it.</param>
public readonly record struct SignInSource(string Key, bool IsKnown)
{
    /// <summary>All sources under a name that aren't known, together.</summary>
    public const string Unknown = "*";

    /// <summary>What the keys of known browsers begin with.</summary>
    internal const string BrowserPrefix = "browser ";

    /// <summary>The account's own session, when it has to give its password again.</summary>
    public static readonly SignInSource OwnSession = new("session", IsKnown: true);

    /// <summary>A browser that has signed in to the account before.</summary>
    public static SignInSource Browser(string id) => new(BrowserPrefix + id, IsKnown: true);

    /// <summary>An address; of IPv6 the first half, because who has one address has the 2^64 beside it.</summary>
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
