using System.Diagnostics.Metrics;
using EnergyAspire.Identity.Sagas;
using EnergyAspire.ServiceDefaults;

namespace EnergyAspire.Identity;

/// <summary>Counts sign-ins and sagas, for dashboards and alarms.</summary>
public sealed class IdentityMetrics
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "EnergyAspire.Identity";

    private readonly Counter<long> _signIns;
    private readonly Histogram<double> _sagas;
    private readonly Gauge<long> _unfinished;

    /// <summary>Creates the instruments.</summary>
    public IdentityMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        _signIns = meter.CreateCounter<long>("energy.identity.sign_ins", "{attempt}", "Tries to sign in with a password, by what came of them.");
        _sagas = meter.CreateHistogram(
            "energy.saga.duration", "s", "Time from the beginning of a saga to its end, by type and end.", tags: null, advice: DurationBuckets.Workflows);
        _unfinished = meter.CreateGauge<long>("energy.saga.unfinished", "{saga}", "Sagas that haven't ended, by state, in all replicas.");
    }

    /// <summary>Counts a sign-in attempt.</summary>
    /// <param name="outcome">Outcome, as in the audit record.</param>
    public void SignInEnded(string outcome) => _signIns.Add(1, KeyValuePair.Create("energy.sign_in.outcome", (object?)outcome));

    /// <summary>Counts a saga that has ended.</summary>
    public void SagaEnded(Saga saga) => _sagas.Record(
        (saga.FinishedAt!.Value - saga.StartedAt).TotalSeconds,
        KeyValuePair.Create("energy.saga.type", (object?)SagaResponse.Name(saga.Type)), KeyValuePair.Create("energy.saga.state", (object?)SagaResponse.Name(saga.State)));

    /// <summary>Records how many sagas are unfinished in a state.</summary>
    public void SagasSeen(SagaState state, long count) => _unfinished.Record(count, KeyValuePair.Create("energy.saga.state", (object?)SagaResponse.Name(state)));
}
