using EnergyAspire.ServiceDefaults;
using EnergyAspire.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EnergyAspire.Identity.Sagas;

internal static class SagaExtensions
{
    /// <summary>Adds the services that run and recover sagas.</summary>
    /// <param name="definitions">Definitions of all sagas.</param>
    public static void AddSagas(this IHostApplicationBuilder builder, params IReadOnlyList<SagaDefinition> definitions)
    {
        builder.Services.AddOptions<SagaOptions>().BindConfiguration(SagaOptions.Section)
            .Validate(options => options.IsSound, "Sagas: every time must be positive, and Lease longer than StepTimeout.")
            .ValidateOnStart();

        // A saga has its own retry and timeout. There is no stable API yet to remove the default handlers.
#pragma warning disable EXTEXP0001
        builder.AddServiceClient<UsersParticipant>(ResourceNames.Users, TokenConventions.SagaScope).RemoveAllResilienceHandlers();
        builder.AddServiceClient<DevicesParticipant>(ResourceNames.Devices, TokenConventions.SagaScope).RemoveAllResilienceHandlers();
#pragma warning restore EXTEXP0001
        builder.Services.AddTransient<Participants>();
        builder.Services.AddSingleton<IReadOnlyDictionary<SagaType, SagaDefinition>>(definitions.ToDictionary(definition => definition.Type));
        builder.Services.AddSingleton<SagaRunner>();
        builder.Services.AddSingleton<SagaCoordinator>();
        builder.Services.AddHostedService<SagaRecovery>();
    }

    /// <summary>The answer to a caller whose saga did not complete.</summary>
    public static ProblemHttpResult Problem(this Saga saga)
    {
        var extensions = new Dictionary<string, object?>(StringComparer.Ordinal) { ["saga_id"] = saga.Id };
        if (saga.Refusal is { } refusal)
            return refusal.Answer(extensions);

        var detail = saga.IsFinished
            ? "A service stayed away, and everything was undone. Please try again later."
            : "A service stays away, and everything is being undone. Please try again later.";
        return TypedResults.Problem(detail, statusCode: StatusCodes.Status503ServiceUnavailable, extensions: extensions);
    }

    /// <summary>A refusal as problem details.</summary>
    public static ProblemHttpResult Answer(this SagaRefusal refusal, Dictionary<string, object?>? extensions = null)
    {
        extensions ??= new Dictionary<string, object?>(StringComparer.Ordinal);
        if (refusal.Errors is { Count: > 0 } errors)
            extensions["errors"] = errors;

        return TypedResults.Problem(refusal.Detail, statusCode: refusal.Status, extensions: extensions);
    }
}
