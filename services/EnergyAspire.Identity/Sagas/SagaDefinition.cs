using EnergyAspire.Identity.Data;

namespace EnergyAspire.Identity.Sagas;

/// <summary>A saga's steps, in the order in which they are done.</summary>
/// <param name="Type">Which change it makes.</param>
/// <param name="Steps">The steps.</param>
public sealed record SagaDefinition(SagaType Type, IReadOnlyList<SagaStepDefinition> Steps)
{
    /// <summary>The step with this name.</summary>
    public SagaStepDefinition this[string name] => Steps.Single(step => step.Name == name);
}

/// <summary>A step. Doing it and undoing it are both idempotent.</summary>
/// <param name="Name">Name in the saga's row and traces.</param>
public abstract record SagaStepDefinition(string Name);

/// <summary>A step in Identity's own database; it commits together with the saga's progress.</summary>
/// <param name="Name">Name.</param>
/// <param name="Do">Does it in the current transaction.</param>
/// <param name="Undo">Undoes it in the current transaction; null for a last step, after which the saga is complete.</param>
public sealed record LocalStep(string Name, LocalWork Do, LocalWork? Undo = null) : SagaStepDefinition(Name);

/// <summary>A step in another service.</summary>
/// <param name="Name">Name.</param>
/// <param name="Do">Asks the service to do it.</param>
/// <param name="Undo">Asks the service to undo it, even if it was perhaps never done. From then on the service refuses to do it.</param>
public sealed record RemoteStep(string Name, RemoteWork Do, RemoteWork Undo) : SagaStepDefinition(Name);

/// <summary>Work on Identity's database.</summary>
/// <exception cref="SagaRefusedException">The step is refused and must not be retried.</exception>
public delegate Task LocalWork(Saga saga, AuthDbContext db, DateTimeOffset now, CancellationToken cancel);

/// <summary>Work of another service.</summary>
/// <exception cref="SagaRefusedException">The step is refused and must not be retried.</exception>
/// <exception cref="StepNotReachedException">The service has not done the step. It can be retried.</exception>
public delegate Task RemoteWork(Saga saga, Participants participants, CancellationToken cancel);
