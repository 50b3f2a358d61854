using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

public sealed class DistributedApplicationOptions
{
    public string[]? Args { get; set; }
    public string? AssemblyName { get; set; }
    public string? ProjectDirectory { get; set; }
    public string? DashboardApplicationName { get; set; }
    public bool DisableDashboard { get; set; }
    public bool AllowUnsecuredTransport { get; set; }

    /// <summary>Whether console lines of resources also go to the host's log, as tests want it.</summary>
    public bool EnableResourceLogging { get; set; }
}

public enum DistributedApplicationOperation
{
    Run,
    Publish,
}

public sealed class DistributedApplicationExecutionContext(DistributedApplicationOperation operation)
{
    public DistributedApplicationOperation Operation { get; } = operation;
    public bool IsRunMode => Operation == DistributedApplicationOperation.Run;
    public bool IsPublishMode => Operation == DistributedApplicationOperation.Publish;
}

public class DistributedApplication(IHost host) : IHost, IAsyncDisposable
{
    private readonly EntryPointHooks? _hooks = EntryPointHooks.Current;
    private bool _disposed;

    public IServiceProvider Services => host.Services;
    public ResourceNotificationService ResourceNotifications => Services.GetRequiredService<ResourceNotificationService>();
    public ResourceCommandService ResourceCommands => Services.GetRequiredService<ResourceCommandService>();

    public static IDistributedApplicationBuilder CreateBuilder() => CreateBuilder([]);
    public static IDistributedApplicationBuilder CreateBuilder(string[] args) => CreateBuilder(new DistributedApplicationOptions { Args = args });
    public static IDistributedApplicationBuilder CreateBuilder(DistributedApplicationOptions options) => new DistributedApplicationBuilder(options);

    public void Run() => RunAsync().GetAwaiter().GetResult();

    /// <summary>Runs until Ctrl+C or a signal. What keeps the application from starting is said in one sentence; the exit code is then 1.</summary>
    public virtual async Task RunAsync(CancellationToken cancellationToken = default)
    {
        // Under a test the test starts and stops the application; the entry point only waits for the end.
        if (_hooks is not null)
        {
            await Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopped.WhenCanceled();
            return;
        }

        try
        {
            await StartAsync(cancellationToken);
            await host.WaitForShutdownAsync(cancellationToken);
            if (Services.GetRequiredService<Orchestrator>().Failure is { } failure)
                throw failure;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested ||
            Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested)
        {
            // Ctrl+C while starting.
        }
        catch (DistributedApplicationException problem)
        {
            await Console.Error.WriteLineAsync($"{Name()} can't start: {problem.Message}");
            Environment.ExitCode = 1;
        }
        finally
        {
            await DisposeAsync();
        }
    }

    public virtual async Task StartAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            var eventing = Services.GetRequiredService<IDistributedApplicationEventing>();
            await eventing.PublishAsync(
                new BeforeStartEvent(Services, Services.GetRequiredService<DistributedApplicationModel>()), cancellationToken);
            await host.StartAsync(cancellationToken);
        }
        catch
        {
            await Services.GetRequiredService<Orchestrator>().StopAsync(CancellationToken.None);
            throw;
        }
    }

    public virtual Task StopAsync(CancellationToken cancellationToken = default) => host.StopAsync(cancellationToken);

    public virtual async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        try
        {
            if (Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.IsCancellationRequested)
                await host.StopAsync(CancellationToken.None);
            await Services.GetRequiredService<Orchestrator>().StopAsync(CancellationToken.None);
        }
        finally
        {
            await ((IAsyncDisposable)host).DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    public virtual void Dispose()
    {
        DisposeAsync().AsTask().GetAwaiter().GetResult();
        GC.SuppressFinalize(this);
    }

    private string Name() => Services.GetRequiredService<IHostEnvironment>().ApplicationName;
}

/// <summary>Lets a test run an application's entry point and take hold of what it builds.</summary>
internal sealed class EntryPointHooks
{
    private static readonly AsyncLocal<EntryPointHooks?> Ambient = new();
    private readonly TaskCompletionSource<DistributedApplicationBuilder> _builder = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<DistributedApplication> _application = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _build = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static EntryPointHooks? Current
    {
        get => Ambient.Value;
        set => Ambient.Value = value;
    }

    public required Action<DistributedApplicationOptions, HostApplicationBuilderSettings> Creating { get; init; }

    public Task<DistributedApplicationBuilder> Builder => _builder.Task;

    public Task<DistributedApplication> BuildAsync()
    {
        _build.TrySetResult();
        return _application.Task;
    }

    /// <summary>Called by the entry point's Build: hands the builder to the test and waits until the test wants the application.</summary>
    public void Building(DistributedApplicationBuilder builder)
    {
        _builder.TrySetResult(builder);
        _build.Task.GetAwaiter().GetResult();
    }

    public void Built(DistributedApplication application) => _application.TrySetResult(application);

    public void Failed(Exception problem)
    {
        _builder.TrySetException(problem);
        _application.TrySetException(problem);
    }
}

internal static class CancellationTokenExtensions
{
    public static async Task WhenCanceled(this CancellationToken token)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = token.Register(done.SetResult);
        await done.Task;
    }
}
