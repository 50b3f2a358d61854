using System.Globalization;
using EnergyAspire.Api.Lists;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EnergyAspire.Monitoring.Queries;

/// <summary>Reads the parameters of a query and collects errors by field.</summary>
internal sealed class QueryParameters
{
    private const int DateLength = 10;

    private static readonly (int First, int Last) Years = (1970, 9000);

    private readonly Dictionary<string, string[]> _errors = new(StringComparer.Ordinal);

    /// <summary>Whether all parameters read so far are valid.</summary>
    public bool AreValid => _errors.Count == 0;

    /// <summary>Validation problem with the collected errors.</summary>
    public ValidationProblem Problem => TypedResults.ValidationProblem(_errors);

    /// <summary>Reads a date; null when it is absent or invalid.</summary>
    public DateOnly? Date(string field, string? text)
    {
        if (text is null)
            return null;
        if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
            return Refuse<DateOnly>(field, $"{field} must be a date as YYYY-MM-DD, or a time as in RFC 3339 where the API allows one.");
        if (date.Year < Years.First || date.Year > Years.Last)
            return Refuse<DateOnly>(field, $"{field} must be between {Years.First} and {Years.Last}.");

        return date;
    }

    /// <summary>Reads the first and the last date of a range, both inclusive.</summary>
    public (DateOnly? First, DateOnly? Last) Dates(string? start, string? end)
    {
        var (first, last) = (Date("start_date", start), Date("end_date", end));
        if (last < first)
            Refuse("end_date", "end_date must not be before start_date.");

        return (first, last);
    }

    /// <summary>Reads the bounds of a range: dates, both inclusive, or times, of which the second is exclusive.</summary>
    public QueryBounds Bounds(string? start, string? end)
    {
        var bounds = new QueryBounds(Bound("start_date", start), Bound("end_date", end));
        // The start of a date depends on the site's zone, so a date and a time aren't compared.
        if (bounds is { Start: { } first, End: { } last } && (last.Date < first.Date || last.Time <= first.Time))
            Refuse("end_date", "end_date must not be before start_date.");

        return bounds;
    }

    private QueryBound? Bound(string field, string? text)
    {
        if (text is null)
            return null;
        // A text longer than a date is read as a time, whose date part is checked too.
        if (text.Length <= DateLength)
            return Date(field, text) is { } date ? new QueryBound(date, Time: null) : null;
        if (Date(field, text[..DateLength]) is null)
            return null;

        return QueryValues.ReadTime(field, text, _errors) is { } time ? new QueryBound(Date: null, time) : null;
    }

    /// <summary>Checks <c>format</c>.</summary>
    public void CheckFormat(string? format)
    {
        if (format is not (null or "json" or "csv"))
            Refuse("format", "format must be json or csv.");
    }

    /// <summary>Reads an id; null when it is absent or invalid.</summary>
    public Guid? Id(string field, string? text) =>
        text is null ? null : Guid.TryParse(text, out var id) ? id : Refuse<Guid>(field, $"{field} must be a UUID.");

    /// <summary>Reads a time; null when it is absent or invalid.</summary>
    public DateTimeOffset? Time(string field, string? text) => QueryValues.ReadTime(field, text, _errors);

    /// <summary>Reads a flag; false when it is absent or invalid.</summary>
    public bool Flag(string field, string? text)
    {
        if (text is not (null or "true" or "false"))
            Refuse(field, $"{field} must be true or false.");

        return text == "true";
    }

    /// <summary>Records an error when a required parameter is missing.</summary>
    public void Require(string field, string? text)
    {
        if (text is null)
            Refuse(field, $"{field} is required.");
    }

    /// <summary>Records an error for a field. The first error of a field is kept.</summary>
    public void Refuse(string field, string message) => _errors.TryAdd(field, [message]);

    private T? Refuse<T>(string field, string message)
        where T : struct
    {
        Refuse(field, message);
        return null;
    }
}
