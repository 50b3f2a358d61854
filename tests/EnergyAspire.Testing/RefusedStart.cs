namespace EnergyAspire.Testing;

/// <summary>Starts that must fail.</summary>
public static class RefusedStart
{
    private const int Tries = 10;

    /// <summary>Starts a service whose settings are wrong and returns why it didn't start.</summary>
    /// <remarks>
    /// WebApplicationFactory starts the service on another thread. If its services are already disposed when the factory asks for them, the factory
    /// throws <see cref="ObjectDisposedException"/> instead of the reason; then the start is tried again.
    /// </remarks>
    /// <param name="start">Creates the service anew and starts it.</param>
    /// <exception cref="InvalidOperationException">It started.</exception>
    public static async Task<Exception> ReasonAsync(Func<Task> start)
    {
        for (var number = 1; ; number++)
        {
            try
            {
                await start();
            }
            catch (ObjectDisposedException) when (number < Tries)
            {
                continue;
            }
            catch (Exception reason)
            {
                return reason;
            }

            throw new InvalidOperationException("The service started although its settings are wrong.");
        }
    }
}
