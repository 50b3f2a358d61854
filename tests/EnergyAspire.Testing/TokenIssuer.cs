using System.Net;
using System.Text;

namespace EnergyAspire.Testing;

/// <summary>Stands where services look for Identity and tells them the key of <see cref="TestTokens"/>.</summary>
public sealed class TokenIssuer : IDisposable
{
    private readonly HttpListener _listener = new();

    /// <summary>Begins to answer on a free port.</summary>
    public TokenIssuer()
    {
        Address = $"http://127.0.0.1:{ServiceProcess.FreePort()}";
        _listener.Prefixes.Add($"{Address}/");
        _listener.Start();
        _ = AnswerAsync();
    }

    /// <summary>Where it answers.</summary>
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
