using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EnergyAspire.Identity.Tokens.Browser;

/// <summary>Identity's HTML pages: rendered on the server, without scripts, with headers against framing, caching and injected content.</summary>
internal static class Page
{
    /// <summary>The pages' only style sheet; the content security policy below allows it by its hash.</summary>
    public static readonly MarkupString Style = new(ReadStyle());

    private static readonly string StyleHash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style.Value)));

    /// <summary>Renders a page.</summary>
    /// <param name="parameters">Parameters of the component; Razor encodes what it shows of them.</param>
    /// <param name="status">Status of the answer.</param>
    /// <param name="leadsTo">Validated address that a form of this page redirects to.</param>
    public static IResult Of<TPage>(Dictionary<string, object?> parameters, int status = StatusCodes.Status200OK, string? leadsTo = null)
        where TPage : IComponent => new WithHeaders(
            new RazorComponentResult<TPage>(parameters) { StatusCode = status, PreventStreamingRendering = true },
            // Chromium applies form-action to redirects after a form post too, so the client's address must be in it.
            $"default-src 'none'; style-src 'sha256-{StyleHash}'; form-action 'self'{Source(leadsTo)}; base-uri 'none'; frame-ancestors 'none'");

    /// <summary>Shows the error of a client's request when a redirect to the client is not allowed.</summary>
    public static IResult Problem(string? reason) => Of<ProblemPage>(
        new() { [nameof(ProblemPage.Reason)] = reason ?? "The request can't be answered." }, StatusCodes.Status400BadRequest);

    private static string Source(string? address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri))
            return "";

        // A policy can't name an IPv6 address, and an app's own scheme has no host.
        return uri.Scheme is "http" or "https" && uri.HostNameType != UriHostNameType.IPv6 ? $" {uri.GetLeftPart(UriPartial.Authority)}" : $" {uri.Scheme}:";
    }

    private static string ReadStyle()
    {
        using var reader = new StreamReader(typeof(Page).Assembly.GetManifestResourceStream("page.css")!);
        return reader.ReadToEnd();
    }

    private sealed class WithHeaders(IResult page, string policy) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            var headers = httpContext.Response.Headers;
            headers.ContentSecurityPolicy = policy;
            headers.XFrameOptions = "DENY";
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "same-origin";
            headers.CacheControl = "no-store";

            return page.ExecuteAsync(httpContext);
        }
    }
}
