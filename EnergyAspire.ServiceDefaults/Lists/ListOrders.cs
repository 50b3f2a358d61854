using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Linq.Expressions;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EnergyAspire.ServiceDefaults.Lists;

/// <summary>
/// What a list can be sorted by: <c>sort</c> names a field as the API calls it, with a minus before it the largest comes first.
/// Rows with equal values are ordered by their id, so that pages never overlap.
/// </summary>
/// <typeparam name="TRow">Row, an entity with the property <c>Id</c>.</typeparam>
/// <param name="idOf">Its id.</param>
public sealed class ListOrders<TRow>(Func<TRow, Guid> idOf)
    where TRow : class
{
    private const string Id = "Id";

    private readonly Dictionary<string, Reader> _readers = new(StringComparer.Ordinal);
    private string? _usual;

    private delegate OrderedPage<TRow>? Reader(Page page, bool descending);

    /// <summary>Adds a field; the first one is what the list is sorted by unless it is asked for otherwise.</summary>
    /// <param name="field">Property that is never null.</param>
    public ListOrders<TRow> By<TValue>(Expression<Func<TRow, TValue>> field)
        where TValue : notnull, IParsable<TValue>
    {
        var property = ((MemberExpression)field.Body).Member.Name;
        var name = JsonNamingPolicy.SnakeCaseLower.ConvertName(property);
        var valueOf = field.Compile();
        _usual ??= name;
        _readers.Add(name, (page, descending) => Read(page, property, valueOf, descending, $"{(descending ? "-" : "")}{name}:"));

        return this;
    }

    /// <summary>Reads which page of the list is asked for, and in which order; false with the answer to give when that can't be.</summary>
    /// <param name="paging">Which page.</param>
    /// <param name="sort">Name of a field, perhaps with a minus; null for the usual order.</param>
    /// <param name="page">The page.</param>
    /// <param name="problem">What is wrong.</param>
    public bool TryRead(
        PageRequest paging, string? sort, [NotNullWhen(true)] out OrderedPage<TRow>? page, [NotNullWhen(false)] out ValidationProblem? problem)
    {
        page = null;
        if (!paging.TryRead(out var plain, out problem))
            return false;

        var descending = sort is ['-', ..];
        if (!_readers.TryGetValue((descending ? sort![1..] : sort) ?? _usual!, out var read))
            problem = Problem("sort", $"The list is sorted by {string.Join(", ", _readers.Keys)}, with a minus before it from the end.");
        else if ((page = read(plain, descending)) is null)
            problem = Problem("after", PageRequest.NoEnd);

        return problem is null;
    }

    private static ValidationProblem Problem(string field, string message) =>
        TypedResults.ValidationProblem(new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = [message] });

    /// <returns>Null when the page before was sorted otherwise.</returns>
    private OrderedPage<TRow>? Read<TValue>(Page page, string property, Func<TRow, TValue> valueOf, bool descending, string mark)
        where TValue : notnull, IParsable<TValue>
    {
        TValue? last = default;
        if (page.After is { Sort: var sort }
            && !(sort.StartsWith(mark, StringComparison.Ordinal) && TryRead(sort[mark.Length..], out last)))
            return null;

        return new OrderedPage<TRow>(page, After, row => new PageKey(mark + Text(valueOf(row)), idOf(row)));

        IQueryable<TRow> After(IQueryable<TRow> rows)
        {
            if (page.After is { Id: var id })
            {
                rows = descending
                    ? rows.Where(row => EF.Functions.LessThan(
                        ValueTuple.Create(EF.Property<TValue>(row, property), EF.Property<Guid>(row, Id)), ValueTuple.Create(last!, id)))
                    : rows.Where(row => EF.Functions.GreaterThan(
                        ValueTuple.Create(EF.Property<TValue>(row, property), EF.Property<Guid>(row, Id)), ValueTuple.Create(last!, id)));
            }

            return descending
                ? rows.OrderByDescending(row => EF.Property<TValue>(row, property)).ThenByDescending(row => EF.Property<Guid>(row, Id))
                : rows.OrderBy(row => EF.Property<TValue>(row, property)).ThenBy(row => EF.Property<Guid>(row, Id));
        }
    }

    private static bool TryRead<TValue>(string text, [NotNullWhen(true)] out TValue? value)
        where TValue : notnull, IParsable<TValue>
    {
        if (!TValue.TryParse(text, CultureInfo.InvariantCulture, out value))
            return false;
        // Npgsql takes times in UTC only; a key that a client made up may have another offset.
        if (value is DateTimeOffset time)
            value = (TValue)(object)time.ToUniversalTime();

        return true;
    }

    /// <summary>A value as it is read again without loss.</summary>
    private static string Text<TValue>(TValue value) => value switch
    {
        DateTimeOffset time => time.ToString("O", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => $"{value}",
    };
}

/// <summary>A page of a list in the order that it was asked for.</summary>
/// <typeparam name="TRow">Row.</typeparam>
public sealed class OrderedPage<TRow>
{
    private readonly Page _page;
    private readonly Func<IQueryable<TRow>, IQueryable<TRow>> _after;
    private readonly Func<TRow, PageKey> _keyOf;

    internal OrderedPage(Page page, Func<IQueryable<TRow>, IQueryable<TRow>> after, Func<TRow, PageKey> keyOf) =>
        (_page, _after, _keyOf) = (page, after, keyOf);

    /// <summary>Reads the page, and says in headers where the next one is and how many rows the list has.</summary>
    /// <param name="rows">All that the list may hold.</param>
    /// <param name="cancel">Set when the caller goes away.</param>
    public async Task<List<TRow>> ReadAsync(IQueryable<TRow> rows, CancellationToken cancel) =>
        await _page.CutAsync(await _after(rows).Take(_page.Take).ToListAsync(cancel), _keyOf, rows, cancel);
}
