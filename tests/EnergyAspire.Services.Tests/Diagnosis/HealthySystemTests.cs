using System.Text;
using EnergyAspire.Devices.Data;
using EnergyAspire.Doctor;
using EnergyAspire.ServiceDefaults;
using Npgsql;

namespace EnergyAspire.Services.Tests.Diagnosis;

/// <summary>What the doctor says of a system without faults.</summary>
[Collection<DiagnosedSystemCollection>]
public sealed class HealthySystemTests(DiagnosedSystem system)
{
    [Fact]
    public async Task Nothing_fails_and_the_checks_that_can_t_be_made_say_why()
    {
        var (code, output, errors) = await system.RunAsync(new Dictionary<string, string?>(), "--json");
        var found = DiagnosedSystem.Read(code, Encoding.UTF8.GetString(output));

        Assert.Equal("", errors);
        Assert.Equal(0, found.ExitCode);
        // Whether the disk is nearly full depends on the machine.
        Assert.Equal(
            ["backup", "certificate"],
            found.Checks.Where(check => check.Value.Result != "ok" && check.Key != "PostgreSQL: disk").Select(check => check.Key).Order(StringComparer.Ordinal));
        Assert.All(found.Checks.Values, check =>
        {
            Assert.EndsWith(".", check.Finding, StringComparison.Ordinal);
            Assert.Equal(check.Result == "ok", check.Action is null);
        });
        Assert.Contains($"version {ProductVersion.Current}", found.Checks["versions"].Finding, StringComparison.Ordinal);
        Assert.Contains($"All {DiagnosedSystem.Migrations<DeviceDbContext>()} migrations", found.Checks["device-db: migrations"].Finding, StringComparison.Ordinal);
        Assert.Contains("quorum", found.Checks["queue: sync_queue"].Finding, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_json_people_can_read_it()
    {
        var (code, output, _) = await system.RunAsync(new Dictionary<string, string?>());
        var lines = Encoding.UTF8.GetString(output).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(0, code);
        Assert.Contains(lines, line => line.StartsWith("ok ", StringComparison.Ordinal) && line.Contains(" PostgreSQL: durability ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("not checked ", StringComparison.Ordinal) && line.Contains(" backup ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("-> Set it to the folder with the backups", StringComparison.Ordinal));
        Assert.EndsWith(" warnings, 0 failed, 2 not checked.", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_doctor_s_sessions_can_write_nothing()
    {
        await using var connection = await Sql.OpenAsync(system.AdministratorOf(ResourceNames.UserDatabase), TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand("delete from profiles", connection);

        var refused = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
        Assert.Equal(PostgresErrorCodes.ReadOnlySqlTransaction, refused.SqlState);
    }
}
