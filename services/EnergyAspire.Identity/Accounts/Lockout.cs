using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EnergyAspire.Identity.Accounts;

/// <summary>Why nobody can sign in under a name for now.</summary>
/// <param name="Until">Until when; <see cref="Forever"/> when only an admin ends it.</param>
/// <param name="ByAdmin">Whether an admin has locked the account; else failed sign-ins have locked the name.</param>
public sealed record Lockout(DateTimeOffset Until, bool ByAdmin)
{
    /// <summary>End of a lock that has none.</summary>
    public static readonly DateTimeOffset Forever = new(9999, 12, 31, 0, 0, 0, TimeSpan.Zero);

    /// <summary>End of a lock in UTC; <see cref="Forever"/> without one, or where it is as good as never.</summary>
    public static DateTimeOffset End(DateTimeOffset? wanted) =>
        wanted?.ToUniversalTime() is { } end && end.Year < Forever.Year ? end : Forever;

    /// <summary>Why, for people.</summary>
    public string Message => this switch
    {
        { ByAdmin: false } => "Too many failed sign-ins under this username.",
        { Until: var until } when until == Forever => "An administrator has locked this account. Please ask one to unlock it.",
        _ => "An administrator has locked this account for a while.",
    };

    /// <summary>Says in the <c>Retry-After</c> header, in seconds, when another try makes sense; nothing when none does.</summary>
    public void SetRetryAfter(HttpResponse response, DateTimeOffset now)
    {
        if (Until != Forever)
            response.Headers.RetryAfter = Math.Max(Math.Ceiling((Until - now).TotalSeconds), 1).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The answer to who tries all the same: 429.</summary>
    public ProblemHttpResult Answer(HttpResponse response, DateTimeOffset now)
    {
        SetRetryAfter(response, now);

        return TypedResults.Problem(Message, statusCode: StatusCodes.Status429TooManyRequests, title: "Locked out");
    }
}
