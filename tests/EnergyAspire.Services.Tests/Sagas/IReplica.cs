namespace EnergyAspire.Services.Tests.Sagas;

/// <summary>A replica of Identity that can die.</summary>
public interface IReplica
{
    /// <summary>Calls it, signed in as nobody.</summary>
    HttpClient Client { get; }

    /// <summary>Stands between it and Users.</summary>
    Relay Users { get; }

    /// <summary>Stands between it and Devices.</summary>
    Relay Devices { get; }

    /// <summary>Ends it without warning; its callers get no answer, and nothing that it does has an effect any more.</summary>
    void Kill();
}

/// <summary>The process that callers call, killed by SIGKILL.</summary>
/// <param name="system">The services.</param>
public sealed class ProcessReplica(ServiceSystem system) : IReplica
{
    private readonly IdentityProcess _process = system.Identity;

    public HttpClient Client => _process.Client;

    public Relay Users => system.Users;

    public Relay Devices => system.Devices;

    public void Kill() => _process.Kill();
}
