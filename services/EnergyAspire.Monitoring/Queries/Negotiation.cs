using Microsoft.Net.Http.Headers;

namespace EnergyAspire.Monitoring.Queries;

/// <summary>Which form of an answer the caller prefers.</summary>
internal static class Negotiation
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");
    private static readonly MediaTypeHeaderValue CommaSeparated = MediaTypeHeaderValue.Parse(Csv.MediaType);

    /// <summary>Whether <c>format</c> asks for CSV, or without it CSV ranks above JSON in the <c>Accept</c> header; JSON it is in doubt.</summary>
    public static bool PrefersCsv(this HttpRequest request)
    {
        if (request.Query["format"] is [{ } format])
            return format == "csv";

        var accepted = request.GetTypedHeaders().Accept;
        return Rank(CommaSeparated, accepted).CompareTo(Rank(Json, accepted)) > 0;
    }

    /// <summary>The quality that the narrowest fitting range gives a type, then how narrow that range is: <c>text/csv, */*</c> asks for CSV.</summary>
    private static (double Quality, int Narrowness) Rank(MediaTypeHeaderValue type, IList<MediaTypeHeaderValue> accepted) =>
        accepted.Where(type.IsSubsetOf)
            .Select(range => (Quality: range.Quality ?? 1, Narrowness: range.MatchesAllTypes ? 0 : range.MatchesAllSubTypes ? 1 : 2))
            .OrderByDescending(rank => rank.Narrowness).ThenByDescending(rank => rank.Quality)
            .FirstOrDefault();
}
