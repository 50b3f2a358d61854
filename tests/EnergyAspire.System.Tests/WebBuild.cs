using System.Diagnostics;

namespace EnergyAspire.System.Tests;

/// <summary>The web app as it ships.</summary>
internal static class WebBuild
{
    /// <summary>Builds the web app beside the test program.</summary>
    /// <param name="source">Folder of its source, with its packages installed.</param>
    /// <returns>Folder of its files.</returns>
    public static async Task<string> RunAsync(string source, CancellationToken cancel)
    {
        var target = Path.Combine(AppContext.BaseDirectory, "web");
        using var build = Process.Start(new ProcessStartInfo("node")
        {
            ArgumentList = { "node_modules/vite/bin/vite.js", "build", "--outDir", target, "--emptyOutDir", "--logLevel", "warn" },
            WorkingDirectory = Path.GetFullPath(source),
            UseShellExecute = false,
            RedirectStandardError = true,
        })!;
        var problems = await build.StandardError.ReadToEndAsync(cancel);
        await build.WaitForExitAsync(cancel);
        if (build.ExitCode != 0)
            throw new InvalidOperationException($"the web app does not build: {problems}");

        return target;
    }
}
