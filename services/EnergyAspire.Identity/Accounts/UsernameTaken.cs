using EnergyAspire.Identity.Sagas;

namespace EnergyAspire.Identity.Accounts;

/// <summary>Another account has the username.</summary>
internal static class UsernameTaken
{
    /// <summary>The answer to who wants it too.</summary>
    public static readonly SagaRefusal Refusal = new(
        StatusCodes.Status409Conflict, "This username is taken.",
        new Dictionary<string, string[]>(StringComparer.Ordinal) { ["username"] = ["This username is taken."] });
}
