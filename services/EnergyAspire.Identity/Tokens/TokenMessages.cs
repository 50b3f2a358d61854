namespace EnergyAspire.Identity.Tokens;

/// <summary>Signs in with a password.</summary>
/// <param name="Username">Sign-in name, in any case.</param>
/// <param name="Password">Password.</param>
public sealed record LoginRequest(string Username, string Password);

/// <summary>Asks for fresh tokens.</summary>
/// <param name="Refresh">Refresh token, which works once.</param>
public sealed record RefreshRequest(string Refresh);

/// <summary>Signs out.</summary>
/// <param name="Refresh">Refresh token; every token that descends from the same sign-in stops working.</param>
public sealed record LogoutRequest(string Refresh);

/// <summary>Answer to a sign-in.</summary>
/// <param name="Message">What happened, in words.</param>
/// <param name="Tokens">Fresh tokens.</param>
public sealed record LoginResponse(string Message, TokenSet Tokens);

/// <summary>Answer to a refresh.</summary>
/// <param name="Tokens">Fresh tokens.</param>
public sealed record RefreshResponse(TokenSet Tokens);

/// <summary>Tokens of a signed-in account.</summary>
/// <param name="Access">Access token, a JWT: send it as <c>Authorization: Bearer</c>.</param>
/// <param name="Refresh">Refresh token, opaque; it works once.</param>
/// <param name="ExpiresIn">Seconds that the access token lives.</param>
/// <param name="User">Whose tokens they are.</param>
public sealed record TokenSet(string Access, string Refresh, long ExpiresIn, TokenUser User);

/// <summary>Account that a token speaks for.</summary>
/// <param name="Id">Account id, the token's <c>sub</c>.</param>
/// <param name="Username">Sign-in name.</param>
/// <param name="Role"><c>admin</c> or <c>client</c>.</param>
public sealed record TokenUser(Guid Id, string Username, string Role);

/// <summary>Answer to a valid access token.</summary>
/// <param name="Valid">Always true; an invalid token gets 401.</param>
/// <param name="User">Whose token it is.</param>
public sealed record ValidateResponse(bool Valid, TokenUser User);
