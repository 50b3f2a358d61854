namespace EnergyAspire.ServiceDefaults.Authentication;

/// <summary>Roles an account can have.</summary>
public static class Roles
{
    /// <summary>Manages people, devices and mappings, and sees every reading.</summary>
    public const string Admin = "admin";

    /// <summary>Sees the devices that are mapped to the account.</summary>
    public const string Client = "client";
}

/// <summary>Authorization policies of the HTTP contract. Routes that require authorization without a policy accept any signed-in account.</summary>
public static class Policies
{
    /// <summary>Accounts with the role admin.</summary>
    public const string Admin = "admin";

    /// <summary>Services that run a saga: tokens with the scope <c>saga</c>, never an account's.</summary>
    public const string Saga = "saga";

    /// <summary>Services that rebuild their replicas: tokens with the scope <c>replica</c>, never an account's.</summary>
    public const string Replica = "replica";

    /// <summary>Who may have replicas rebuilt: admins, and services with the scope <c>replica</c>.</summary>
    public const string AdminOrReplica = "admin-or-replica";
}

/// <summary>Audience, scopes and claims of access tokens in this system.</summary>
public static class TokenConventions
{
    /// <summary>Audience that every service checks.</summary>
    public const string Audience = "energy-api";

    /// <summary>Scope of service tokens that run saga steps.</summary>
    public const string SagaScope = "saga";

    /// <summary>Scope of service tokens that read the sources of replicas.</summary>
    public const string ReplicaScope = "replica";

    /// <summary>Claim with the account's token generation at the time the token was issued, see <see cref="AccountStanding"/>.</summary>
    public const string Generation = "generation";
}
