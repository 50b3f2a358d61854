using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EnergyAspire.Data.Lists;

/// <summary>
/// Collation of names in lists: alphabetical in any script. Case and accents only matter between names that are otherwise equal. Numbers are compared
/// by value (Meter 2 before Meter 10).
/// </summary>
/// <remarks>
/// To sort a list by a name: call <see cref="AddNameCollation"/> in <c>OnModelCreating</c>, <see cref="OrderedAsName"/> on the property, and add a
/// migration. Indexes of the column and comparisons in keyset paging use the column's collation, so queries need no change. The collation is
/// deterministic: only equal bytes are equal, so unique indexes, <c>=</c> and <c>like</c> work as before. A column with it can't be compared with a
/// column without it, unless the query names the collation to use.
/// </remarks>
public static class NameCollation
{
    private const string Name = "names";

    /// <summary>Adds the collation to the database. It needs PostgreSQL with ICU, which all packaged builds have.</summary>
    public static ModelBuilder AddNameCollation(this ModelBuilder model) =>
        model.HasCollation(Name, locale: "und-u-kn", provider: "icu", deterministic: true);

    /// <summary>Compares and sorts the column by the collation.</summary>
    public static PropertyBuilder<string> OrderedAsName(this PropertyBuilder<string> property) => property.UseCollation(Name);
}
