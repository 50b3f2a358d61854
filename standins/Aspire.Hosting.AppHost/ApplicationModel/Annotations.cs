using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

public sealed class EnvironmentCallbackContext(
    DistributedApplicationExecutionContext executionContext, IResource resource,
    Dictionary<string, object>? environmentVariables = null, CancellationToken cancellationToken = default)
{
    public DistributedApplicationExecutionContext ExecutionContext { get; } = executionContext;
    public IResource Resource { get; } = resource;
    public Dictionary<string, object> EnvironmentVariables { get; } = environmentVariables ?? [];
    public CancellationToken CancellationToken { get; } = cancellationToken;
}

public sealed class CommandLineArgsCallbackContext(IList<object> args, IResource resource, CancellationToken cancellationToken = default)
{
    public IList<object> Args { get; } = args;
    public IResource Resource { get; } = resource;
    public CancellationToken CancellationToken { get; } = cancellationToken;
}

public sealed class ResourceUrlAnnotation : IResourceAnnotation
{
    public required string Url { get; set; }
    public string? DisplayText { get; set; }
    public EndpointReference? Endpoint { get; init; }
}

public sealed class ExecuteCommandContext
{
    public required IServiceProvider ServiceProvider { get; init; }
    public required string ResourceName { get; init; }
    public required CancellationToken CancellationToken { get; init; }
    public required ILogger Logger { get; init; }
}

public sealed class ExecuteCommandResult
{
    public required bool Success { get; init; }
    public bool Canceled { get; init; }
    public string? Message { get; init; }
}

public static class CommandResults
{
    public static ExecuteCommandResult Success() => new() { Success = true };
    public static ExecuteCommandResult Success(string message) => new() { Success = true, Message = message };
    public static ExecuteCommandResult Failure(string? errorMessage = null) => new() { Success = false, Message = errorMessage };
    public static ExecuteCommandResult Failure(Exception exception) => Failure(exception.Message);
    public static ExecuteCommandResult Canceled() => new() { Success = false, Canceled = true };
}

public enum IconVariant
{
    Regular,
    Filled,
}

public enum ResourceCommandState
{
    Enabled,
    Disabled,
    Hidden,
}

public sealed class UpdateCommandStateContext
{
    public required CustomResourceSnapshot ResourceSnapshot { get; init; }
    public required IServiceProvider ServiceProvider { get; init; }
}

public class CommandOptions
{
    public string? Description { get; set; }
    public string? ConfirmationMessage { get; set; }
    public string? IconName { get; set; }
    public IconVariant? IconVariant { get; set; }
    public bool IsHighlighted { get; set; }
    public Func<UpdateCommandStateContext, ResourceCommandState>? UpdateState { get; set; }
}

internal sealed record EnvironmentAnnotation(Func<EnvironmentCallbackContext, Task> Callback) : IResourceAnnotation;

internal sealed record ArgsAnnotation(Func<CommandLineArgsCallbackContext, Task> Callback) : IResourceAnnotation;

internal sealed record UrlForEndpointAnnotation(string EndpointName, Action<ResourceUrlAnnotation> Callback) : IResourceAnnotation;

internal sealed record HealthCheckAnnotation(string Key) : IResourceAnnotation;

internal sealed record ReplicaAnnotation(int Replicas) : IResourceAnnotation;

internal sealed record RelationshipAnnotation(IResource Resource, string Type) : IResourceAnnotation;

internal sealed record IconAnnotation(string Name, IconVariant Variant) : IResourceAnnotation;

/// <summary>Marks programs that report to the dashboard.</summary>
internal sealed record OtlpExporterAnnotation : IResourceAnnotation;

internal enum WaitType
{
    Healthy,
    Started,
    Completed,
}

internal sealed record WaitAnnotation(IResource Resource, WaitType Type, int ExitCode = 0) : IResourceAnnotation;

internal sealed record CommandAnnotation(
    string Name, string DisplayName, Func<ExecuteCommandContext, Task<ExecuteCommandResult>> Execute, CommandOptions Options) : IResourceAnnotation;

/// <summary>How a server is run from the machine's own programs instead of a container.</summary>
/// <param name="Prepare">Called before each start: finds the program, prepares its data and says what to run.</param>
internal sealed record ServerProgramAnnotation(Func<ServerStart, CancellationToken, Task<ServerProgram>> Prepare) : IResourceAnnotation
{
    /// <summary>Says what to install when the machine lacks the program; null when all is there.</summary>
    public required Func<string?> FindMissing { get; init; }

    /// <summary>Whether the data outlives the application.</summary>
    public bool HasDataVolume { get; set; }
}

/// <summary>What a server's preparation may use.</summary>
/// <param name="Repository">Root of the checkout; lasting data lives under it.</param>
internal sealed record ServerStart(string Repository, ILogger Logger);

/// <summary>A server to run.</summary>
/// <param name="StopSignal">Signal that makes it stop at once and cleanly.</param>
/// <param name="TemporaryFolder">Removed when the server has ended.</param>
internal sealed record ServerProgram(
    IReadOnlyList<string> CommandLine, IReadOnlyDictionary<string, string> Environment, string WorkingDirectory,
    string StopSignal, string? TemporaryFolder);

internal sealed record AdditionalUrlAnnotation(string EndpointName, Func<ResourceUrlAnnotation> Create) : IResourceAnnotation;
