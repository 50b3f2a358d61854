using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace EnergyAspire.Doctor.Checks;

/// <summary>The certificate of the public address.</summary>
internal static class CertificateCheck
{
    private const string Name = "certificate";
    private const string Renew = $"Renew the certificate of the proxy in front of the gateway, and see why it wasn't renewed by itself ({Runbook.Tls}).";

    // Certificates of public authorities are renewed about 30 days ahead.
    private const int DaysToWarn = 21;
    private const int DaysToFail = 3;

    public static IEnumerable<Check> Of(Installation installation) => installation.Issuer switch
    {
        null => [Check.WithoutSetting(Name, "Identity:Issuer")],
        { Scheme: "https" } issuer => [new Check(Name, cancel => CheckAsync(issuer, cancel))],
        _ => [Check.Of(Name, () => Verdict.Ok("The public address has no certificate, because it isn't https."))],
    };

    private static async Task<Verdict> CheckAsync(Uri address, CancellationToken cancel)
    {
        using var connection = new TcpClient();
        try
        {
            await connection.ConnectAsync(address.IdnHost, address.Port, cancel);
        }
        catch (SocketException failure)
        {
            return Verdict.NotChecked(
                $"{address.IdnHost}:{address.Port} can't be reached from here: {Examination.Reason(failure)}",
                "Run the doctor where the public address can be reached, or look at the certificate in a browser.");
        }

        var (errors, expiry) = (SslPolicyErrors.None, DateTimeOffset.MaxValue);
        await using var tls = new SslStream(connection.GetStream());
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = address.IdnHost,
                    CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                    RemoteCertificateValidationCallback = (_, certificate, _, found) =>
                    {
                        errors = found;
                        if (certificate is X509Certificate2 shown)
                            expiry = new DateTimeOffset(shown.NotAfter);
                        return found == SslPolicyErrors.None;
                    },
                },
                cancel);
        }
        catch (AuthenticationException failure)
        {
            var reason = expiry < DateTimeOffset.UtcNow ? $"the certificate expired on {expiry:yyyy-MM-dd}."
                : errors == SslPolicyErrors.None ? Examination.Reason(failure)
                : $"{errors}.";
            return Verdict.Failed($"Clients don't trust {address.IdnHost}:{address.Port}: {reason}", Renew);
        }

        var days = (int)(expiry - DateTimeOffset.UtcNow).TotalDays;
        var finding = $"The certificate of {address.IdnHost} is valid for {days} more days.";

        return days < DaysToFail ? Verdict.Failed(finding, Renew) : days < DaysToWarn ? Verdict.Warning(finding, Renew) : Verdict.Ok(finding);
    }
}
