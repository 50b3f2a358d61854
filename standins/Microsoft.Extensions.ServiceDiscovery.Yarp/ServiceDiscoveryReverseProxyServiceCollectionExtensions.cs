using System.Net;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.ServiceDiscovery;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.ServiceDiscovery;

namespace Microsoft.Extensions.DependencyInjection;

public static class ServiceDiscoveryReverseProxyServiceCollectionExtensions
{
    /// <summary>Lets clusters name services (<c>http://identity</c>) instead of addresses.</summary>
    public static IReverseProxyBuilder AddServiceDiscoveryDestinationResolver(this IReverseProxyBuilder builder)
    {
        builder.Services.AddServiceDiscoveryCore();
        builder.Services.AddSingleton<IDestinationResolver, ServiceDestinationResolver>();

        return builder;
    }

    private sealed class ServiceDestinationResolver(ServiceEndpointResolver resolver) : IDestinationResolver
    {
        public async ValueTask<ResolvedDestinationCollection> ResolveDestinationsAsync(
            IReadOnlyDictionary<string, DestinationConfig> destinations, CancellationToken cancellationToken)
        {
            var resolved = new Dictionary<string, DestinationConfig>(StringComparer.OrdinalIgnoreCase);
            var changes = new List<IChangeToken>();
            foreach (var (name, destination) in destinations)
            {
                var source = await resolver.GetEndpointsAsync(destination.Address, cancellationToken);
                if (source.ChangeToken.ActiveChangeCallbacks)
                    changes.Add(source.ChangeToken);

                foreach (var endpoint in source.Endpoints)
                    resolved[$"{name}[{endpoint}]"] = destination with { Address = AddressOf(endpoint, destination.Address) };
            }

            return new ResolvedDestinationCollection(resolved, changes.Count == 0 ? null : new CompositeChangeToken(changes));
        }

        private static string AddressOf(ServiceEndpoint endpoint, string named)
        {
            var scheme = new Uri(named).Scheme;

            return endpoint.EndPoint switch
            {
                UriEndPoint uri => uri.Uri.AbsoluteUri,
                DnsEndPoint dns => $"{scheme}://{dns.Host}:{dns.Port}/",
                var other => $"{scheme}://{other}/",
            };
        }
    }
}
