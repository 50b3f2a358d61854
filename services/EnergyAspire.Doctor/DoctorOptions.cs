namespace EnergyAspire.Doctor;

/// <summary>Settings of the doctor itself.</summary>
public sealed class DoctorOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Doctor";

    /// <summary>Longest duration of one check.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Address of RabbitMQ's management API, such as <c>http://rabbitmq:15672</c>; by default the broker's host and its AMQP port plus 10000.
    /// </summary>
    public Uri? BrokerManagement { get; set; }

    /// <summary>Folder with the backups of <c>deploy/backup.sh</c>. Without it their age isn't checked.</summary>
    public string? BackupFolder { get; set; }
}
