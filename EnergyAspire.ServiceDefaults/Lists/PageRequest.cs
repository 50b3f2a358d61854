using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.ServiceDefaults.Lists;

/// <summary>Which page of a list the caller asks for. Pages follow the key of the last row, so rows that come or go shift nothing.</summary>
/// <param name="Limit">Most rows that the page may hold.</param>
/// <param name="After">Where the page before ended; comes from its <c>Link</c> header and means nothing else.</param>
/// <param name="Http">Request that asks; its answer gets the <c>Link</c> header.</param>
public sealed record PageRequest([FromQuery(Name = "limit")] string? Limit, [FromQuery(Name = "after")] string? After, HttpContext Http)
{
    internal const int DefaultLimit = 100;
    internal const int LargestLimit = 1000;

    internal const string TotalHeader = "X-Total-Count";

    /// <summary>A longer list isn't counted: that would cost more than reading the page.</summary>
    internal const int MostCounted = 100_000;

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

    /// <summary>
    /// Cuts the rows read to the page, and says in the <c>Link</c> header where the next one is. A list that fits on one page gets its
    /// <c>X-Total-Count</c>, because that costs nothing; <see cref="CutAsync"/> counts longer ones too.
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

    /// <summary>As <see cref="Cut"/>, and says in <c>X-Total-Count</c> how many rows the list has on all its pages, up to 100,000.</summary>
    /// <param name="rows">Rows read for this page.</param>
    /// <param name="keyOf">Place of a row in the list.</param>
    /// <param name="all">Rows of all pages.</param>
    /// <param name="cancel">Set when the caller goes away.</param>
    public async Task<List<TRow>> CutAsync<TRow, TAll>(
        List<TRow> rows, Func<TRow, PageKey> keyOf, IQueryable<TAll> all, CancellationToken cancel)
    {
        var isWhole = After is null && rows.Count <= Limit;
        // EF Core warns of a limit without an order, even where only the number matters.
        if (!isWhole && await all.OrderBy(_ => 1).Take(PageRequest.MostCounted + 1).CountAsync(cancel) is var total and <= PageRequest.MostCounted)
            SetTotal(total);

        return Cut(rows, keyOf);
    }

    private void SetTotal(int rows) => Http.Response.Headers[PageRequest.TotalHeader] = rows.ToString(CultureInfo.InvariantCulture);
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

        // PostgreSQL can't store U+0000 in a text; only a key that a client made up has one.
        return key is not null && !key.Sort.Contains('\0');
    }
}
