using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;

namespace EnergyAspire.Provisioning;

/// <summary>What is provisioned.</summary>
public sealed partial class ProvisioningOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Provisioning";

    /// <summary>Databases by name, such as <c>device_db</c>.</summary>
    [Required, MinLength(1)]
    public Dictionary<string, DatabaseOptions> Databases { get; } = new(StringComparer.Ordinal);

    /// <summary>
    /// Whether every database has a name of this form, a role and a password. The framework doesn't validate the values of a dictionary.
    /// </summary>
    internal bool HasValidDatabases => Databases.All(database => Name().IsMatch(database.Key)
        && Validator.TryValidateObject(database.Value, new ValidationContext(database.Value), null, validateAllProperties: true));

    [GeneratedRegex(DatabaseOptions.Name, RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Name();
}

/// <summary>A database and its role.</summary>
public sealed class DatabaseOptions
{
    /// <summary>Form of the names of databases and roles. They are parts of SQL statements.</summary>
    internal const string Name = "^[a-z_][a-z0-9_]*$";

    /// <summary>Role that owns the database, such as <c>device_service</c>. It is created if it doesn't exist.</summary>
    [Required, RegularExpression(Name, MatchTimeoutInMilliseconds = 1000)]
    public string Role { get; set; } = "";

    /// <summary>Password of the role, at least 16 characters. It is set at each start.</summary>
    [Required, MinLength(16)]
    public string Password { get; set; } = "";
}
