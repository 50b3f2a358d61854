using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using EnergyAspire.Contracts;
using EnergyAspire.Data.Audit;
using EnergyAspire.Devices.Tariffs;
using EnergyAspire.Identity.Accounts;
using EnergyAspire.Identity.Sagas;
using EnergyAspire.Monitoring.Alerts;
using EnergyAspire.Monitoring.Data;
using EnergyAspire.Monitoring.Readings;
using EnergyAspire.ServiceDefaults;
using EnergyAspire.Testing;
using Microsoft.EntityFrameworkCore;
using AuthData = EnergyAspire.Identity.Data.AuthDbContext;
using DeviceData = EnergyAspire.Devices.Data.DeviceDbContext;
using UserData = EnergyAspire.Users.Data.UserDbContext;

namespace EnergyAspire.Services.Tests.Authorization;

/// <summary>Every list of which the OpenAPI documents say that it tells how many rows there are.</summary>
[Collection<RunningServicesCollection>]
public sealed class TotalTests(RunningServices services) : IAsyncLifetime
{
    private const string Total = "X-Total-Count";

    private static int _hours;

    /// <summary>Service and path of each list.</summary>
    public static TheoryData<string, string> Lists => new(
        from file in Directory.GetFiles(Path.Combine(Repository.Folder, "docs", "openapi"), "*.json").Order(StringComparer.Ordinal)
        from path in JsonElement.Parse(File.ReadAllText(file)).GetProperty("paths").EnumerateObject()
        where path.Value.TryGetProperty("get", out var get)
            && get.GetProperty("responses").TryGetProperty("200", out var answer)
            && answer.TryGetProperty("headers", out var headers) && headers.TryGetProperty(Total, out _)
        select (Path.GetFileNameWithoutExtension(file), path.Name));

    /// <summary>Two rows or more in every list, so that one of them doesn't fit on the page.</summary>
    public async ValueTask InitializeAsync()
    {
        var device = DevelopmentData.HeatPump;
        await services.ChangeAsync<AuthData>(ResourceNames.Identity, db => AddTwo(db, Audited, Ended));
        await services.ChangeAsync<UserData>(ResourceNames.Users, db => AddTwo(db, Audited));
        await services.ChangeAsync<DeviceData>(ResourceNames.Devices, db => AddTwo(db, Audited, Offered));
        await services.ChangeAsync<MonitoringDbContext>(ResourceNames.Monitoring, db => AddTwo(db, Audited, Quarantined, Raised));
        foreach (var budgeted in new[] { DevelopmentData.Kitchen, DevelopmentData.Laundry })
        {
            // The replicas of the development data may still be on their way.
            await Eventually.TrueAsync(
                async () =>
                {
                    using var answer = await services.SendAsync(
                        ResourceNames.Monitoring, HttpMethod.Put, $"/api/monitoring/budgets/{budgeted}", Caller.Admin, JsonContent.Create(new { kwh = 1 }));
                    return answer.IsSuccessStatusCode;
                },
                "the budget is set");
        }

        static object Audited(DateTimeOffset at) => new AuditRecord { Id = Guid.CreateVersion7(), At = at, Action = "device_updated", Actor = "admin" };

        static object Quarantined(DateTimeOffset at) => new QuarantinedReading { Id = Guid.CreateVersion7(), ReceivedAt = at, Reason = QuarantineReason.Malformed, Body = [1] };

        static object Offered(DateTimeOffset at) => new Tariff
        {
            Id = Guid.CreateVersion7(),
            Name = "Household",
            Currency = "EUR",
            Prices = [new TariffPrices(null, 0.3m, [])],
            CreatedAt = at,
            UpdatedAt = at,
        };

        object Raised(DateTimeOffset at) => new Alert
        {
            Id = Guid.CreateVersion7(),
            DeviceId = device,
            HourStart = at,
            Kind = AlertKind.Exceeded,
            Energy = 2,
            Projected = 2,
            LimitEnergy = 1,
            RaisedAt = at,
            IsLate = true,
        };

        static object Ended(DateTimeOffset at) => new Saga
        {
            Id = Guid.CreateVersion7(),
            Type = SagaType.Update,
            Subject = Guid.CreateVersion7(),
            Username = "somebody",
            State = SagaState.Completed,
            Steps = [.. AccountSagas.Update.Steps.Select(step => new StepProgress { Name = step.Name })],
            StartedAt = at,
            FinishedAt = at,
            NextAttemptAt = at,
            Deadline = at,
            LeasedUntil = at,
            Actor = "admin",
        };
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task A_list_that_documents_its_number_of_rows_tells_it_on_every_page(string service, string path)
    {
        path = path.Replace("{user_id}", DevelopmentData.Alice.ToString(), StringComparison.Ordinal);
        var isOfDevice = path.EndsWith("/measurements", StringComparison.Ordinal);
        var query = isOfDevice ? $"device_id={DevelopmentData.HeatPump}&" : path.EndsWith("/statement", StringComparison.Ordinal) ? "month=2026-01&" : "";

        await Eventually.GetAsync(
            async () => (All: await ReadAsync($"{path}?{query}limit=100"), First: await ReadAsync($"{path}?{query}limit=1")),
            read => isOfDevice
                ? read is { All: (0, 0) }
                : read is { All.Rows: >= 2 and < 100, First.Rows: 1 } && read.All.Total == read.All.Rows && read.First.Total == read.All.Rows,
            $"{path} tells how many rows it has");

        async Task<(int Rows, int? Total)> ReadAsync(string address)
        {
            using var answer = await services.SendAsync(service, HttpMethod.Get, address, Caller.Admin);
            answer.EnsureSuccessStatusCode();
            var rows = await answer.Content.ReadFromJsonAsync<JsonElement>();

            // A statement is an object with the rows of its page.
            if (rows.ValueKind == JsonValueKind.Object)
                rows = rows.GetProperty("devices");

            return (rows.GetArrayLength(), answer.Headers.TryGetValues(Total, out var values) ? int.Parse(values.Single(), CultureInfo.InvariantCulture) : null);
        }
    }

    private static void AddTwo(DbContext db, params Func<DateTimeOffset, object>[] rows)
    {
        // A device has one alert of a kind in an hour.
        var hour = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddHours(Interlocked.Add(ref _hours, 2));
        foreach (var row in rows)
            db.AddRange(row(hour), row(hour.AddHours(1)));
    }
}
