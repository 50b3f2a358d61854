using EnergyAspire.Identity.Sagas;

namespace EnergyAspire.Identity.Accounts;

/// <summary>The refusal of a username that another account has.</summary>
internal static class UsernameTaken
{
    /// <summary>The answer to the caller.</summary>
    public static readonly SagaRefusal Refusal = new(
        StatusCodes.Status409Conflict, "This username is taken.",
        new Dictionary<string, string[]>(StringComparer.Ordinal) { ["username"] = ["This username is taken."] });
}
