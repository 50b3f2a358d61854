namespace EnergyAspire.AppHost;

/// <summary>Starts services from their build output.</summary>
internal static class BuiltPrograms
{
    /// <summary>
    /// Starts each project's program itself. Aspire starts projects by <c>dotnet run --no-build</c>, which costs seconds of processor time each.
    /// An IDE that debugs the projects, and <c>dotnet watch</c>, start them in their own way.
    /// </summary>
    public static void StartBuiltPrograms(this IDistributedApplicationBuilder builder)
    {
        if (builder.Configuration["DEBUG_SESSION_PORT"] is not null || builder.Configuration["DOTNET_WATCH"] is not null)
            return;

        // All projects are built with the same configuration and framework, so their folders end like this one's, for example bin/Debug/net10.0.
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        foreach (var project in builder.Resources.OfType<ProjectResource>().ToArray())
        {
            var path = project.GetProjectMetadata().ProjectPath;
            var folder = Path.GetDirectoryName(path)!;
            var program = Path.Combine(folder, "bin", output.Parent!.Name, output.Name, $"{Path.GetFileNameWithoutExtension(path)}.dll");
            if (File.Exists(program))
            {
                builder.CreateResourceBuilder(project)
                    .WithAnnotation(new ExecutableAnnotation { Command = "dotnet", WorkingDirectory = folder })
                    .WithArgs(context => context.Args.Insert(0, program));
            }
        }
    }
}
