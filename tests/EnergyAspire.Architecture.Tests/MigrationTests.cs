using System.Reflection;
using System.Text.RegularExpressions;
using EnergyAspire.Data;
using EnergyAspire.Devices.Data;
using EnergyAspire.Identity.Data;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Testing;
using EnergyAspire.Users.Data;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;

namespace EnergyAspire.Architecture.Tests;

/// <summary>
/// During an update replicas of the previous release run with the new schema. So a migration only adds what they need not know. What they use is
/// removed one release later, by a migration with <see cref="ContractionAttribute"/>.
/// </summary>
public sealed partial class MigrationTests
{
    // Migrations of the first release. There was no earlier one whose replicas could run with them.
    private const string FirstRelease = "20261129150000";

    private static readonly Type[] Contexts = [typeof(AuthDbContext), typeof(UserDbContext), typeof(DeviceDbContext), typeof(MonitoringDbContext)];

    /// <summary>Operations that a service of the previous release doesn't survive, with the reason.</summary>
    public static TheoryData<MigrationOperation, string> Contractions => new()
    {
        { new DropTableOperation { Name = "devices" }, "drops the table devices" },
        { new DropColumnOperation { Table = "devices", Name = "price" }, "drops the column devices.price" },
        { new RenameColumnOperation { Table = "devices", Name = "price", NewName = "tariff" }, "renames the column devices.price" },
        { new RenameTableOperation { Name = "devices", NewName = "meters" }, "renames the table devices" },
        { new AddColumnOperation { Table = "devices", Name = "kind", ClrType = typeof(string) }, "adds the column devices.kind, which the previous release doesn't fill" },
        {
            new AlterColumnOperation { Table = "devices", Name = "price", ClrType = typeof(decimal), OldColumn = new AddColumnOperation { ClrType = typeof(decimal), IsNullable = true } },
            "changes the column devices.price"
        },
        { new CreateIndexOperation { Table = "devices", Name = "ix", Columns = ["name"], IsUnique = true }, "makes devices (name) unique" },
        { new AddCheckConstraintOperation { Table = "devices", Name = "ck", Sql = "price > 0" }, "adds a constraint to devices" },
        { new SqlOperation { Sql = "update devices set price = 0" }, "runs SQL, which this test can't judge" },
    };

    /// <summary>Operations that it survives.</summary>
    public static TheoryData<MigrationOperation> Expansions =>
    [
        new CreateTableOperation { Name = "tariffs" },
        new AddColumnOperation { Table = "devices", Name = "kind", ClrType = typeof(string), IsNullable = true },
        new AddColumnOperation { Table = "devices", Name = "kind", ClrType = typeof(string), DefaultValue = "meter" },
        new AddColumnOperation { Table = "devices", Name = "kind", ClrType = typeof(string), DefaultValueSql = "'meter'" },
        new CreateIndexOperation { Table = "devices", Name = "ix", Columns = ["name"] },
        new DropIndexOperation { Table = "devices", Name = "ix" },
        new AlterColumnOperation { Table = "devices", Name = "price", ClrType = typeof(decimal), IsNullable = true, OldColumn = new AddColumnOperation { ClrType = typeof(decimal) } },
    ];

