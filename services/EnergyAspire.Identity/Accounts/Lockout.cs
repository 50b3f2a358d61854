using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EnergyAspire.Identity.Accounts;

/// <summary>Why sign-in under a name is refused at present.</summary>
/// <param name="Until">End of the lockout; <see cref="Forever"/> when only an admin can end it.</param>
/// <param name="ByAdmin">Whether an admin has locked the account; else failed sign-ins have locked the name.</param>
public sealed record Lockout(DateTimeOffset Until, bool ByAdmin)
{
    /// <summary>Value for a lock without an end.</summary>
    public static readonly DateTimeOffset Forever = new(9999, 12, 31, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Converts the requested end of a lock to UTC; <see cref="Forever"/> when it is null or in the year 9999.</summary>
    public static DateTimeOffset End(DateTimeOffset? wanted) =>
        wanted?.ToUniversalTime() is { } end && end.Year < Forever.Year ? end : Forever;

    /// <summary>The reason as a message for the user.</summary>
    public string Message => this switch
    {
        { ByAdmin: false } => "Too many failed sign-ins under this username.",
        { Until: var until } when until == Forever => "An administrator has locked this account. Please ask one to unlock it.",
        _ => "An administrator has locked this account for a while.",
    };

    /// <summary>Sets the <c>Retry-After</c> header to the seconds until the lock ends; does nothing when it has no end.</summary>
    public void SetRetryAfter(HttpResponse response, DateTimeOffset now)
    {
        if (Until != Forever)
            response.Headers.RetryAfter = Math.Max(Math.Ceiling((Until - now).TotalSeconds), 1).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The answer to a sign-in during a lock: 429.</summary>
    public ProblemHttpResult Answer(HttpResponse response, DateTimeOffset now)
    {
        SetRetryAfter(response, now);

        return TypedResults.Problem(Message, statusCode: StatusCodes.Status429TooManyRequests, title: "Locked out");
    }
}
