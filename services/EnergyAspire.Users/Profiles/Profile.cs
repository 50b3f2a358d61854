using EnergyAspire.Api.Names;

namespace EnergyAspire.Users.Profiles;

/// <summary>Personal data of an account's owner. Username and role are copies of Identity's, for lists and search.</summary>
public sealed class Profile
{
    /// <summary>Account id, the same in every service.</summary>
    public required Guid Id { get; init; }

    /// <summary>Sign-in name; Identity keeps it unique.</summary>
    public required string Username { get; set; }

    /// <summary><c>admin</c> or <c>client</c>.</summary>
    public required string Role { get; set; }

    /// <summary>First name; null when not given.</summary>
    public string? Fname { get; set; }

    /// <summary>Last name; null when not given.</summary>
    public string? Lname { get; set; }

    /// <summary>E-mail address, unique among all profiles in its normalized form; null when not given.</summary>
    public string? Email
    {
        get;
        set
        {
            field = value;
            NormalizedEmail = value is null ? null : EmailAddresses.Key(value);
        }
    }

    /// <summary>Normalized e-mail address, by which addresses are compared; null without one.</summary>
    public string? NormalizedEmail { get; private set; }

    /// <summary>Phone number as the person writes it; null when not given.</summary>
    public string? Phone { get; set; }

    /// <summary>When the account was created.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the profile last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; set; }

    /// <summary>
    /// When its deletion began; null otherwise. From then on it is hidden. It keeps its e-mail address until the account is permanently deleted.
    /// </summary>
    public DateTimeOffset? DeletedAt { get; set; }

    /// <summary>Grows by one with each change.</summary>
    public long Version { get; set; } = 1;

    /// <summary>Increments the version and sets the time of the change.</summary>
    public void Touch(DateTimeOffset now)
    {
        UpdatedAt = now;
        Version++;
    }
}