    [Fact]
    public void A_migration_only_expands_the_schema_or_is_marked_as_contraction()
    {
        var migrations = Contexts.SelectMany(context => context.Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Migration)))).ToList();
        Assert.True(migrations.Count >= 20, "The test found few migrations.");

        Assert.All(migrations.Where(migration => IsAfterFirstRelease(migration) && migration.GetCustomAttribute<ContractionAttribute>() is null), migration =>
            Assert.True(
                ContractionsOf(migration) is [],
                $"{migration.FullName} {string.Join(", ", ContractionsOf(migration))}. Replicas of the previous release run with it during an update. See CONTRIBUTING, Add a migration."));
    }

    [Fact]
    public void A_contraction_removes_what_an_earlier_release_than_the_previous_used()
    {
        var releases = Release().Matches(File.ReadAllText(Path.Combine(Repository.Folder, "CHANGELOG.md"))).Select(release => release.Groups["version"].Value).ToList();
        Assert.NotEmpty(releases);

        Assert.All(
            Contexts.SelectMany(context => context.Assembly.GetTypes()).Select(type => (Migration: type, type.GetCustomAttribute<ContractionAttribute>()?.LastUsedBy)).Where(type => type.LastUsedBy is not null),
            contraction => Assert.True(
                releases.IndexOf(contraction.LastUsedBy!) > 0, $"{contraction.Migration}: {contraction.LastUsedBy} must be a release in CHANGELOG.md, and not the latest."));
    }

    [Theory]
    [MemberData(nameof(Contractions), DisableDiscoveryEnumeration = true)]
    public void What_the_previous_release_does_not_survive_is_found(MigrationOperation operation, string reason) =>
        Assert.Equal(reason, ContractionOf(operation));

    [Theory]
    [MemberData(nameof(Expansions), DisableDiscoveryEnumeration = true)]
    public void What_the_previous_release_survives_is_allowed(MigrationOperation operation) => Assert.Null(ContractionOf(operation));

    private static bool IsAfterFirstRelease(Type migration) =>
        string.CompareOrdinal(migration.GetCustomAttribute<MigrationAttribute>()!.Id, FirstRelease) > 0;

    private static List<string> ContractionsOf(Type migration)
    {
        var operations = ((Migration)Activator.CreateInstance(migration)!).UpOperations;
        var created = operations.OfType<CreateTableOperation>().Select(table => table.Name).ToHashSet(StringComparer.Ordinal);

        var added = operations.OfType<AddColumnOperation>().Where(column => column.IsNullable).Select(column => (column.Table, column.Name)).ToHashSet();

        // The previous release doesn't know a table that the same migration creates, and writes only nulls, which are never equal, to a column that it adds.
        return
        [
            .. operations
                .Where(operation => operation is not ITableMigrationOperation table || !created.Contains(table.Table))
                .Where(operation => operation is not CreateIndexOperation index || !Array.TrueForAll(index.Columns, column => added.Contains((index.Table, column))))
                .Select(ContractionOf).OfType<string>(),
        ];
    }

    /// <summary>Says what the operation does to services that don't know it; null when nothing.</summary>
    private static string? ContractionOf(MigrationOperation operation) => operation switch
    {
        CreateTableOperation or DropIndexOperation or DropForeignKeyOperation or DropCheckConstraintOperation or DropUniqueConstraintOperation
            or CreateSequenceOperation or EnsureSchemaOperation or InsertDataOperation => null,
        CreateIndexOperation index => index.IsUnique ? $"makes {index.Table} ({string.Join(", ", index.Columns)}) unique" : null,
        AddColumnOperation column => column.IsNullable || column.DefaultValue is not null || column.DefaultValueSql is not null || column.ComputedColumnSql is not null
            ? null
            : $"adds the column {column.Table}.{column.Name}, which the previous release doesn't fill",
        AlterColumnOperation column => column.IsNullable && column.ClrType == column.OldColumn.ClrType && column.ColumnType == column.OldColumn.ColumnType
            ? null
            : $"changes the column {column.Table}.{column.Name}",
        DropTableOperation table => $"drops the table {table.Name}",
        RenameTableOperation table => $"renames the table {table.Name}",
        DropColumnOperation column => $"drops the column {column.Table}.{column.Name}",
        RenameColumnOperation column => $"renames the column {column.Table}.{column.Name}",
        AddUniqueConstraintOperation or AddCheckConstraintOperation or AddForeignKeyOperation or AddPrimaryKeyOperation =>
            $"adds a constraint to {((ITableMigrationOperation)operation).Table}",
        SqlOperation => "runs SQL, which this test can't judge",
        _ => $"contains a {operation.GetType().Name}, which this test doesn't know",
    };

    [GeneratedRegex(@"^## \[(?<version>[0-9.]+)\]", RegexOptions.ExplicitCapture | RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Release();
}
