using Aspire.Hosting.ApplicationModel;

namespace EnergyAspire.Hosting;

/// <summary>Protects the volumes of containers.</summary>
internal static class DataVolumes
{
    private static readonly TimeSpan EarlierContainerTimeout = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Starts a container only when no other one uses its volumes. A container may still run after its application has ended, until its server
    /// has written everything. A second server on the same data would corrupt it, because lock files don't work across containers.
    /// </summary>
    public static IResourceBuilder<T> WaitForEarlierContainer<T>(this IResourceBuilder<T> container) where T : ContainerResource =>
        container.PrepareStart(async (_, cancel) =>
        {
            if (container.ApplicationBuilder.FindContainerEngine() is not { } engine)
                return;

            foreach (var volume in container.Resource.Annotations.OfType<ContainerMountAnnotation>().Where(mount => mount.Type == ContainerMountType.Volume))
                await BeforeStart.WaitAsync(EarlierContainerTimeout, () => UserAsync(engine, volume.Source!, cancel), cancel);
        });

    // Podman calls a stopping container "Stopping" and lists it only with "-a"; Docker calls it "Up".
    private static async Task<string?> UserAsync(string engine, string volume, CancellationToken cancel)
    {
        var containers = await LocalPrograms.RunAsync([engine, "ps", "-a", "--filter", $"volume={volume}", "--format", "{{.Names}} {{.Status}}"], cancel);
        return containers.Split('\n').Select(line => line.Split(' ')).FirstOrDefault(container => container is [_, "Up" or "Stopping", ..]) is [var other, ..]
            ? $"The container {other} uses the volume {volume}. Perhaps this system runs already; if not, end it with `{engine} rm -f {other}`."
            : null;
    }
}
