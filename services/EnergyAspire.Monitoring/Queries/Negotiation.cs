using Microsoft.Net.Http.Headers;

namespace EnergyAspire.Monitoring.Queries;

/// <summary>Content negotiation between JSON and CSV.</summary>
internal static class Negotiation
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");
    private static readonly MediaTypeHeaderValue CommaSeparated = MediaTypeHeaderValue.Parse(Csv.MediaType);

    /// <summary>
    /// Whether <c>format</c> is CSV or, without <c>format</c>, CSV ranks above JSON in the <c>Accept</c> header. Equal ranks mean JSON.
    /// </summary>
    public static bool PrefersCsv(this HttpRequest request)
    {
        if (request.Query["format"] is [{ } format])
            return format == "csv";

        var accepted = request.GetTypedHeaders().Accept;
        return Rank(CommaSeparated, accepted).CompareTo(Rank(Json, accepted)) > 0;
    }

    /// <summary>
    /// Returns the quality of a type by its most specific matching range, and how specific that range is. So <c>text/csv, */*</c> prefers CSV.
    /// </summary>
    private static (double Quality, int Narrowness) Rank(MediaTypeHeaderValue type, IList<MediaTypeHeaderValue> accepted) =>
        accepted.Where(type.IsSubsetOf)
            .Select(range => (Quality: range.Quality ?? 1, Narrowness: range.MatchesAllTypes ? 0 : range.MatchesAllSubTypes ? 1 : 2))
            .OrderByDescending(rank => rank.Narrowness).ThenByDescending(rank => rank.Quality)
            .FirstOrDefault();
}
