using System.Net;
using System.Text;

namespace EnergyAspire.Testing;

/// <summary>HTTP server that replaces Identity: it serves the public key of <see cref="TestTokens"/>.</summary>
public sealed class TokenIssuer : IDisposable
{
    private readonly HttpListener _listener = new();

    /// <summary>Starts on a free port.</summary>
    public TokenIssuer()
    {
        Address = $"http://127.0.0.1:{ServiceProcess.FreePort()}";
        _listener.Prefixes.Add($"{Address}/");
        _listener.Start();
        _ = AnswerAsync();
    }

    /// <summary>Address of the server.</summary>
    public string Address { get; }

    /// <inheritdoc />
    public void Dispose() => _listener.Close();

    private async Task AnswerAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                var answer = context.Request.Url!.AbsolutePath == "/.well-known/openid-configuration"
                    ? $$"""{"issuer": "{{TestTokens.Issuer}}", "jwks_uri": "{{Address}}/keys"}"""
                    : TestTokens.KeySet;
                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(answer));
                context.Response.Close();
            }
            catch (Exception end) when (end is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
