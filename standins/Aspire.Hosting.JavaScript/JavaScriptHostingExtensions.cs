using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.JavaScript;

namespace Aspire.Hosting.JavaScript
{
    public class JavaScriptAppResource(string name, string command, string workingDirectory)
        : ExecutableResource(name, command, workingDirectory), IResourceWithServiceDiscovery, IResourceWithContainerFiles;

    public class ViteAppResource(string name, string command, string workingDirectory) : JavaScriptAppResource(name, command, workingDirectory);

    public class JavaScriptInstallerResource(string name, string workingDirectory) : ExecutableResource(name, "/bin/sh", workingDirectory);
}

namespace Aspire.Hosting
{
    public static class JavaScriptHostingExtensions
    {
        // npm notes in node_modules what it installed; nothing is to do while the lock file is older.
        private const string Install = """
            if [ node_modules/.package-lock.json -nt package-lock.json ]; then echo "node_modules is up to date."; exit 0; fi
            exec npm install --no-audit --no-fund
            """;

        /// <summary>A Vite development server. Its packages are installed first when the lock file changed.</summary>
        /// <remarks>Vite is started by node itself, because npm between them would keep a stop from reaching it.</remarks>
        public static IResourceBuilder<ViteAppResource> AddViteApp(
            this IDistributedApplicationBuilder builder, string name, string appDirectory, string runScriptName = "dev")
        {
            var folder = Path.GetFullPath(appDirectory, builder.AppHostDirectory);
            var app = builder.AddResource(new ViteAppResource(name, "node", folder))
                .WithHttpEndpoint(env: "PORT")
                .WithOtlpExporter()
                .WithEnvironment("NODE_ENV", builder.Environment.EnvironmentName == "Development" ? "development" : "production")
                .WithIconName("CodeJsRectangle");
            var installer = builder.AddResource(new JavaScriptInstallerResource($"{name}-installer", folder))
                .WithArgs("-c", Install)
                .WithParentRelationship(app);
            return app
                .WithArgs("node_modules/vite/bin/vite.js", "--strictPort", "--port", app.GetEndpoint("http").Property(EndpointProperty.TargetPort))
                .WaitForCompletion(installer);
        }
    }
}
