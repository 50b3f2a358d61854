namespace EnergyAspire.Testing;

/// <summary>Paths in the repository that this program was built in.</summary>
public static class Repository
{
    /// <summary>Folder of the repository.</summary>
    /// <exception cref="DirectoryNotFoundException">The program isn't in the repository.</exception>
    public static string Folder { get; } = Find();

    /// <summary>Returns the path of another program of the repository, built in the same configuration as this one.</summary>
    /// <param name="folder">Folder that contains the project's folder.</param>
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
