using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EnergyAspire.ServiceDefaults.Lists;

/// <summary>
/// The order of names in lists: alphabetical in any script, case and accents only decide between names that are otherwise equal, and
/// numbers count as numbers (Meter 2 before Meter 10).
/// </summary>
/// <remarks>
/// To sort a list by a name: call <see cref="AddNameCollation"/> in <c>OnModelCreating</c>, <see cref="OrderedAsName"/> on the property,
/// and add a migration. Indexes of the column and the comparisons of keyset pages follow the column's collation, so queries stay as they
/// are. The collation is deterministic: only equal bytes are equal, so unique indexes, <c>=</c> and <c>like</c> work as before. A column with
/// it can't be compared with a column without it, unless the query names the collation to use.
/// </remarks>
public static class NameCollation
{
    private const string Name = "names";

    /// <summary>Adds the collation to the database. It needs PostgreSQL with ICU, as every packaged one is.</summary>
    public static ModelBuilder AddNameCollation(this ModelBuilder model) =>
        model.HasCollation(Name, locale: "und-u-kn", provider: "icu", deterministic: true);

    /// <summary>Compares and sorts the column by the collation.</summary>
    public static PropertyBuilder<string> OrderedAsName(this PropertyBuilder<string> property) => property.UseCollation(Name);
}
