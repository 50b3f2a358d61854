using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Runs a command of a resource: start, stop, restart, or one that the application added.</summary>
public sealed class ResourceCommandService(ResourceNotificationService notifications, ResourceLoggerService logs, IServiceProvider services)
{
    public async Task<ExecuteCommandResult> ExecuteCommandAsync(IResource resource, string commandName, CancellationToken cancellationToken = default)
    {
        var results = new List<ExecuteCommandResult>();
        foreach (var id in notifications.Ids(resource))
            results.Add(await ExecuteCommandAsync(id, commandName, cancellationToken));
        return results.Find(r => !r.Success) ?? CommandResults.Success();
    }

    public async Task<ExecuteCommandResult> ExecuteCommandAsync(string resourceId, string commandName, CancellationToken cancellationToken = default)
    {
        if (!notifications.TryGetCurrentState(resourceId, out var current))
            return CommandResults.Failure($"There is no resource '{resourceId}'.");
        if (Find(current.Resource, commandName) is not { } command)
            return CommandResults.Failure($"'{resourceId}' has no command '{commandName}'.");
        try
        {
            return await command.Execute(new ExecuteCommandContext
            {
                ServiceProvider = services,
                ResourceName = resourceId,
                CancellationToken = cancellationToken,
                Logger = logs.GetLogger(current.Resource),
            });
        }
        catch (OperationCanceledException)
        {
            return CommandResults.Canceled();
        }
        catch (Exception problem)
        {
            logs.GetLogger(current.Resource).Fail($"Command '{commandName}' failed: {problem.Message}");
            return CommandResults.Failure(problem);
        }
    }

    /// <summary>The commands of a resource, those of its life cycle first.</summary>
    internal static IEnumerable<CommandAnnotation> Of(IResource resource) =>
        resource is ExecutableResource or ProjectResource or ContainerResource && resource is not Dashboard.DashboardResource
            ? [.. Lifecycle, .. resource.Annotations.OfType<CommandAnnotation>()]
            : resource.Annotations.OfType<CommandAnnotation>();

    private static CommandAnnotation? Find(IResource resource, string name) =>
        Of(resource).FirstOrDefault(c => string.Equals(c.Name, name, StringComparison.OrdinalIgnoreCase));

    private static readonly CommandAnnotation[] Lifecycle =
    [
        new("start", "Start", context => Run(context, (o, id) => o.StartProgramAsync(id, context.CancellationToken)), new CommandOptions
        {
            IconName = "Play",
            IconVariant = IconVariant.Filled,
            IsHighlighted = true,
            UpdateState = c => HasEnded(c) ? ResourceCommandState.Enabled : ResourceCommandState.Hidden,
        }),
        new("stop", "Stop", context => Run(context, (o, id) => o.StopProgramAsync(id, context.CancellationToken)), new CommandOptions
        {
            IconName = "Stop",
            IconVariant = IconVariant.Filled,
            IsHighlighted = true,
            UpdateState = c => HasEnded(c) ? ResourceCommandState.Hidden : Runs(c) ? ResourceCommandState.Enabled : ResourceCommandState.Disabled,
        }),
        new("restart", "Restart", context => Run(context, (o, id) => o.StartProgramAsync(id, context.CancellationToken)), new CommandOptions
        {
            IconName = "ArrowCounterclockwise",
            UpdateState = c => Runs(c) ? ResourceCommandState.Enabled : ResourceCommandState.Disabled,
        }),
    ];

    private static bool HasEnded(UpdateCommandStateContext c) => c.ResourceSnapshot.IsTerminal;

    private static bool Runs(UpdateCommandStateContext c) => c.ResourceSnapshot.State?.Text == KnownResourceStates.Running;

    private static async Task<ExecuteCommandResult> Run(ExecuteCommandContext context, Func<Orchestrator, string, Task> action)
    {
        await action(context.ServiceProvider.GetRequiredService<Orchestrator>(), context.ResourceName);
        return CommandResults.Success();
    }
}
