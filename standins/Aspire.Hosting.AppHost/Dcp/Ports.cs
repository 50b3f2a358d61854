using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Dcp;

internal static class Ports
{
    /// <summary>A free port below the range that outgoing connections take theirs from.</summary>
    public static int Random()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(20_000, 32_000);
            if (IsFree(port))
                return port;
        }
    }

    /// <summary>Waits a little for ports that an application just ended may still hold; then says which one is taken.</summary>
    public static async Task RequireFreeAsync(IEnumerable<(IResource Resource, int Port)> wanted, CancellationToken cancel)
    {
        var waited = Stopwatch.StartNew();
        foreach (var (resource, port) in wanted)
        {
            while (!IsFree(port))
            {
                if (waited.Elapsed > TimeSpan.FromSeconds(6))
                {
                    throw new DistributedApplicationException(
                        $"port {port}, which '{resource.Name}' needs, is in use. End the program that listens there (`ss -ltnp 'sport = :{port}'` names it; perhaps this system runs already).");
                }

                await Task.Delay(200, cancel);
            }
        }
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
