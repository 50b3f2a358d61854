using System.Collections;
using Aspire.Hosting.ApplicationModel;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Dashboard;

/// <summary>A resource's state as the dashboard shows it. The dashboard drops all updates after one incomplete message.</summary>
internal sealed class ResourceViews(string applicationName, ResourceNotificationService notifications, IServiceProvider services)
{
    public string ApplicationName { get; } = applicationName;

    public Wire.ResourceView Of(ResourceEvent change)
    {
        var (resource, snapshot) = (change.Resource, change.Snapshot);
        var view = new Wire.ResourceView
        {
            Id = change.ResourceId,
            DisplayName = resource.Name,
            Uid = change.ResourceId,
            Type = snapshot.ResourceType,
            CreatedAt = Time(snapshot.CreationTimeStamp ?? DateTime.UtcNow),
            StartedAt = Time(snapshot.StartTimeStamp),
            StoppedAt = Time(snapshot.StopTimeStamp),
            IsHidden = snapshot.IsHidden,
            SupportsDetailedTelemetry = true,
            Environment = { snapshot.EnvironmentVariables.Select(v => new Wire.Variable { Name = v.Name, Value = v.Value ?? "", IsFromSpec = v.IsFromSpec }) },
            Urls = { snapshot.Urls.Select(UrlOf) },
            Health = { snapshot.HealthReports.Select(HealthOf) },
            Properties = { snapshot.Properties.Concat(OwnProperties(resource, snapshot)).Select(PropertyOf) },
            Commands = { ResourceCommandService.Of(resource).Select(c => CommandOf(c, snapshot)) },
            Relationships = { Relationships(resource) },
        };
        if (snapshot.State is { } state)
            view.State = state.Text;
        if (snapshot.State?.Style is { } style)
            view.StateStyle = style;
        if (resource.Annotations.OfType<IconAnnotation>().LastOrDefault() is { } icon)
        {
            view.IconName = icon.Name;
            view.IconVariant = (Wire.Variant)icon.Variant;
        }

        return view;
    }

    private IEnumerable<ResourcePropertySnapshot> OwnProperties(IResource resource, CustomResourceSnapshot snapshot)
    {
        var parent = (resource as IResourceWithParent)?.Parent ??
            resource.Annotations.OfType<RelationshipAnnotation>().LastOrDefault(r => r.Type == "Parent")?.Resource;
        if (parent is not null)
            yield return new("resource.parentName", notifications.Ids(parent).FirstOrDefault() ?? parent.Name);
        if (snapshot.ExitCode is { } exitCode)
            yield return new("resource.exitCode", exitCode);
    }

    private static IEnumerable<Wire.Relationship> Relationships(IResource resource) =>
        resource.Annotations.OfType<RelationshipAnnotation>().Select(r => (r.Resource.Name, r.Type))
            .Concat(resource is IResourceWithParent child ? [(child.Parent.Name, "Parent")] : [])
            .Distinct().Select(r => new Wire.Relationship { ResourceName = r.Item1, Type = r.Item2 });

    private static Wire.Url UrlOf(UrlSnapshot url) => new()
    {
        EndpointName = url.Name ?? "",
        FullUrl = url.Url,
        IsInternal = url.IsInternal,
        IsInactive = url.IsInactive,
        Display = new Wire.UrlDisplay { Name = url.DisplayProperties.DisplayName, SortOrder = url.DisplayProperties.SortOrder },
    };

    private static Wire.Health HealthOf(HealthReportSnapshot report)
    {
        var health = new Wire.Health
        {
            Key = report.Name,
            Description = report.Description ?? "",
            Exception = report.ExceptionText ?? "",
            LastRunAt = Time(report.LastRunAt),
        };
        if (report.Status is { } status)
        {
            health.State = status switch
            {
                HealthStatus.Healthy => Wire.HealthState.Healthy,
                HealthStatus.Degraded => Wire.HealthState.Degraded,
                _ => Wire.HealthState.Unhealthy,
            };
        }

        return health;
    }

    private static Wire.Property PropertyOf(ResourcePropertySnapshot property) => new()
    {
        Name = property.Name,
        IsSensitive = property.IsSensitive,
        Value = ValueOf(property.Value),
    };

    private static Value ValueOf(object? value) => value switch
    {
        null => Value.ForNull(),
        int or long => Value.ForNumber(Convert.ToDouble(value)),
        string text => Value.ForString(text),
        IEnumerable list => Value.ForList([.. list.Cast<object?>().Select(ValueOf)]),
        _ => Value.ForString(value.ToString()),
    };

    private Wire.Command CommandOf(CommandAnnotation command, CustomResourceSnapshot snapshot)
    {
        var options = command.Options;
        var state = options.UpdateState?.Invoke(new UpdateCommandStateContext { ResourceSnapshot = snapshot, ServiceProvider = services });
        var view = new Wire.Command
        {
            Name = command.Name,
            DisplayName = command.DisplayName,
            IsHighlighted = options.IsHighlighted,
            State = (Wire.CommandState)(state ?? ResourceCommandState.Enabled),
            IconVariant = (Wire.Variant)(options.IconVariant ?? IconVariant.Regular),
        };
        if (options.IconName is not null)
            view.IconName = options.IconName;
        if (options.ConfirmationMessage is not null)
            view.ConfirmationMessage = options.ConfirmationMessage;
        if (options.Description is not null)
            view.Description = options.Description;
        return view;
    }

    private static Timestamp? Time(DateTime? time) => time is { } known ? Timestamp.FromDateTime(known) : null;
}
