using System.Buffers;
using System.Globalization;
using Microsoft.AspNetCore;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.AspNetCore.OpenIddictServerAspNetCoreHandlers;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace EnergyAspire.Identity.Tokens;

/// <summary>
/// Refuses requests that OpenIddict accepts but the standards forbid, and corrects entries of the discovery document that don't hold here.
/// </summary>
internal static class StrictRequests
{
    // RFC 7636, 4.2: 43 to 128 unreserved characters.
    private const int ShortestChallenge = 43;
    private const int LongestChallenge = 128;

    private static readonly SearchValues<char> Unreserved =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~");

    /// <summary>Adds the rules to the OpenID Connect server.</summary>
    public static void AddStrictRequests(this OpenIddictServerBuilder server)
    {
        // No client authenticates with a key.
        server.Configure(options => options.ClientAuthenticationMethods.Remove(ClientAuthenticationMethods.PrivateKeyJwt));

        server.AddEventHandler<ValidateAuthorizationRequestContext>(handler => handler
            .UseInlineHandler(CheckAuthorizationRequest)
            .SetOrder(OpenIddictServerHandlers.Authentication.ValidateProofKeyForCodeExchangeParameters.Descriptor.Order + 500));

        server.RemoveEventHandler(ExtractGetOrPostRequest<ExtractUserInfoRequestContext>.Descriptor);
        server.AddEventHandler<ExtractUserInfoRequestContext>(handler => handler
            .UseInlineHandler(ExtractUserInfoRequestAsync)
            .SetOrder(ExtractGetOrPostRequest<ExtractUserInfoRequestContext>.Descriptor.Order));

        server.AddEventHandler<HandleConfigurationRequestContext>(handler => handler
            .UseInlineHandler(UsePublicAddress)
            .SetOrder(OpenIddictServerHandlers.Discovery.AttachEndpoints.Descriptor.Order - 500));
        server.AddEventHandler<HandleConfigurationRequestContext>(handler => handler
            .UseInlineHandler(DescribeClients)
            .SetOrder(OpenIddictServerHandlers.Discovery.AttachAdditionalMetadata.Descriptor.Order + 500));
    }

    private static ValueTask CheckAuthorizationRequest(ValidateAuthorizationRequestContext context)
    {
        if (context.Request.CodeChallenge is { } challenge
            && (challenge.Length is < ShortestChallenge or > LongestChallenge || challenge.AsSpan().ContainsAnyExcept(Unreserved)))
        {
            context.Reject(Errors.InvalidRequest, "The parameter code_challenge must have 43 to 128 letters, digits or - . _ ~.");
        }
        else if ((string?)context.Request[Parameters.MaxAge] is { Length: > 0 } age
            && !int.TryParse(age, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            context.Reject(Errors.InvalidRequest, "The parameter max_age must be a whole number of seconds.");
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// Takes the token from the header or from the form of a POST (RFC 6750), not from the query: URLs are kept in logs and browser histories.
    /// </summary>
    private static async ValueTask ExtractUserInfoRequestAsync(ExtractUserInfoRequestContext context)
    {
        var request = context.Transaction.GetHttpRequest()!;
        if (request.Query.ContainsKey(Parameters.AccessToken))
            context.Reject(Errors.InvalidRequest, "An access token must not be in the address; send it in the header Authorization.");
        else if (HttpMethods.IsGet(request.Method) || (HttpMethods.IsPost(request.Method) && !request.HasFormContentType))
            context.Request = new OpenIddictRequest();
        else if (HttpMethods.IsPost(request.Method))
            context.Request = new OpenIddictRequest(await request.ReadFormAsync(request.HttpContext.RequestAborted));
        else
            context.Reject(Errors.InvalidRequest, "The HTTP method is neither GET nor POST.");
    }

    /// <summary>
    /// In the discovery document, requests through the gateway get the issuer's URLs whatever their host was. Internal services get the URLs of
    /// the host that they called, so they fetch the keys without the gateway.
    /// </summary>
    private static ValueTask UsePublicAddress(HandleConfigurationRequestContext context)
    {
        if (context.Transaction.GetHttpRequest()!.Headers.ContainsKey("X-Original-Host"))
            context.BaseUri = context.Options.Issuer;

        return ValueTask.CompletedTask;
    }

    private static ValueTask DescribeClients(HandleConfigurationRequestContext context)
    {
        context.TokenEndpointAuthenticationMethods.Add(ClientAuthenticationMethods.None);
        context.RevocationEndpointAuthenticationMethods.Add(ClientAuthenticationMethods.None);
        context.GrantTypes.Remove(Applications.RegistrationGrant);

        return ValueTask.CompletedTask;
    }
}
