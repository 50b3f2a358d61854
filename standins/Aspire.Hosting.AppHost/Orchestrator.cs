using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dcp;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

/// <summary>Brings the model to life: gives out addresses, starts each resource when those it waits for are ready, follows its state.</summary>
internal sealed class Orchestrator(
    DistributedApplicationOptions options, DistributedApplicationModel model, DcpEngine engine, ProgramFactory programs,
    ResourceNotificationService notifications, ResourceLoggerService logs, HealthMonitor health,
    IConfiguration configuration, IHostEnvironment host, IHostApplicationLifetime lifetime, ILoggerFactory loggers) : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _engineReady = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<string, Instance> _instances = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TaskCompletionSource<(string Address, int Port)>> _services = new(StringComparer.Ordinal);
    private readonly ILogger _log = loggers.CreateLogger("Aspire.Hosting.DistributedApplication");
    private int _stopped;

    /// <summary>One run of a resource's program; replicas are several instances of one resource.</summary>
    private sealed record Instance(IResource Resource, string Id, int Replica, int Replicas)
    {
        public string? State { get; set; }

        /// <summary>Held while the program is started or stopped by command.</summary>
        public SemaphoreSlim Turn { get; } = new(1);
    }

    /// <summary>What ended the application before it was up; null when nothing did.</summary>
    public DistributedApplicationException? Failure { get; private set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _log.Info("Distributed application starting.");
        _ = (engine.DcpPath, engine.DashboardPath);
        foreach (var server in model.Resources.SelectMany(r => r.Annotations.OfType<ServerProgramAnnotation>()))
        {
            if (server.FindMissing() is { } missing)
                throw new DistributedApplicationException(missing);
        }

        foreach (var resource in model.Resources)
            Introduce(resource);
        await AssignPortsAsync(cancellationToken);
        foreach (var parameter in model.Resources.OfType<ParameterResource>())
            await ShowParameterAsync(parameter, cancellationToken);

        // Servers prepare their data while the orchestrator starts.
        foreach (var resource in model.Resources.Where(r => r is not ParameterResource and not IResourceWithParent))
            _ = RunAsync(resource);
        await engine.StartAsync(cancellationToken);
        _ = FollowAsync("services", OnService);
        _ = FollowAsync("executables", OnProgram);
        await CreateServicesAsync(cancellationToken);
        _engineReady.TrySetResult();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _stopped, 1) == 1)
            return;
        await _stop.CancelAsync();
        _engineReady.TrySetCanceled(CancellationToken.None);
        await engine.StopAsync();
    }

    public void Dispose() => _stop.Dispose();

    /// <summary>Starts the program again; one that runs is stopped first.</summary>
    public async Task StartProgramAsync(string id, CancellationToken cancel)
    {
        var instance = _instances[id];
        await instance.Turn.WaitAsync(cancel);
        try
        {
            await PublishAsync(instance, s => s with { State = KnownResourceStates.Starting, ExitCode = null, StopTimeStamp = null });
            await engine.DeleteProgramAsync(id, cancel);
            await CreateProgramAsync(instance, await programs.CreateAsync(instance.Resource, cancel), cancel);
        }
        catch (DistributedApplicationException problem)
        {
            await FailAsync(instance.Resource, problem);
            throw;
        }
        finally
        {
            instance.Turn.Release();
        }
    }

    public async Task StopProgramAsync(string id, CancellationToken cancel)
    {
        await PublishAsync(_instances[id], s => s with { State = KnownResourceStates.Stopping });
        await engine.StopProgramAsync(id, cancel);
        await notifications.WaitForResourceAsync(id, e => e.Snapshot.IsTerminal, cancel);
    }

    private void Introduce(IResource resource)
    {
        var runs = resource is ExecutableResource or ProjectResource or ContainerResource;
        var replicas = runs ? resource.Annotations.OfType<ReplicaAnnotation>().LastOrDefault()?.Replicas ?? 1 : 1;
        for (var replica = 0; replica < replicas; replica++)
        {
            var id = runs ? $"{resource.Name}-{RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz", 8)}" : resource.Name;
            if (runs)
                _instances[id] = new Instance(resource, id, replica, replicas);
            _ = notifications.PublishUpdateAsync(resource, id, s => s with
            {
                ResourceType = resource switch
                {
                    ProjectResource => "Project",
                    ExecutableResource => "Executable",
                    ParameterResource => "Parameter",
                    ConnectionStringResource => "ConnectionString",
                    _ => resource.GetType().Name,
                },
                State = KnownResourceStates.NotStarted,
                CreationTimeStamp = DateTime.UtcNow,
                IsHidden = resource is Dashboard.DashboardResource,
                HealthReports = HealthMonitor.NotRunYet(resource),
            });
        }
    }

    // Servers and the dashboard listen on their public port themselves; projects stand behind the orchestrator's proxy.
    private async Task AssignPortsAsync(CancellationToken cancel)
    {
        var random = configuration.GetValue<bool>("DcpPublisher:RandomizePorts");
        var endpoints = model.Resources.SelectMany(r => r.Annotations.OfType<EndpointAnnotation>().Select(e => (Resource: r, Endpoint: e))).ToArray();
        if (!random)
        {
            var wanted = endpoints.Where(e => e.Endpoint.Port is not null).Select(e => (e.Resource, e.Endpoint.Port!.Value)).ToArray();
            foreach (var twice in wanted.GroupBy(w => w.Value).Where(g => g.Count() > 1))
                throw new DistributedApplicationException($"port {twice.Key} is given to {string.Join(" and ", twice.Select(t => t.Resource.Name))}.");
            await Ports.RequireFreeAsync(wanted, cancel);
        }

        foreach (var (resource, endpoint) in endpoints)
        {
            if (endpoint.IsProxied && resource is ProjectResource or ExecutableResource and not Dashboard.DashboardResource)
            {
                var several = resource.Annotations.OfType<EndpointAnnotation>().Count() > 1;
                endpoint.ServiceName = several ? $"{resource.Name}-{endpoint.Name}" : resource.Name;
            }
            else
            {
                endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, "localhost", (random ? null : endpoint.Port) ?? Ports.Random());
            }
        }
    }

    private async Task CreateServicesAsync(CancellationToken cancel)
    {
        var random = configuration.GetValue<bool>("DcpPublisher:RandomizePorts");
        var endpoints = model.Resources.SelectMany(r => r.Annotations.OfType<EndpointAnnotation>()).Where(e => e.ServiceName is not null).ToArray();
        await Task.WhenAll(endpoints.Select(async endpoint =>
        {
            var spec = new JsonObject { ["protocol"] = "TCP", ["address"] = "localhost" };
            if (!random && endpoint.Port is { } port)
                spec["port"] = port;
            await engine.CreateAsync("Service", "services", endpoint.ServiceName!, [], spec, cancel);
            var address = await Service(endpoint.ServiceName!).Task.WaitAsync(TimeSpan.FromMinutes(1), cancel);
            endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, "localhost", address.Port);
        }));
    }

    private async Task RunAsync(IResource resource)
    {
        var cancel = _stop.Token;
        try
        {
            await notifications.WaitForDependenciesAsync(resource, cancel);
            var instances = _instances.Values.Where(i => i.Resource == resource).ToArray();
            if (instances.Length == 0)
            {
                await notifications.PublishUpdateAsync(resource, s => s with { State = KnownResourceStates.Running, StartTimeStamp = DateTime.UtcNow });
                await health.WatchAsync(resource, cancel);
                return;
            }

            await notifications.PublishUpdateAsync(resource, s => s with { State = KnownResourceStates.Starting });
            var program = await programs.CreateAsync(resource, cancel);
            await _engineReady.Task;
            foreach (var instance in instances)
                await CreateProgramAsync(instance, program, cancel);
        }
        catch (OperationCanceledException)
        {
            // The application stops.
        }
        catch (Exception problem)
        {
            await FailAsync(resource, problem);
        }
    }

    private async Task CreateProgramAsync(Instance instance, ProgramSpec program, CancellationToken cancel)
    {
        var spec = new JsonObject
        {
            ["executablePath"] = program.Path,
            ["args"] = new JsonArray([.. program.Args.Select(a => (JsonNode)a)]),
            ["workingDirectory"] = program.WorkingDirectory,
            ["env"] = new JsonArray([.. program.Environment.Select(e => (JsonNode)new JsonObject { ["name"] = e.Key, ["value"] = e.Value })]),
        };
        instance.State = null;
        // Of a server the people see its own command line, not the script around it.
        var shown = instance.Resource is ContainerResource ? [.. program.Args.Skip(ProgramFactory.ServerScriptWords)] : (string[])[program.Path, .. program.Args];
        await PublishAsync(instance, s => s with
        {
            Ready = null,
            HealthReports = HealthMonitor.NotRunYet(instance.Resource),
            EnvironmentVariables = [.. program.Environment.Select(e => new EnvironmentVariableSnapshot(e.Key, e.Value, IsFromSpec: true))],
            Properties =
            [
                new("executable.path", shown[0]),
                new("executable.workDir", program.WorkingDirectory),
                new("executable.args", shown[1..]),
                .. instance.Resource.Annotations.OfType<IProjectMetadata>().Select(p => new ResourcePropertySnapshot("project.path", p.ProjectPath)),
            ],
        });
        var annotations = ProgramFactory.Annotations(instance.Resource, instance.Id, instance.Replica, instance.Replicas);
        await engine.CreateAsync("Executable", "executables", instance.Id, annotations, spec, cancel);
        _ = CopyLogsAsync(instance, "stdout");
        _ = CopyLogsAsync(instance, "stderr");
    }

    private async Task CopyLogsAsync(Instance instance, string source)
    {
        try
        {
            await foreach (var line in engine.LogsAsync(instance.Id, source, _stop.Token))
            {
                logs.Add(instance.Resource.Name, line, source == "stderr");
                if (instance.Replicas > 1)
                    logs.Add(instance.Id, line, source == "stderr");
                if (options.EnableResourceLogging)
                    loggers.CreateLogger($"{host.ApplicationName}.Resources.{instance.Resource.Name}").Detail(line);
            }
        }
        catch (Exception end) when (end is OperationCanceledException or HttpRequestException or IOException)
        {
            // The orchestrator went away, and the program with it.
        }
    }

    private async Task FollowAsync(string plural, Action<JsonNode> onChange)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await foreach (var change in engine.WatchAsync(plural, _stop.Token))
                    onChange(change);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception problem) when (problem is HttpRequestException or IOException)
            {
                _log.Fail("Lost Aspire's orchestrator. Start the application again.");
                Stop(new DistributedApplicationException("Aspire's orchestrator ended. Start the application again.", problem));
                return;
            }
        }
    }

    private void OnService(JsonNode service)
    {
        if (service["status"]?["effectivePort"]?.GetValue<int>() is > 0 and var port)
            Service(service["metadata"]!["name"]!.GetValue<string>()).TrySetResult(("localhost", port));
    }

    private TaskCompletionSource<(string Address, int Port)> Service(string name) =>
        _services.GetOrAdd(name, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    private void OnProgram(JsonNode program)
    {
        var status = program["status"];
        var state = status?["state"]?.GetValue<string>();
        if (string.IsNullOrEmpty(state) || program["metadata"]!["deletionTimestamp"] is not null ||
            !_instances.TryGetValue(program["metadata"]!["name"]!.GetValue<string>(), out var instance) || instance.State == state)
        {
            return;
        }

        instance.State = state;
        var shown = state == "Terminated" ? KnownResourceStates.Exited : state;
        var exitCode = status!["exitCode"]?.GetValue<int>();
        var pid = status["pid"]?.GetValue<long>();
        _ = PublishAsync(instance, s => s with
        {
            State = shown,
            ExitCode = exitCode,
            StartTimeStamp = shown == KnownResourceStates.Running ? DateTime.UtcNow : s.StartTimeStamp,
            StopTimeStamp = KnownResourceStates.TerminalStates.Contains(shown) ? DateTime.UtcNow : null,
            Urls = shown == KnownResourceStates.Running ? ResourceUrls.Of(instance.Resource) : s.Urls,
            Properties = pid is null ? s.Properties : [.. s.Properties.Where(p => p.Name != "executable.pid"), new("executable.pid", pid)],
        });

        if (shown == KnownResourceStates.Running)
            _ = health.WatchAsync(instance.Resource, _stop.Token);
        else if (KnownResourceStates.TerminalStates.Contains(shown))
            _ = OnEndedAsync(instance, exitCode);
    }

    // A server that ends before it was ever ready leaves nothing to wait for.
    private async Task OnEndedAsync(Instance instance, int? exitCode)
    {
        if (instance.Resource is not ContainerResource || _stop.IsCancellationRequested ||
            !notifications.TryGetCurrentState(instance.Id, out var current) || current.Snapshot.Ready is not null)
        {
            return;
        }

        await Task.Delay(300); // Its last words arrive on another connection.
        var lastWords = logs.Known(instance.Resource.Name).TakeLast(3).Select(l => l.Content[(l.Content.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
        await FailAsync(instance.Resource, new DistributedApplicationException(
            $"the server '{instance.Resource.Name}' ended with exit code {exitCode} while starting. Its last words: {string.Join(" | ", lastWords)}"));
    }

    private async Task FailAsync(IResource resource, Exception problem)
    {
        logs.GetLogger(resource).Fail($"'{resource.Name}' did not start: {problem.Message}");
        if (options.EnableResourceLogging)
            loggers.CreateLogger($"{host.ApplicationName}.Resources.{resource.Name}").Fail($"did not start: {problem.Message}");
        await notifications.PublishUpdateAsync(resource, s => s with { State = KnownResourceStates.FailedToStart });
        if (resource is ContainerResource && !options.EnableResourceLogging)
            Stop(problem as DistributedApplicationException ?? new DistributedApplicationException($"'{resource.Name}' did not start: {problem.Message}", problem));
    }

    private void Stop(DistributedApplicationException failure)
    {
        Failure ??= failure;
        lifetime.StopApplication();
    }

    // A database is where its server is.
    private async Task PublishAsync(Instance instance, Func<CustomResourceSnapshot, CustomResourceSnapshot> change)
    {
        await notifications.PublishUpdateAsync(instance.Resource, instance.Id, change);
        if (!notifications.TryGetCurrentState(instance.Id, out var current))
            return;
        foreach (var child in model.Resources.OfType<IResourceWithParent>().Where(c => c.Parent == instance.Resource))
        {
            await notifications.PublishUpdateAsync(child, s => s with
            {
                State = current.Snapshot.State,
                StartTimeStamp = current.Snapshot.StartTimeStamp,
                StopTimeStamp = current.Snapshot.StopTimeStamp,
                Ready = current.Snapshot.State?.Text == KnownResourceStates.Running ? s.Ready : null,
            });
            if (current.Snapshot.State?.Text == KnownResourceStates.Running)
                _ = WatchChildAsync(child, instance.Id);
        }
    }

    private async Task WatchChildAsync(IResource child, string parentId)
    {
        try
        {
            var parent = await notifications.WaitForResourceAsync(parentId, e => e.Snapshot.Ready is not null || e.Snapshot.IsTerminal, _stop.Token);
            await (parent.Snapshot.Ready ?? Task.CompletedTask);
            await health.WatchAsync(child, _stop.Token);
        }
        catch (Exception problem)
        {
            // The application stops, or preparing the server failed, which its own log says.
            logs.GetLogger(child).Info($"Not checked: {problem.Message}");
        }
    }

    private async Task ShowParameterAsync(ParameterResource parameter, CancellationToken cancel)
    {
        var value = await parameter.GetValueAsync(cancel);
        await notifications.PublishUpdateAsync(parameter, s => s with
        {
            State = KnownResourceStates.Running,
            Properties = [new("Value", value) { IsSensitive = parameter.Secret }],
        });
    }
}

internal static class ResourceUrls
{
    /// <summary>The links of a running resource, as the application named them.</summary>
    public static System.Collections.Immutable.ImmutableArray<UrlSnapshot> Of(IResource resource)
    {
        var urls = new List<ResourceUrlAnnotation>();
        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>().Where(e => e.AllocatedEndpoint is not null))
        {
            var url = new ResourceUrlAnnotation
            {
                Url = endpoint.AllocatedEndpoint!.UriString,
                Endpoint = resource is IResourceWithEndpoints owner ? new EndpointReference(owner, endpoint.Name) : null,
            };
            foreach (var named in resource.Annotations.OfType<UrlForEndpointAnnotation>().Where(u => u.EndpointName == endpoint.Name))
                named.Callback(url);
            urls.Add(Absolute(url, endpoint));
            foreach (var more in resource.Annotations.OfType<AdditionalUrlAnnotation>().Where(u => u.EndpointName == endpoint.Name))
                urls.Add(Absolute(more.Create(), endpoint));
        }

        return [.. urls.Select((u, i) => new UrlSnapshot(u.Endpoint?.EndpointName, u.Url, IsInternal: false)
        {
            DisplayProperties = new(u.DisplayText ?? "", urls.Count - i),
        })];
    }

    private static ResourceUrlAnnotation Absolute(ResourceUrlAnnotation url, EndpointAnnotation endpoint)
    {
        if (url.Url.StartsWith('/'))
            url.Url = endpoint.AllocatedEndpoint!.UriString + url.Url;
        return url;
    }
}
