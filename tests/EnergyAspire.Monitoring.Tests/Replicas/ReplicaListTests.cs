using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.Monitoring.Tests.Queries;
using EnergyAspire.ServiceDefaults;

namespace EnergyAspire.Monitoring.Tests.Replicas;

/// <summary>The lists of this service's replicas.</summary>
public sealed class ReplicaListTests(MonitoringFixture monitoring)
{
    [Fact]
    public async Task A_household_s_devices_come_in_pages_of_a_hundred_in_alphabetical_order()
    {
        var owner = Guid.NewGuid();
        string[] names = ["Äpfel", "apple", "banana", .. Enumerable.Range(1, 240).Select(number => $"Meter {number}"), "Zebra"];
        await AddDevicesAsync(owner, names);

        var (seen, pages) = await ReadAsync("/api/monitoring/devices", owner, "name");
        var (all, _) = await ReadAsync("/api/monitoring/devices?limit=1000", owner, "name");

        Assert.Equal(names, seen);
        Assert.Equal(names, all);
        Assert.Equal(3, pages);
    }

    [Fact]
    public async Task Devices_of_the_same_name_are_neither_lost_nor_repeated_between_pages()
    {
        var owner = Guid.NewGuid();
        await AddDevicesAsync(owner, [.. Enumerable.Repeat("Meter", 25)]);

        var (seen, _) = await ReadAsync("/api/monitoring/devices?limit=4", owner, "id");

        Assert.Equal(25, seen.Distinct().Count());
        Assert.Equal(25, seen.Count);
    }

    [Fact]
    public async Task Accounts_come_in_pages_of_a_hundred_in_alphabetical_order()
    {
        var prefix = $"{Guid.NewGuid():N}";
        await monitoring.ScalarAsync<long>("""
            with added as (
                insert into user_replicas (id, username, role, token_generation, version, is_deleted)
                select gen_random_uuid(), $1 || name, 'client', 1, 1, false from unnest(array['b', 'A', 'a', 'B']) as n (name)
                union all
                select gen_random_uuid(), $1 || 'c' || number, 'client', 1, 1, false from generate_series(1, 150) number
                returning 1
            )
            select count(*) from added
            """, prefix);

        var (seen, pages) = await ReadAsync("/api/monitoring/users", DevelopmentData.Admin, "username");

        var ours = seen.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Select(name => name[prefix.Length..]).ToList();
        Assert.Equal(["a", "A", "b", "B", .. Enumerable.Range(1, 150).Select(number => $"c{number}")], ours);
        Assert.True(pages > 1);
    }

    [Theory]
    [InlineData("devices?limit=1001", "limit")]
    [InlineData("devices?after=x", "after")]
    [InlineData("users?limit=0", "limit")]
    public async Task A_wrong_page_is_named(string path, string field)
    {
        using var response = await monitoring.AskAsync($"/api/monitoring/{path}");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        Assert.Equal([field], problem.GetProperty("errors").EnumerateObject().Select(error => error.Name));
    }

    private async Task AddDevicesAsync(Guid owner, string[] names) => await monitoring.ScalarAsync<long>("""
        with added as (
            insert into device_replicas
                (id, name, description, max_consumption, price, time_zone, reporting_interval_seconds, state_version, version, is_deleted)
            select gen_random_uuid(), name, '', 2.5, null, 'UTC', 600, 1, 1, false from unnest($1::text[]) as n (name)
            returning id
        ),
        mapped as (
            insert into mapping_replicas (user_id, device_id, version, is_assigned) select $2::uuid, id, 1, true from added returning 1
        )
        select count(*) from mapped
        """, names, owner);

    private async Task<(List<string> Seen, int Pages)> ReadAsync(string address, Guid caller, string field)
    {
        var (seen, pages) = (new List<string>(), 0);
        for (var next = address; next is not null; pages++)
        {
            using var response = (await monitoring.AskAsync(next, caller)).EnsureSuccessStatusCode();
            var rows = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
            seen.AddRange(rows.EnumerateArray().Select(row => row.GetProperty(field).GetString()!));
            next = response.Headers.TryGetValues("Link", out var link) ? link.Single().Split('>')[0].TrimStart('<') : null;
        }

        return (seen, pages);
    }
}
