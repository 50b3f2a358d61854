using System.Security.Cryptography;
using System.Text;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Runs PostgreSQL from the machine's own programs: makes the cluster once, keeps its password in step with the parameter.</summary>
internal static class PostgresProgram
{
    private const string User = "postgres";

    public static ServerProgramAnnotation For(PostgresServerResource server)
    {
        ServerProgramAnnotation? annotation = null;
        annotation = new ServerProgramAnnotation((start, cancel) => PrepareAsync(server, annotation!.HasDataVolume, start, cancel))
        {
            FindMissing = () => Find("postgres") is null || Find("initdb") is null
                ? $"'{server.Name}' needs PostgreSQL on this machine: apt-get install postgresql (or let ./run.sh do it), or name a server of your own in ConnectionStrings__{server.Name}."
                : null,
        };
        return annotation;
    }

    private static async Task<ServerProgram> PrepareAsync(PostgresServerResource server, bool lasting, ServerStart start, CancellationToken cancel)
    {
        var folder = await ServerFolder.CreateAsync(start, server, lasting, User, cancel);
        var data = Path.Combine(folder, "data");
        await LetEarlierServerEndAsync(data, cancel);

        var superuser = (await server.UserNameReference.GetValueAsync(cancel))!;
        await InitializeAsync(folder, data, superuser, (await server.PasswordParameter.GetValueAsync(cancel))!, start, cancel);

        List<string> settings =
        [
            "listen_addresses=localhost", $"port={server.PrimaryEndpoint.Port}", "unix_socket_directories=", "max_connections=200",
            // Data of a test end with it; those of a user survive a power cut.
            .. lasting ? (string[])[] : ["shared_buffers=64MB", "fsync=off", "full_page_writes=off"],
        ];
        return new ServerProgram(
            ServerFolder.As(User, [Find("postgres")!, "-D", data, .. settings.SelectMany(s => new[] { "-c", s })]),
            new Dictionary<string, string>(StringComparer.Ordinal), folder, StopSignal: "INT", lasting ? null : folder);
    }

    private static async Task InitializeAsync(string folder, string data, string superuser, string password, ServerStart start, CancellationToken cancel)
    {
        var known = Path.Combine(folder, "password.sha256");
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(password)));
        if (!File.Exists(Path.Combine(data, "PG_VERSION")))
        {
            start.Logger.Info($"Creating a database cluster in {data}.");
            var file = Path.Combine(folder, "password");
            await File.WriteAllTextAsync(file, password, cancel);
            await ServerFolder.GiveAsync(User, file, cancel);
            await ServerFolder.RunAsync(
                ServerFolder.As(User, Find("initdb")!, "-D", data, "-U", superuser, $"--pwfile={file}", "--auth=scram-sha-256", "--encoding=UTF8",
                    "--locale=C.UTF-8", "--no-instructions", "--no-sync"), cancel);
            File.Delete(file);
        }
        else if (!File.Exists(known) || await File.ReadAllTextAsync(known, cancel) != hash)
        {
            start.Logger.Info("The password in the AppHost's secrets is a new one; the server gets it.");
            var alter = $"ALTER ROLE \"{superuser}\" PASSWORD '{password.Replace("'", "''")}'\n";
            await ServerFolder.RunAsync(ServerFolder.As(User, Find("postgres")!, "--single", "-D", data, "postgres"), cancel, alter);
        }

        await File.WriteAllTextAsync(known, hash, cancel);
    }

    // A server whose AppHost was killed stops by itself within seconds; one that doesn't belongs to a running application.
    private static async Task LetEarlierServerEndAsync(string data, CancellationToken cancel)
    {
        var file = Path.Combine(data, "postmaster.pid");
        for (var tries = 0; File.Exists(file) && int.TryParse((await File.ReadAllLinesAsync(file, cancel)).FirstOrDefault(), out var pid); tries++)
        {
            if (new FileInfo($"/proc/{pid}/cwd").LinkTarget != data)
            {
                File.Delete(file);
                return;
            }

            if (tries == 100)
                throw new DistributedApplicationException($"another PostgreSQL (process {pid}) uses {data}. Perhaps this system runs already; if not, end it with `kill -INT {pid}`.");
            await Task.Delay(100, cancel);
        }
    }

    private static string? Find(string program) => ServerFolder.Find(
        program, Directory.Exists("/usr/lib/postgresql")
            ? Directory.EnumerateDirectories("/usr/lib/postgresql").OrderByDescending(d => d.Length).ThenByDescending(d => d, StringComparer.Ordinal).Select(d => Path.Combine(d, "bin"))
            : []);
}
