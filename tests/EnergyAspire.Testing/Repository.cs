namespace EnergyAspire.Testing;

/// <summary>The repository that this program was built in.</summary>
public static class Repository
{
    /// <summary>Its folder.</summary>
    /// <exception cref="DirectoryNotFoundException">The program isn't within it.</exception>
    public static string Folder { get; } = Find();

    /// <summary>A program of it as it was built beside this one, with its own settings.</summary>
    /// <param name="folder">Folder that the project's is in.</param>
    /// <param name="project">Name of the project.</param>
    public static string Program(string folder, string project)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);

        return Path.Combine(Folder, folder, project, "bin", output.Parent!.Name, output.Name, $"{project}.dll");
    }

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "EnergyAspire.sln")))
            folder = folder.Parent ?? throw new DirectoryNotFoundException($"{AppContext.BaseDirectory} is not in the repository.");

        return folder.FullName;
    }
}
