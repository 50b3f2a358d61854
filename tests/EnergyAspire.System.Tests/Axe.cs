using EnergyAspire.Testing;
using Microsoft.Playwright;

namespace EnergyAspire.System.Tests;

/// <summary>What keeps people from using a page, as axe-core finds it; the web app's own tests have it among their packages.</summary>
/// <remarks>
/// It runs in the page itself. Its library for .NET opens another page, a process of its own, for each run, which takes longer than the run.
/// </remarks>
internal static class Axe
{
    private const string Run = """
        async (rules) => {
          const runOnly = rules.length ? { type: 'rule', values: rules } : undefined;
          const { violations } = await axe.run(document, { resultTypes: ['violations'], runOnly });
          return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.slice(0, 3).map(({ html }) => html).join(', ')}`);
        }
        """;

    /// <summary>The rules whose result depends on colours.</summary>
    private static readonly string[] ColourRules = ["color-contrast", "link-in-text-block"];

    private static readonly Lazy<string> Source = new(() =>
        File.ReadAllText(Path.Combine(Repository.Folder, "web", "node_modules", "axe-core", "axe.min.js")));

    /// <summary>Looks for violations of all its rules, or of those on colours only.</summary>
    public static async Task<string[]> ViolationsAsync(IPage page, bool coloursOnly = false)
    {
        await page.EvaluateAsync($"() => {{ if (!window.axe) {{ {Source.Value} }} }}");

        return await page.EvaluateAsync<string[]>(Run, coloursOnly ? ColourRules : []);
    }
}
