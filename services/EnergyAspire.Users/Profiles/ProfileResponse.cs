namespace EnergyAspire.Users.Profiles;

/// <summary>A profile as the API shows it.</summary>
/// <param name="Id">Account id.</param>
/// <param name="Username">Sign-in name.</param>
/// <param name="Role"><c>admin</c> or <c>client</c>.</param>
/// <param name="Fname">First name; null when not given.</param>
/// <param name="Lname">Last name; null when not given.</param>
/// <param name="Email">E-mail address; null when not given.</param>
/// <param name="Phone">Phone number; null when not given.</param>
/// <param name="CreatedAt">When the account was created.</param>
/// <param name="UpdatedAt">When the profile last changed.</param>
/// <example>{"id":"00000000-0000-7000-8000-0000000000a1","username":"alice","role":"client","fname":"Alice","lname":"Bergmann","email":"alice@example.com","phone":"+49 30 5550101","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-03-29T00:50:00Z"}</example>
public sealed record ProfileResponse(
    Guid Id, string Username, string Role, string? Fname, string? Lname, string? Email, string? Phone,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    internal static ProfileResponse From(Profile profile) => new(
        profile.Id, profile.Username, profile.Role, profile.Fname, profile.Lname, profile.Email, profile.Phone,
        profile.CreatedAt, profile.UpdatedAt);
}
