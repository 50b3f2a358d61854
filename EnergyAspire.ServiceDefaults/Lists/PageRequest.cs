using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace EnergyAspire.ServiceDefaults.Lists;

/// <summary>Which page of a list the caller asks for. Pages follow the key of the last row, so rows that come or go shift nothing.</summary>
/// <param name="Limit">Most rows that the page may hold.</param>
/// <param name="After">Where the page before ended; comes from its <c>Link</c> header and means nothing else.</param>
/// <param name="Http">Request that asks; its answer gets the <c>Link</c> header.</param>
public sealed record PageRequest([FromQuery(Name = "limit")] string? Limit, [FromQuery(Name = "after")] string? After, HttpContext Http)
{
    internal const int DefaultLimit = 100;
    internal const int LargestLimit = 1000;

    /// <summary>What is wrong with a key that comes from no page of the list.</summary>
    internal const string NoEnd = "Not the end of a page; follow the Link header.";

    /// <summary>Reads the page; false with the answer to give when its parameters are wrong.</summary>
    public bool TryRead([NotNullWhen(true)] out Page? page, [NotNullWhen(false)] out ValidationProblem? problem)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        var limit = DefaultLimit;
        if (Limit is not null
            && (!int.TryParse(Limit, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > LargestLimit))
            errors["limit"] = [$"The limit is a whole number from 1 to {LargestLimit}."];

        PageKey? after = null;
        if (After is not null && !PageKey.TryParse(After, out after))
            errors["after"] = [NoEnd];

        problem = errors.Count == 0 ? null : TypedResults.ValidationProblem(errors);
        page = errors.Count == 0 ? new Page(limit, after, Http) : null;

        return problem is null;
    }
}

/// <summary>A page that may be read.</summary>
/// <param name="Limit">Most rows that it may hold.</param>
/// <param name="After">Key that its rows come after; null for the first page.</param>
/// <param name="Http">Request that asks.</param>
public sealed record Page(int Limit, PageKey? After, HttpContext Http)
{
    /// <summary>Rows to read: one more than the page holds tells whether another page follows.</summary>
    public int Take => Limit + 1;

    /// <summary>Cuts the rows read to the page, and says in the <c>Link</c> header where the next one is.</summary>
    public List<TRow> Cut<TRow>(List<TRow> rows, Func<TRow, PageKey> keyOf)
    {
        if (rows.Count <= Limit)
            return rows;

        rows.RemoveRange(Limit, rows.Count - Limit);
        var query = new QueryBuilder(Http.Request.Query.Where(parameter => parameter.Key != "after"))
        {
            { "after", keyOf(rows[^1]).ToString() },
        };
        Http.Response.Headers.Link = $"<{Http.Request.PathBase}{Http.Request.Path}{query}>; rel=\"next\"";

        return rows;
    }
}

/// <summary>Place of a row in a list: what the list is sorted by, then the id that makes it unique.</summary>
/// <param name="Sort">Value the list is sorted by first; empty when it is sorted by id alone.</param>
/// <param name="Id">Id of the row.</param>
public sealed record PageKey(string Sort, Guid Id)
{
    private const int IdLength = 16;

    /// <summary>The key as it stands in an address.</summary>
    public override string ToString() => Base64Url.EncodeToString([.. Id.ToByteArray(), .. Encoding.UTF8.GetBytes(Sort)]);

    internal static bool TryParse(string text, [NotNullWhen(true)] out PageKey? key)
    {
        key = null;
        if (!Base64Url.IsValid(text))
            return false;

        var bytes = Base64Url.DecodeFromChars(text);
        if (bytes.Length >= IdLength)
            key = new PageKey(Encoding.UTF8.GetString(bytes.AsSpan(IdLength)), new Guid(bytes.AsSpan(0, IdLength)));

        // PostgreSQL has no text with a zero character; only a made-up key holds one.
        return key is not null && !key.Sort.Contains('\0');
    }
}
