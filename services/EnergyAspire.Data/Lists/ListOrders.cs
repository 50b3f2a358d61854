using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Linq.Expressions;
using System.Text.Json;
using EnergyAspire.Api.Lists;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Query;

namespace EnergyAspire.Data.Lists;

/// <summary>
/// Fields that a list can be sorted by. The parameter <c>sort</c> is a field by its API name; a minus before it means descending order. Rows with
/// equal values are ordered by id, so that pages never overlap.
/// </summary>
/// <typeparam name="TRow">Row, an entity with the property <c>Id</c>.</typeparam>
/// <param name="idOf">Returns the id of a row.</param>
public sealed class ListOrders<TRow>(Func<TRow, Guid> idOf)
    where TRow : class
{
    private const string Id = "Id";

    private readonly Dictionary<string, Reader> _readers = new(StringComparer.Ordinal);
    private string? _usual;

    private delegate OrderedPage<TRow>? Reader(Page page, bool descending);

    /// <summary>Adds a field. The first one is the default order.</summary>
    /// <param name="field">Property that is never null.</param>
    public ListOrders<TRow> By<TValue>(Expression<Func<TRow, TValue>> field)
        where TValue : notnull, IParsable<TValue> =>
        By(((MemberExpression)field.Body).Member.Name, field);

    /// <summary>Adds a field that may be null.</summary>
    /// <param name="field">Property.</param>
    /// <param name="missing">Value that null is sorted as.</param>
    public ListOrders<TRow> By<TValue>(Expression<Func<TRow, TValue?>> field, TValue missing)
        where TValue : struct, IParsable<TValue> =>
        By(
            ((MemberExpression)field.Body).Member.Name,
            Expression.Lambda<Func<TRow, TValue>>(Expression.Coalesce(field.Body, Expression.Constant(missing)), field.Parameters));

    private ListOrders<TRow> By<TValue>(string property, Expression<Func<TRow, TValue>> value)
        where TValue : notnull, IParsable<TValue>
    {
        var name = JsonNamingPolicy.SnakeCaseLower.ConvertName(property);
        var valueOf = value.Compile();
        _usual ??= name;
        _readers.Add(name, (page, descending) => Read(page, value, valueOf, descending, $"{(descending ? "-" : "")}{name}:"));

        return this;
    }

    /// <summary>Reads the requested page and order; returns false and the problem to answer with when they are invalid.</summary>
    /// <param name="sort">Name of a field, optionally with a minus; null for the default order.</param>
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

    /// <returns>Null when the previous page had another order.</returns>
    private OrderedPage<TRow>? Read<TValue>(
        Page page, Expression<Func<TRow, TValue>> value, Func<TRow, TValue> valueOf, bool descending, string mark)
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
                rows = rows.Where(descending
                    ? OnRow((ofRow, idOfRow) => EF.Functions.LessThan(ValueTuple.Create(ofRow, idOfRow), ValueTuple.Create(last!, id)))
                    : OnRow((ofRow, idOfRow) => EF.Functions.GreaterThan(ValueTuple.Create(ofRow, idOfRow), ValueTuple.Create(last!, id))));
            }

            return descending
                ? rows.OrderByDescending(value).ThenByDescending(row => EF.Property<Guid>(row, Id))
                : rows.OrderBy(value).ThenBy(row => EF.Property<Guid>(row, Id));
        }

        Expression<Func<TRow, bool>> OnRow(Expression<Func<TValue, Guid, bool>> condition)
        {
            var row = value.Parameters[0];
            return Expression.Lambda<Func<TRow, bool>>(
                ReplacingExpressionVisitor.Replace(condition.Parameters, [value.Body, Expression.Property(row, Id)], condition.Body), row);
        }
    }

    private static bool TryRead<TValue>(string text, [NotNullWhen(true)] out TValue? value)
        where TValue : notnull, IParsable<TValue>
    {
        if (!TValue.TryParse(text, CultureInfo.InvariantCulture, out value))
            return false;
        // Npgsql accepts only UTC times. A key that a client forged may have another offset.
        if (value is DateTimeOffset time)
            value = (TValue)(object)time.ToUniversalTime();

        return true;
    }

    /// <summary>Formats a value so that it can be parsed again without loss.</summary>
    private static string Text<TValue>(TValue value) => value switch
    {
        DateTimeOffset time => time.ToString("O", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => $"{value}",
    };
}

/// <summary>A page of a list in the requested order.</summary>
/// <typeparam name="TRow">Row.</typeparam>
public sealed class OrderedPage<TRow>
{
    private readonly Page _page;
    private readonly Func<IQueryable<TRow>, IQueryable<TRow>> _after;
    private readonly Func<TRow, PageKey> _keyOf;

    internal OrderedPage(Page page, Func<IQueryable<TRow>, IQueryable<TRow>> after, Func<TRow, PageKey> keyOf) =>
        (_page, _after, _keyOf) = (page, after, keyOf);

    /// <summary>Reads the page, and sets the headers <c>Link</c> to the next page and <c>X-Total-Count</c>.</summary>
    /// <param name="rows">All rows of the list.</param>
    public async Task<List<TRow>> ReadAsync(IQueryable<TRow> rows, CancellationToken cancel) =>
        await _page.CutAsync(await _after(rows).Take(_page.Take).ToListAsync(cancel), _keyOf, rows, cancel);
}
