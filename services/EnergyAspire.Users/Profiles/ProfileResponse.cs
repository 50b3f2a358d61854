using System.Linq.Expressions;

namespace EnergyAspire.Users.Profiles;

/// <summary>A profile as the API shows it.</summary>
/// <param name="Id">Account id.</param>
/// <param name="Username">Sign-in name.</param>
/// <param name="Role"><c>admin</c> or <c>client</c>.</param>
/// <param name="Fname">First name; null when not given.</param>
/// <param name="Lname">Last name; null when not given.</param>
/// <param name="Email">E-mail address; null when not given.</param>
/// <param name="Phone">Phone number; null when not given.</param>
/// <param name="CreatedAt">When the account was made.</param>
/// <param name="UpdatedAt">When the profile last changed.</param>
public sealed record ProfileResponse(
    Guid Id, string Username, string Role, string? Fname, string? Lname, string? Email, string? Phone,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    internal static readonly Expression<Func<Profile, ProfileResponse>> FromProfile = profile => new ProfileResponse(
        profile.Id, profile.Username, profile.Role, profile.Fname, profile.Lname, profile.Email, profile.Phone,
        profile.CreatedAt, profile.UpdatedAt);

    private static readonly Func<Profile, ProfileResponse> Convert = FromProfile.Compile();

    internal static ProfileResponse From(Profile profile) => Convert(profile);
}
