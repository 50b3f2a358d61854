using Microsoft.Extensions.Hosting;

namespace EnergyAspire.AppHost;

/// <summary>The web app of a run on this machine. A published gateway has the web app's files in its image.</summary>
internal static class WebApp
{
    /// <summary>
    /// Adds Vite: in development its server, which reloads pages when a file changes; else its build, whose files the gateway serves.
    /// </summary>
    /// <remarks>Node runs Vite directly. npm would not forward the stop signal to Vite.</remarks>
    public static IResourceBuilder<ExecutableResource> AddWebApp(this IDistributedApplicationBuilder builder, string name, string folder)
    {
        var packages = builder.AddExecutable($"{name}-packages", "npm", folder, "install", "--no-audit", "--no-fund")
            .WithIconName("Box");
        var web = builder.AddExecutable(name, "node", folder, "node_modules/vite/bin/vite.js")
            .WithIconName("CodeJsRectangle")
            .WaitForCompletion(packages);
        packages.WithParentRelationship(web);

        return builder.Environment.IsDevelopment()
            ? web.WithHttpEndpoint(env: "PORT").WithHttpHealthCheck("/")
            : web.WithArgs("build");
    }

    /// <summary>Lets the gateway serve the web app.</summary>
    public static void WithWebApp(this IResourceBuilder<ProjectResource> gateway, IResourceBuilder<ExecutableResource> web)
    {
        if (web.ApplicationBuilder.Environment.IsDevelopment())
            gateway.WithReference(web.GetEndpoint("http"));
        else
            gateway.WithEnvironment("ASPNETCORE_WEBROOT", Path.Combine(web.Resource.WorkingDirectory, "dist")).WaitForCompletion(web);
    }
}
