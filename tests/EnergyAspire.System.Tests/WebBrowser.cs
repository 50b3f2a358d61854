using System.Text;
using Microsoft.Playwright;

namespace EnergyAspire.System.Tests;

/// <summary>Debian's Chromium at the system's door, with everything that goes wrong on its pages.</summary>
public sealed class WebBrowser : IAsyncDisposable
{
    // The first has no user interface and needs less processor time.
    private static readonly string[] ChromiumPaths = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private readonly Uri _address;
    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;
    private readonly List<string> _errors = [];

    private WebBrowser(Uri address, IPlaywright playwright, IBrowser browser) => (_address, _playwright, _browser) = (address, playwright, browser);

    /// <summary>Fails with all errors of the pages' consoles and scripts, if there are any, and with other problems of the pages.</summary>
    public void HasNoErrors(params IEnumerable<string> problems)
    {
        var all = _errors.Concat(problems).ToList();
        Assert.True(all.Count == 0, string.Join('\n', all));
    }

    /// <summary>Starts a browser.</summary>
    /// <param name="address">Address of a gateway.</param>
    public static async Task<WebBrowser> StartAsync(Uri address)
    {
        // For machines that do much else.
        Assertions.SetDefaultExpectTimeout(30_000);
        var playwright = await Playwright.CreateAsync();
        return new WebBrowser(address, playwright, await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = ChromiumPath(),
            // Chromium refuses to sandbox as root, and must not look for the internet.
            Args = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        }));
    }

    /// <summary>Presses the button of exactly this name.</summary>
    public static Task PressAsync(IPage page, string button) => page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();

    /// <summary>Chooses a CSV file to import.</summary>
    public static Task ChooseAsync(IPage page, string name, string content) => page.GetByLabel("CSV file").SetInputFilesAsync(
        new FilePayload { Name = name, MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes(content) });

    /// <summary>Looks for what is inaccessible, and keeps a picture.</summary>
    public static async Task KeepAsync(IPage page, string name)
    {
        Assert.Empty(await Axe.ViolationsAsync(page));
        await ShowWholeAsync(page);
        await ScreenshotAsync(page, name);
    }

    /// <summary>Opens a page as somebody does who was never here.</summary>
    public async Task<IPage> OpenAsync(int width, int height, ColorScheme colors, string path = "/", bool touch = false)
    {
        var page = await OpenBlankAsync(width, height, colors, touch);
        await page.GotoAsync(path);

        return page;
    }

    /// <summary>Opens an empty page.</summary>
    public async Task<IPage> OpenBlankAsync(int width, int height, ColorScheme colors, bool touch = false)
    {
        var context = await _browser.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = _address.ToString(),
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = colors,
            HasTouch = touch,
            // Nothing is half-way when a picture is taken.
            ReducedMotion = ReducedMotion.Reduce,
            Locale = "en-GB",
            TimezoneId = "Europe/Berlin",
        });
        var page = await context.NewPageAsync();
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
                _errors.Add($"{page.Url}: {message.Text} ({message.Location})");
        };
        page.PageError += (_, error) => _errors.Add($"{page.Url}: {error}");

        return page;
    }

    public static async Task SignInAsync(IPage page, string username, string password)
    {
        await page.GetByLabel("Username").FillAsync(username);
        await page.GetByLabel("Password", new PageGetByLabelOptions { Exact = true }).FillAsync(password);
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Sign in" }).ClickAsync();
    }

    /// <summary>Makes the window as high as its page, so that what sticks to the window's edge is where it belongs.</summary>
    public static async Task ShowWholeAsync(IPage page)
    {
        var size = page.ViewportSize!;
        var height = await page.EvaluateAsync<int>("document.documentElement.scrollHeight");
        await page.SetViewportSizeAsync(size.Width, Math.Max(size.Height, height));
    }

    /// <summary>Keeps a picture beside the test program, in screens/.</summary>
    public static Task ScreenshotAsync(IPage page, string name) =>
        page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(AppContext.BaseDirectory, "screens", $"{name}.png") });

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }

    private static string ChromiumPath() =>
        ChromiumPaths.FirstOrDefault(File.Exists)
        ?? throw new FileNotFoundException("The browser tests need Chromium: apt-get install chromium, or run ./test.sh, which does.");
}
