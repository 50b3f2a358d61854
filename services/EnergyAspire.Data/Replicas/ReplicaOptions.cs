using System.ComponentModel.DataAnnotations;

namespace EnergyAspire.Data.Replicas;

/// <summary>Settings of replicas; section <c>Replicas</c>.</summary>
public sealed class ReplicaOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Replicas";

    /// <summary>How often replicas are compared with their sources.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00", ErrorMessage = "Replicas:RebuildEvery must be one second to 30 days.")]
    public TimeSpan RebuildEvery { get; set; } = TimeSpan.FromHours(6);
}
