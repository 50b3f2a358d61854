using System.Diagnostics;
using System.Reflection;
using EnergyAspire.Testing;

namespace EnergyAspire.Architecture.Tests;

/// <summary>The bicep compiler, which comes as a package for Linux.</summary>
internal static class Bicep
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(1);

    private static readonly string Program =
        typeof(Bicep).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == "Bicep").Value!;

    /// <summary>Compiles a module to an Azure Resource Manager template. Fails on errors and warnings, also of the linter.</summary>
    /// <param name="path">Path of the module in the repository.</param>
    public static string Build(string path)
    {
        using var build = Process.Start(new ProcessStartInfo(Program, ["build", Path.Combine(Repository.Folder, path), "--stdout"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, problems) = (build.StandardOutput.ReadToEndAsync(), build.StandardError.ReadToEndAsync());
        Assert.True(build.WaitForExit(Timeout), "bicep doesn't end.");
        Assert.Equal("", problems.Result.Trim());
        Assert.Equal(0, build.ExitCode);

        return output.Result;
    }
}
