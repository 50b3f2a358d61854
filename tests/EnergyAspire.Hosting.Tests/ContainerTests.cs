using System.Diagnostics;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using EnergyAspire.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace EnergyAspire.Hosting.Tests;

/// <summary>Servers in containers, without a container engine: a script stands in for it.</summary>
public sealed class ContainerTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Containers => Path.Combine(_folder.FullName, "containers");

    private string Asked => Path.Combine(_folder.FullName, "asked");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("postgres", "Up 5 minutes")]
    [InlineData("postgres", "Stopping")]
    [InlineData("messaging", "Up 2 seconds")]
    public async Task A_server_starts_when_no_other_container_uses_its_data_any_more(string server, string status)
    {
        await using var application = await BuildAsync();
        await File.WriteAllTextAsync(Containers, $"gone Exited (0) 3 days ago\nearlier {status}\n", Cancel);

        var start = StartingAsync(application, server);
        await Eventually.TrueAsync(() => Task.FromResult(File.Exists(Asked) && File.ReadAllLines(Asked).Length > 2), "it asks again and again");
        Assert.False(start.IsCompleted);

        await File.WriteAllTextAsync(Containers, "gone Exited (0) 3 days ago\n", Cancel);
        await start.WaitAsync(LocalServers.Patience, Cancel);
        Assert.All(await File.ReadAllLinesAsync(Asked, Cancel), question => Assert.Matches($"^ps -a --filter volume=.*{server}-data --format ", question));
    }

    [Fact]
    public async Task Redis_replaces_the_shell_that_starts_it_so_that_a_stop_reaches_it()
    {
        await using var application = await BuildAsync();
        var cache = application.Services.GetRequiredService<DistributedApplicationModel>().Resources.OfType<RedisResource>().Single();

        // The arguments as Aspire collects them; its orchestrator joins them to one command of the shell.
        var start = new CommandLineArgsCallbackContext([], cache, Cancel)
        {
            ExecutionContext = application.Services.GetRequiredService<DistributedApplicationExecutionContext>(),
        };
        foreach (var arguments in cache.Annotations.OfType<CommandLineArgsCallbackAnnotation>())
            await arguments.Callback(start);

        Assert.Equal("exec redis-server --requirepass $REDIS_PASSWORD --save 60 1", string.Join(' ', start.Args));
    }

    [Theory]
    [InlineData("ASPIRE_CONTAINER_RUNTIME", 0, true)]
    [InlineData("DOTNET_ASPIRE_CONTAINER_RUNTIME", 0, true)]
    [InlineData("ASPIRE_CONTAINER_RUNTIME", 1, false)]
    public async Task Without_a_setting_servers_run_in_containers_if_the_engine_answers(string setting, int code, bool inContainers)
    {
        var engine = await ScriptAsync($"[ \"$1\" = info ] && exit {code}\n");
        var builder = ServerApplication.Create("--Servers=", $"--{setting}={engine}");

        builder.AddDatabaseServer("postgres");

        Assert.Equal(inContainers, builder.UsesContainers);
        Assert.Equal(inContainers, builder.Resources.OfType<ContainerResource>().Any());
    }

    [Fact]
    public void Without_an_engine_servers_run_as_programs_of_the_machine()
    {
        var builder = ServerApplication.Create("--Servers=", $"--ASPIRE_CONTAINER_RUNTIME={Path.Combine(_folder.FullName, "none")}");

        Assert.False(builder.UsesContainers);
    }

    private static Task StartingAsync(DistributedApplication application, string server) =>
        application.Services.GetRequiredService<IDistributedApplicationEventing>().PublishAsync(
            new BeforeResourceStartedEvent(
                application.Services.GetRequiredService<DistributedApplicationModel>().Resources.Single(resource => resource.Name == server), application.Services),
            Cancel);

    // It is built and not started, so nothing but the library talks to the engine.
    private async Task<DistributedApplication> BuildAsync()
    {
        var engine = await ScriptAsync($"[ \"$1\" = info ] && exit\necho \"$*\" >> {Asked}\ncat {Containers}\n");
        var builder = ServerApplication.Create("--Servers=containers", "--UseVolumes=true", $"--ASPIRE_CONTAINER_RUNTIME={engine}");
        builder.AddDatabaseServer("postgres");
        builder.AddBroker("messaging");
        builder.AddSharedCache("cache");
        return await builder.BuildAsync(Cancel);
    }

    private async Task<string> ScriptAsync(string commands)
    {
        var engine = Path.Combine(_folder.FullName, "engine");
        await File.WriteAllTextAsync(engine, $"#!/bin/sh\n{commands}", Cancel);
        using var executable = Process.Start("chmod", ["+x", engine]);
        await executable.WaitForExitAsync(Cancel);

        return engine;
    }
}
