using EnergyAspire.Api.Lists;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.Data.Lists;

/// <summary>Counts the rows of paged lists.</summary>
public static class PageCounting
{
    /// <summary>Longest list that is counted. Counting a longer one would cost more than reading the page.</summary>
    private const int MostCounted = 100_000;

    /// <summary>Like <see cref="Page.Cut"/>, and sets <c>X-Total-Count</c> to the number of rows on all pages, up to 100,000.</summary>
    /// <param name="page">The page.</param>
    /// <param name="rows">Rows read for this page.</param>
    /// <param name="keyOf">Returns the key of a row.</param>
    /// <param name="all">Rows of all pages.</param>
    public static async Task<List<TRow>> CutAsync<TRow, TAll>(
        this Page page, List<TRow> rows, Func<TRow, PageKey> keyOf, IQueryable<TAll> all, CancellationToken cancel)
    {
        var isWhole = page.After is null && rows.Count <= page.Limit;
        // The order avoids EF Core's warning about a limit without an order; a count doesn't need it.
        if (!isWhole && await all.OrderBy(_ => 1).Take(MostCounted + 1).CountAsync(cancel) is var total and <= MostCounted)
            page.SetTotal(total);

        return page.Cut(rows, keyOf);
    }
}
