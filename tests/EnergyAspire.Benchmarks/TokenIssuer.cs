using System.Net;
using System.Text;
using EnergyAspire.Testing;

namespace EnergyAspire.Benchmarks;

/// <summary>Stands where services look for Identity and tells them the key of <see cref="TestTokens"/>.</summary>
internal sealed class TokenIssuer : IDisposable
{
    private readonly HttpListener _listener = new();

    public TokenIssuer(int port)
    {
        Address = $"http://127.0.0.1:{port}";
        _listener.Prefixes.Add($"{Address}/");
        _listener.Start();
        _ = AnswerAsync();
    }

    /// <summary>Where it answers.</summary>
    public string Address { get; }

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
