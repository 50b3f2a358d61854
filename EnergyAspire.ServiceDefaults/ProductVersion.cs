using System.Reflection;

namespace EnergyAspire.ServiceDefaults;

/// <summary>The version of the product, which is set in <c>Directory.Build.props</c>.</summary>
public static class ProductVersion
{
    /// <summary>Version of the running process, such as <c>1.2.0</c>.</summary>
    public static string Current { get; } =
        typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
}
