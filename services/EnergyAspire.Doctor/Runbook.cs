namespace EnergyAspire.Doctor;

/// <summary>Sections of the runbook that actions refer to.</summary>
internal static class Runbook
{
    private const string File = "docs/operations.md";

    public const string Doctor = $"{File}#doctor";
    public const string Settings = $"{File}#settings";
    public const string Compose = $"{File}#one-machine-with-docker-compose";
    public const string Tls = $"{File}#behind-tls";
    public const string ServiceNotScraped = $"{File}#servicenotscraped";
    public const string Outbox = $"{File}#outboxnotemptied";
    public const string DeadLetters = $"{File}#dead-letters";
    public const string SagasUnfinished = $"{File}#sagasunfinished";
    public const string SagasCompensating = $"{File}#sagascompensating";
    public const string BrokerAlarm = $"{File}#brokerblockspublishers";
    public const string IngestLag = $"{File}#ingestlag";
    public const string Ledger = $"{File}#quarantine-and-the-ledger";
    public const string Replicas = $"{File}#replicas";
    public const string Data = $"{File}#data";
    public const string Backup = $"{File}#back-up";
    public const string Restore = $"{File}#restore";
    public const string BrokerAccounts = $"{File}#accounts-at-the-broker";
    public const string QueueTypes = $"{File}#types-of-queues";
    public const string Unavailable = $"{File}#when-a-server-is-unavailable";
    public const string Rights = "docs/rights.md#roles-of-the-databases";
}
