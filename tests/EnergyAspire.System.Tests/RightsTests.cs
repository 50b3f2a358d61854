using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Npgsql;

namespace EnergyAspire.System.Tests;

/// <summary>The tables of docs/rights.md are what the running servers say.</summary>
public sealed class RightsTests(SystemFixture system)
{
    private static readonly string[] Attributes = ["superuser", "createrole", "createdb", "replication", "bypassrls", "login"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_the_accounts_at_the_broker()
    {
        var users = await ListAsync("users");
        var permissions = await ListAsync("permissions");
        var rows = users.Select(user =>
        {
            var name = Text(user, "name");
            // An account without a row of permissions may do nothing.
            var own = permissions.Where(row => Text(row, "user") == name).Select(row =>
                $"{Text(row, "vhost")} {Code(Text(row, "configure"))} | {Code(Text(row, "write"))} | {Code(Text(row, "read"))}");
            var tags = string.Join(", ", user.GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()));
            return $"| `{name}` | {(tags.Length == 0 ? "none" : tags)} | {string.Join("; ", own).Replace("/ `", "`", StringComparison.Ordinal)} |";
        });

        Assert.Equal(Documented("Accounts at the broker"), rows.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Of_routing_keys_at_the_broker()
    {
        var rows = (await ListAsync("topic-permissions")).Select(row =>
            $"| `{Text(row, "user")}` | `{Text(row, "exchange")}` | {Code(Text(row, "write"))} | {Code(Text(row, "read"))} |");

        Assert.Equal(Documented("Routing keys"), rows.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Of_the_roles_of_the_databases()
    {
        await using var server = NpgsqlDataSource.Create(await system.ConnectionStringAsync(ResourceNames.Postgres));
        var databases = await ColumnAsync(server, "select datname::text from pg_database order by datname");
        var roles = await ColumnAsync(server, "select rolname::text from pg_roles where rolname !~ '^pg_' order by rolname");
        var creators = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var database in await ColumnAsync(server, "select datname::text from pg_database where datallowconn order by datname"))
        {
            var settings = new NpgsqlConnectionStringBuilder(await system.ConnectionStringAsync(ResourceNames.Postgres)) { Database = database, Pooling = false };
            await using var source = NpgsqlDataSource.Create(settings.ConnectionString);
            creators[database] = await ColumnAsync(source, "select rolname::text from pg_roles where has_schema_privilege(oid, 'public', 'create')");
        }

        var rows = new List<string>();
        foreach (var role in roles)
        {
            var attributes = await ColumnAsync(server, $"""
                select attribute from pg_roles, unnest(
                    array['{string.Join("','", Attributes)}'],
                    array[rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, rolcanlogin]) as has (attribute, yes)
                where yes and rolname = '{role}'
                """);
            var memberships = await ColumnAsync(server, $"""
                select granted.rolname::text from pg_auth_members
                join pg_roles granted on granted.oid = roleid join pg_roles member on member.oid = pg_auth_members.member
                where member.rolname = '{role}' order by 1
                """);
            var owned = await ColumnAsync(server, $"select datname::text from pg_database join pg_roles on pg_roles.oid = datdba where rolname = '{role}' order by 1");
            var reached = await ColumnAsync(server, $"select datname::text from pg_database where datallowconn and has_database_privilege('{role}', oid, 'connect') order by 1");
            var makers = databases.Where(database => creators.TryGetValue(database, out var may) && may.Contains(role));
            rows.Add($"| `{role}` | {List(attributes)} | {Codes(memberships)} | {Codes(owned)} | {Codes(reached)} | {Codes(makers)} |");
        }

        Assert.Equal(Documented("Roles of the databases"), rows.Order(StringComparer.Ordinal));
    }

    /// <summary>The rows of the table below a heading.</summary>
    private static string[] Documented(string heading)
    {
        var rows = File.ReadLines(Path.Combine(Repository.Folder, "docs", "rights.md"))
            .SkipWhile(line => line != $"## {heading}").Skip(1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToArray();
        Assert.NotEmpty(rows);

        return rows;
    }

    private async Task<List<JsonElement>> ListAsync(string what)
    {
        using var http = new HttpClient { BaseAddress = system.BrokerManagement };
        var user = Uri.UnescapeDataString(new Uri(await system.ConnectionStringAsync(ResourceNames.Messaging)).UserInfo);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(user)));

        return (await http.GetFromJsonAsync<List<JsonElement>>(new Uri($"/api/{what}", UriKind.Relative), Cancel))!;
    }

    private static async Task<List<string>> ColumnAsync(NpgsqlDataSource database, string sql)
    {
        var values = new List<string>();
        await using var command = database.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(Cancel);
        while (await reader.ReadAsync(Cancel))
            values.Add(reader.GetString(0));

        return values;
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    // A cell of a table ends at a bare bar.
    private static string Code(string pattern) => $"`{pattern.Replace("|", "\\|", StringComparison.Ordinal)}`";

    private static string Codes(IEnumerable<string> names) => List(names.Select(name => $"`{name}`"));

    private static string List(IEnumerable<string> words) => string.Join(", ", words) is { Length: > 0 } list ? list : "none";
}
