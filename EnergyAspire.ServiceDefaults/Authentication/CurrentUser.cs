using Microsoft.AspNetCore.Http;

namespace EnergyAspire.ServiceDefaults.Authentication;

/// <summary>The account that makes the current request, read from its access token.</summary>
public sealed class CurrentUser(IHttpContextAccessor accessor)
{
    /// <summary>Account id, the token's <c>sub</c>; <see cref="Guid.Empty"/>, which is no account's id, without a token.</summary>
    public Guid Id => Guid.TryParse(Claim("sub"), out var id) ? id : Guid.Empty;

    /// <summary>Sign-in name at the time the token was issued; empty without a token.</summary>
    public string Username => Claim("username") ?? "";

    /// <summary><see cref="Roles.Admin"/> or <see cref="Roles.Client"/>; empty without a token.</summary>
    public string Role => Claim("role") ?? "";

    /// <summary>Whether the caller may see and change everything.</summary>
    public bool IsAdmin => Role == Roles.Admin;

    private string? Claim(string type) => accessor.HttpContext?.User.FindFirst(type)?.Value;
}
