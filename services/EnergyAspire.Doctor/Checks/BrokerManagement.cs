using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace EnergyAspire.Doctor.Checks;

/// <summary>RabbitMQ's management API, by the account of the connection string.</summary>
internal sealed class BrokerManagement
{
    /// <summary>Action when it can't be used.</summary>
    public const string Missing =
        $"Turn on the plugin rabbitmq_management, set Doctor:BrokerManagement, and give the doctor the administrator's account ({Runbook.Doctor}).";

    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = Timeout.InfiniteTimeSpan };

    private readonly Uri _address;
    private readonly AuthenticationHeaderValue _account;

    /// <summary>Creates it without connecting.</summary>
    public BrokerManagement(Installation installation)
    {
        var broker = installation.BrokerFactory();
        _address = installation.Management;
        _account = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{broker.UserName}:{broker.Password}")));
        VirtualHost = Uri.EscapeDataString(broker.VirtualHost);
    }

    /// <summary>The virtual host as a part of a path.</summary>
    public string VirtualHost { get; }

    /// <summary>Requests a resource; null when there is no such.</summary>
    /// <exception cref="HttpRequestException">The API can't be reached, or the account may not use it.</exception>
    public async Task<JsonElement?> GetAsync(string path, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_address, $"/api/{path}")) { Headers = { Authorization = _account } };
        using var answer = await Http.SendAsync(request, cancel);
        if (answer.StatusCode == HttpStatusCode.NotFound)
            return null;
        if (!answer.IsSuccessStatusCode)
            throw new HttpRequestException($"The broker's management API answers with status {(int)answer.StatusCode}.");

        await using var body = await answer.Content.ReadAsStreamAsync(cancel);
        using var document = await JsonDocument.ParseAsync(body, cancellationToken: cancel);
        return document.RootElement.Clone();
    }

    /// <summary>Requests a list.</summary>
    /// <exception cref="HttpRequestException">The API can't be reached, or the account may not use it.</exception>
    public async Task<List<JsonElement>> ListAsync(string path, CancellationToken cancel) =>
        await GetAsync(path, cancel) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray()] : [];
}
