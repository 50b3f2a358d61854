using Microsoft.Playwright;

namespace EnergyAspire.System.Tests;

/// <summary>Somebody who has a keyboard and nothing else. Wherever the keys lead, the focus has to be seen.</summary>
internal sealed class KeyboardUser(IPage page)
{
    private const int MostStops = 120;

    /// <summary>What is focused and whether one sees it; null while it is nowhere. An element may draw the outline around more than itself.</summary>
    private const string Look = """
        () => {
          const element = document.activeElement;
          if (!element || element === document.body) return null;
          (window.reached ??= new WeakSet()).add(element);
          const words = element.cloneNode(true);
          words.querySelectorAll('[aria-hidden=true]').forEach((picture) => picture.remove());
          const name = element.getAttribute('aria-label')
            ?? ([...(element.labels ?? [])].map((label) => label.textContent).join(' ') || words.textContent);
          const outlined = [getComputedStyle(element), getComputedStyle(element, '::after')]
            .some(({ outlineStyle, outlineWidth }) => outlineStyle !== 'none' && parseFloat(outlineWidth) > 0);
          const { top, bottom, width } = element.getBoundingClientRect();
          const seen = element.matches(':focus-visible, [type=date]') && outlined && width > 0 && bottom > 0 && top < innerHeight;
          return [name.replace(/\s+/g, ' ').trim(), seen ? 'seen' : element.outerHTML.slice(0, 200)];
        }
        """;

    /// <summary>Elements that one can see and use, and that the focus has not been on.</summary>
    private const string Missed = """
        () => [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')]
          .filter((element) => element.tabIndex >= 0 && !element.matches(':disabled') && !window.reached?.has(element)
            && element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }))
          .map((element) => element.outerHTML.slice(0, 200))
        """;

    /// <summary>Types into what is focused.</summary>
    public Task TypeAsync(string text) => page.Keyboard.TypeAsync(text);

    /// <summary>Presses a key, which must not lose the focus.</summary>
    public async Task PressAsync(string key)
    {
        await page.Keyboard.PressAsync(key);
        await page.EvaluateAsync("async () => { for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame); }");
    }

    /// <summary>Name of what is focused; null while nothing is.</summary>
    public async Task<string?> FocusedAsync() => (await page.EvaluateAsync<string[]?>(Look))?[0];

    /// <summary>Goes on by a key until something with a name is focused.</summary>
    /// <param name="name">Beginning of its name.</param>
    /// <param name="key">The key.</param>
    public async Task GoToAsync(string name, string key = "Tab")
    {
        var passed = new List<string>();
        for (var stop = 0; stop < MostStops; stop++)
        {
            await page.Keyboard.PressAsync(key);
            if (await LookAsync() is not { } focused)
                continue;
            if (focused.StartsWith(name, StringComparison.Ordinal))
                return;

            passed.Add(focused);
        }

        Assert.Fail($"'{name}' can't be reached at {page.Url} by {key}, only {string.Join(", ", passed.Distinct(StringComparer.Ordinal))}");
    }

    /// <summary>Waits until something is focused, which an answer or an animation may take a moment for.</summary>
    /// <param name="name">Beginning of its name; anything when it is left out.</param>
    public async Task ExpectFocusAsync(string name = "")
    {
        for (var turn = 0; turn < 100; turn++)
        {
            if ((await FocusedAsync())?.StartsWith(name, StringComparison.Ordinal) == true)
                return;
            await page.WaitForTimeoutAsync(50);
        }

        Assert.Fail($"The focus is at '{await FocusedAsync() ?? "nothing"}' at {page.Url}, not at '{name}'");
    }

    /// <summary>Goes through the page by the Tab key from its beginning until the focus leaves it.</summary>
    /// <returns>What one can see and use and was not reached.</returns>
    public async Task<string[]> WalkAsync()
    {
        await page.EvaluateAsync("() => { document.activeElement?.blur(); delete window.reached; }");
        for (var stop = 0; stop < MostStops; stop++)
        {
            await page.Keyboard.PressAsync("Tab");
            if (await LookAsync() is null && stop > 0)
                return await page.EvaluateAsync<string[]>(Missed);
        }

        throw new InvalidOperationException($"the focus does not leave {page.Url}");
    }

    private async Task<string?> LookAsync()
    {
        var focused = await page.EvaluateAsync<string[]?>(Look);
        Assert.True(focused is null || focused[1] == "seen", $"The focus can't be seen at {page.Url}: {focused?[1]}");

        return focused?[0];
    }
}
