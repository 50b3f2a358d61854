using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Mvc.Testing.Handlers;

namespace EnergyAspire.Identity.Tests.OpenIdConnect;

/// <summary>A browser without scripts: keeps cookies, shows pages, sends their forms; follows redirects only as far as it is told.</summary>
public sealed partial class Browser(HttpMessageHandler network, Uri home) : IDisposable
{
    private readonly HttpClient _client = new(new CookieContainerHandler(new CookieContainer()) { InnerHandler = network }) { BaseAddress = home };

    public static Browser At(IdentityHost identity) => new(identity.Server.CreateHandler(), new Uri(IdentityHost.Issuer));

    /// <summary>Opens an address; follows redirects within the site.</summary>
    public Task<View> OpenAsync(string address) => FollowAsync(new HttpRequestMessage(HttpMethod.Get, address));

    /// <summary>Sends the form of a page with these fields filled in.</summary>
    public Task<View> SendAsync(View page, Dictionary<string, string> filled)
    {
        var fields = Inputs().Matches(page.Html).Select(input => input.Value)
            .Where(input => Attribute(input, "name") is not null)
            .ToDictionary(input => Attribute(input, "name")!, input => Attribute(input, "value") ?? "", StringComparer.Ordinal);
        foreach (var (name, value) in filled)
            fields[name] = value;

        var action = Attribute(Forms().Match(page.Html).Value, "action")!;
        return FollowAsync(new HttpRequestMessage(HttpMethod.Post, new Uri(page.Address, action)) { Content = new FormUrlEncodedContent(fields) });
    }

    /// <summary>Fills in the sign-in page.</summary>
    public Task<View> SignInAsync(View page, string username, string password) =>
        SendAsync(page, new() { ["username"] = username, ["password"] = password });

    public Task<HttpResponseMessage> RequestAsync(HttpRequestMessage request) => _client.SendAsync(request);

    public void Dispose() => _client.Dispose();

    private async Task<View> FollowAsync(HttpRequestMessage request)
    {
        for (var hop = 0; hop < 10; hop++)
        {
            using var answer = await _client.SendAsync(request);
            var address = answer.RequestMessage!.RequestUri!;
            var view = new View(address, answer.StatusCode, answer.Headers, await answer.Content.ReadAsStringAsync());
            if (answer.Headers.Location is not { } location)
                return view;

            var next = new Uri(address, location);
            if (next.Authority != home.Authority)
                return view with { Address = next };

            request = new HttpRequestMessage(HttpMethod.Get, next);
        }

        throw new InvalidOperationException("The site redirects without an end.");
    }

    private static string? Attribute(string tag, string name)
    {
        var value = Regex.Match(tag, $"""\s{name}="(?<value>[^"]*)" """.TrimEnd(), RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
        return value.Success ? WebUtility.HtmlDecode(value.Groups["value"].Value) : null;
    }

    [GeneratedRegex("<input[^>]*>", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Inputs();

    [GeneratedRegex("<form[^>]*>", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Forms();
}

/// <summary>Where a browser ended: a page of the site, or an address of another one that it was sent to.</summary>
public sealed record View(Uri Address, HttpStatusCode Status, System.Net.Http.Headers.HttpResponseHeaders Headers, string Html)
{
    /// <summary>A parameter of the address, also behind its fragment sign.</summary>
    public string? this[string parameter] =>
        System.Web.HttpUtility.ParseQueryString(Address.Query)[parameter] ?? System.Web.HttpUtility.ParseQueryString(Address.Fragment.TrimStart('#'))[parameter];
}
