using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;

namespace EnergyAspire.System.Tests;

/// <summary>What it takes to show the first page to somebody who is signed in and has nothing of it yet.</summary>
public sealed class FirstLoadTests(SystemFixture system)
{
    private const int MostScriptBytes = 250_000;

    /// <summary>When the heading and a device with a figure are drawn, in ms since the address was entered.</summary>
    private const string Usable = """
        (() => {
          const look = () => {
            const figure = document.querySelector('[aria-labelledby=devices] li dd')?.textContent ?? '';
            if (document.querySelector('h1') && /\d/.test(figure)) requestAnimationFrame(() => (window.usableAt = performance.now()));
            else requestAnimationFrame(look);
          };
          requestAnimationFrame(look);
        })();
        """;

    [Fact]
    public async Task The_first_page_needs_less_than_250_kB_of_scripts()
    {
        await using var browser = await WebBrowser.StartAsync(system.Shipped);
        var page = await browser.OpenBlankAsync(1440, 900, ColorScheme.Light);
        // Signed in without having seen a page.
        var session = await page.Context.APIRequest.PostAsync("/session", new()
        {
            DataObject = new { username = "alice", password = "alice123" },
            Headers = [new("X-CSRF", "1")],
        });
        Assert.True(session.Ok, $"signing in answers {session.Status}: {await session.TextAsync()}");
        await page.AddInitScriptAsync(Usable);
        var answers = await WatchAsync(page);

        await page.GotoAsync("/");
        await page.WaitForFunctionAsync("() => window.usableAt !== undefined", null, new() { Timeout = 60_000 });
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);

        var usable = await page.EvaluateAsync<double>("window.usableAt");
        var painted = await page.EvaluateAsync<double>("performance.getEntriesByName('first-contentful-paint')[0].startTime");
        var scripts = answers.Values.Where(answer => answer.Type == "Script").Sum(answer => answer.Bytes);
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            First load: {answers.Count} requests, {answers.Values.Sum(answer => answer.Bytes) / 1000.0:0.0} kB, of it scripts {scripts / 1000.0:0.0} kB;
            first contentful paint after {painted:0} ms, usable after {usable:0} ms.
            """));
        foreach (var answer in answers.Values.OrderByDescending(answer => answer.Bytes))
            TestContext.Current.TestOutputHelper.WriteLine($"{answer.Bytes,8} {answer.Type} {answer.Encoding} {answer.Path}");

        Assert.True(scripts is > 0 and < MostScriptBytes, $"scripts are {scripts} bytes");
        Assert.All(answers.Values.Where(answer => answer.Type is "Script" or "Stylesheet" && answer.Bytes > 1500), answer => Assert.Equal("br", answer.Encoding));
        browser.HasNoErrors();
    }

    private static async Task<ConcurrentDictionary<string, Answer>> WatchAsync(IPage page)
    {
        var answers = new ConcurrentDictionary<string, Answer>(StringComparer.Ordinal);
        var network = await page.Context.NewCDPSessionAsync(page);
        network.Event("Network.responseReceived").OnEvent += (_, sent) =>
        {
            var response = sent!.Value.GetProperty("response");
            var encoding = response.GetProperty("headers").EnumerateObject()
                .FirstOrDefault(header => header.Name.Equals("content-encoding", StringComparison.OrdinalIgnoreCase)).Value;
            answers[Id(sent)] = new Answer(
                new Uri(response.GetProperty("url").GetString()!).AbsolutePath,
                sent.Value.GetProperty("type").GetString()!,
                encoding.ValueKind == JsonValueKind.String ? encoding.GetString()! : "-");
        };
        network.Event("Network.loadingFinished").OnEvent += (_, sent) =>
        {
            if (answers.TryGetValue(Id(sent), out var answer))
                answer.Bytes = (long)sent!.Value.GetProperty("encodedDataLength").GetDouble();
        };
        await network.SendAsync("Network.enable");

        return answers;

        static string Id(JsonElement? sent) => sent!.Value.GetProperty("requestId").GetString()!;
    }

    /// <summary>What came for a request.</summary>
    private sealed record Answer(string Path, string Type, string Encoding)
    {
        /// <summary>Bytes over the wire, headers included.</summary>
        public long Bytes { get; set; }
    }
}
