using System.Net;
using System.Net.Http.Json;
using EnergyAspire.Contracts;
using EnergyAspire.Monitoring.Replicas;

namespace EnergyAspire.Monitoring.Tests.Replicas;

/// <summary>Identity and Devices, as far as replicas are made from them: small pages, and a token by client credentials.</summary>
public sealed class FakeSources : HttpMessageHandler
{
    private const int PageSize = 2;
    private const string Token = "service-token";

    public List<UserState> Users { get; } = [];

    public List<DeviceState> Devices { get; } = [];

    public List<MappingState> Mappings { get; } = [];

    public List<TariffState> Tariffs { get; } = [];

    /// <summary>Whether Devices tells periods; a former version doesn't.</summary>
    public bool KnowsPeriods { get; set; } = true;

    /// <summary>Runs before a list is answered.</summary>
    public Func<string, Task> OnRequest { get; set; } = _ => Task.CompletedTask;

    /// <summary>Whether a list is refused.</summary>
    public Func<Uri, bool> Refuses { get; set; } = _ => false;

    /// <summary>Sources that read this, without a service around them.</summary>
    public (UserSource Users, DeviceSource Devices) Read()
    {
        HttpClient Client(string service)
        {
            var client = new HttpClient(this, disposeHandler: false) { BaseAddress = new Uri($"http://{service}") };
            client.DefaultRequestHeaders.Authorization = new("Bearer", Token);
            return client;
        }

        return (new UserSource(Client("identity")), new DeviceSource(Client("devices")));
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var address = request.RequestUri!;
        if (address.AbsolutePath == "/connect/token")
        {
            var asked = await request.Content!.ReadAsStringAsync(cancellationToken);
            Assert.Equal("grant_type=client_credentials&client_id=monitoring&client_secret=only-for-tests-0123456789&scope=replica", asked);
            return new HttpResponseMessage { Content = JsonContent.Create(new { access_token = Token, expires_in = 3600 }) };
        }

        if (request.Headers.Authorization?.Parameter != Token)
            return new HttpResponseMessage(HttpStatusCode.Unauthorized);

        if (Refuses(address))
            return new HttpResponseMessage(HttpStatusCode.Forbidden);

        await OnRequest($"{address.Host}{address.AbsolutePath}");
        return $"{address.Host}{address.AbsolutePath}" switch
        {
            "identity/internal/users" => Page(address, Users.OrderBy(user => user.Id).Select(user =>
                new { user.Id, user.Username, user.Role, user.Version, token_generation = user.TokenGeneration })),
            "devices/internal/devices" => Page(address, Devices.OrderBy(device => device.Id).Select(device => new
            {
                device.Id,
                device.Name,
                device.Description,
                max_consumption = device.MaxConsumption,
                device.Price,
                time_zone = device.TimeZone,
                reporting_interval_seconds = device.ReportingIntervalSeconds,
                device.Version,
                settings = device.Settings ?? [],
                meters = (device.Meters ?? []).Select(meter => new { meter_id = meter.MeterId, from = meter.From }),
                tariffs = (device.Tariffs ?? []).Select(tariff => new { tariff_id = tariff.TariffId, from = tariff.From }),
                exists_from = device.ExistsFrom ?? DateTimeOffset.UnixEpoch,
            })),
            "devices/internal/mappings" => Page(address, Mappings.OrderBy(mapping => mapping.UserId).ThenBy(mapping => mapping.DeviceId)
                .Select(mapping => new
                {
                    user_id = mapping.UserId,
                    device_id = mapping.DeviceId,
                    mapping.Version,
                    is_assigned = mapping.IsAssigned,
                    periods = KnowsPeriods ? (mapping.Periods ?? [new MappingPeriod()]).Select(period => new { from = period.From, until = period.Until }) : null,
                })),
            "devices/internal/tariffs" => Page(address, Tariffs.OrderBy(tariff => tariff.Id).Select(tariff => new
            {
                tariff.Id,
                tariff.Name,
                tariff.Currency,
                prices = tariff.Prices.Select(prices => new { from = prices.From, unit_price = prices.UnitPrice, times = Array.Empty<object>() }),
                valid_until = tariff.ValidUntil,
                tariff.Version,
            })),
            _ => new HttpResponseMessage(HttpStatusCode.NotFound),
        };
    }

    private static HttpResponseMessage Page<T>(Uri address, IEnumerable<T> all)
    {
        var start = address.Query.Split("after=") is [_, var after] ? int.Parse(after, global::System.Globalization.CultureInfo.InvariantCulture) : 0;
        var rows = all.Skip(start).ToList();
        var answer = new HttpResponseMessage { Content = JsonContent.Create(rows.Take(PageSize)) };
        if (rows.Count > PageSize)
            answer.Headers.Add("Link", $"<{address.AbsolutePath}?limit=1000&after={start + PageSize}>; rel=\"next\"");

        return answer;
    }
}
