using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace EnergyAspire.Api.Lists;

/// <summary>
/// The page of a list that the caller requests. Keyset paging: a page starts after the key of the previous page's last row, so inserted and deleted
/// rows don't shift pages. The response gets the <c>Link</c> header.
/// </summary>
/// <param name="Limit">Maximum number of rows on the page.</param>
/// <param name="After">Key of the previous page's last row, an opaque value from its <c>Link</c> header.</param>
public sealed record PageRequest([FromQuery(Name = "limit")] string? Limit, [FromQuery(Name = "after")] string? After, HttpContext Http)
{
    internal const int DefaultLimit = 100;
    internal const int LargestLimit = 1000;

    /// <summary>Header with the number of rows on all pages of a list.</summary>
    public const string TotalHeader = "X-Total-Count";

    /// <summary>Error message for a key that is not from this list.</summary>
    public const string NoEnd = "Not the end of a page; follow the Link header.";

    /// <summary>Reads the page; returns false and the problem to answer with when its parameters are invalid.</summary>
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

/// <summary>A page with valid parameters.</summary>
/// <param name="Limit">Maximum number of rows on the page.</param>
/// <param name="After">Key of the previous page's last row; null for the first page.</param>
public sealed record Page(int Limit, PageKey? After, HttpContext Http)
{
    /// <summary>Rows to read: one more than the page holds, to detect whether another page follows.</summary>
    public int Take => Limit + 1;

    /// <summary>
    /// Truncates the rows to the page and sets the <c>Link</c> header to the next page. A list that fits on one page also gets <c>X-Total-Count</c>,
    /// because the number is known.
    /// </summary>
    public List<TRow> Cut<TRow>(List<TRow> rows, Func<TRow, PageKey> keyOf)
    {
        if (rows.Count <= Limit)
        {
            if (After is null)
                SetTotal(rows.Count);
            return rows;
        }

        rows.RemoveRange(Limit, rows.Count - Limit);
        var query = new QueryBuilder(Http.Request.Query.Where(parameter => parameter.Key != "after"))
        {
            { "after", keyOf(rows[^1]).ToString() },
        };
        Http.Response.Headers.Link = $"<{Http.Request.PathBase}{Http.Request.Path}{query}>; rel=\"next\"";

        return rows;
    }

    /// <summary>Sets <c>X-Total-Count</c> to the number of rows on all pages.</summary>
    public void SetTotal(int rows) => Http.Response.Headers[PageRequest.TotalHeader] = rows.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Position of a row in a list: the value that the list is sorted by, then the id as a tie-breaker.</summary>
/// <param name="Sort">Value the list is sorted by first; empty when it is sorted by id alone.</param>
/// <param name="Id">Id of the row.</param>
public sealed record PageKey(string Sort, Guid Id)
{
    private const int IdLength = 16;

    /// <summary>Encodes the key for a URL.</summary>
    public override string ToString() => Base64Url.EncodeToString([.. Id.ToByteArray(), .. Encoding.UTF8.GetBytes(Sort)]);

    internal static bool TryParse(string text, [NotNullWhen(true)] out PageKey? key)
    {
        key = null;
        if (!Base64Url.IsValid(text))
            return false;

        var bytes = Base64Url.DecodeFromChars(text);
        if (bytes.Length >= IdLength)
            key = new PageKey(Encoding.UTF8.GetString(bytes.AsSpan(IdLength)), new Guid(bytes.AsSpan(0, IdLength)));

        // PostgreSQL can't store U+0000 in a text. Only a forged key contains it.
        return key is not null && !key.Sort.Contains('\0');
    }
}
