// Runs the servers of a whole test run until SIGTERM. Writes their connection strings to a file.
using System.Runtime.InteropServices;
using System.Text.Json;
using EnergyAspire.Testing;

if (args is not [var file])
{
    await Console.Error.WriteLineAsync("Usage: EnergyAspire.Testing.Servers FILE");
    return 1;
}

var stopped = new TaskCompletionSource();
using var termination = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
{
    signal.Cancel = true;
    stopped.TrySetResult();
});

await using var servers = new TestServers();
await servers.InitializeAsync();
// Renamed when it is complete, because the tests start as soon as it is there.
await File.WriteAllTextAsync($"{file}.new", JsonSerializer.Serialize(servers.Running));
File.Move($"{file}.new", file, overwrite: true);
await stopped.Task;

return 0;
