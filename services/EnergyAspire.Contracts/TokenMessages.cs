namespace EnergyAspire.Contracts;

/// <summary>Request to register an account.</summary>
/// <param name="Username">Sign-in name of at most 150 characters: letters of one script, digits and <c>. _ - + @</c>. Unique, ignoring case.</param>
/// <param name="Password">Password of at least 8 characters.</param>
/// <param name="Fname">First name.</param>
/// <param name="Lname">Last name.</param>
/// <param name="Email">E-mail address; optional, but unique.</param>
/// <param name="Phone">Phone number.</param>
/// <param name="Role"><c>admin</c> or <c>client</c>, which is the default. Only an admin may assign <c>admin</c>.</param>
public sealed record RegistrationRequest(
    string Username, string Password, string? Fname = null, string? Lname = null, string? Email = null, string? Phone = null, string? Role = null);

/// <summary>Request to sign in with a password.</summary>
/// <param name="Username">Sign-in name, case-insensitive.</param>
/// <param name="Password">Password.</param>
public sealed record LoginRequest(string Username, string Password);

/// <summary>Request for new tokens.</summary>
/// <param name="Refresh">Refresh token, which can be used once.</param>
public sealed record RefreshRequest(string Refresh);

/// <summary>Request to sign out.</summary>
/// <param name="Refresh">Refresh token. All refresh tokens of the same sign-in are revoked.</param>
public sealed record LogoutRequest(string Refresh);

/// <summary>Response to a sign-in or registration.</summary>
/// <param name="Message">Result as a sentence.</param>
/// <param name="Tokens">New tokens.</param>
public sealed record LoginResponse(string Message, TokenSet Tokens);

/// <summary>Response to a refresh.</summary>
/// <param name="Tokens">New tokens.</param>
public sealed record RefreshResponse(TokenSet Tokens);

/// <summary>Tokens of a signed-in account.</summary>
/// <param name="Access">Access token, a JWT: send it as <c>Authorization: Bearer</c>.</param>
/// <param name="Refresh">Refresh token, an opaque value that can be used once.</param>
/// <param name="ExpiresIn">Lifetime of the access token in seconds.</param>
/// <param name="User">Account that the tokens belong to.</param>
public sealed record TokenSet(string Access, string Refresh, long ExpiresIn, TokenUser User);

/// <summary>Account that a token belongs to.</summary>
/// <param name="Id">Account id, the token's <c>sub</c>.</param>
/// <param name="Username">Sign-in name.</param>
/// <param name="Role"><c>admin</c> or <c>client</c>.</param>
public sealed record TokenUser(Guid Id, string Username, string Role);

/// <summary>Response to a valid access token.</summary>
/// <param name="Valid">Always true; an invalid token gets 401.</param>
/// <param name="User">Account that the token belongs to.</param>
public sealed record ValidateResponse(bool Valid, TokenUser User);
