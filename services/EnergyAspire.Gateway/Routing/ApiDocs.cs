using EnergyAspire.ServiceDefaults;
using Scalar.AspNetCore;

namespace EnergyAspire.Gateway.Routing;

/// <summary>The page that shows the APIs of all services.</summary>
public static class ApiDocs
{
    private const string Page = "/api/docs";

    /// <summary>Services whose documents are shown.</summary>
    public static readonly IReadOnlyList<string> Services =
        [ResourceNames.Identity, ResourceNames.Users, ResourceNames.Devices, ResourceNames.Monitoring];

    /// <summary>Returns the path at which the gateway serves a service's document.</summary>
    public static string DocumentPath(string service) => $"{Page}/openapi/{service}.json";

    /// <summary>Maps the page; everything it needs comes from the gateway itself.</summary>
    public static void MapApiDocs(this IEndpointRouteBuilder routes) =>
        routes.MapScalarApiReference(Page, options =>
        {
            options.Title = "EnergyAspire API";
            options.DefaultFonts = false;
            foreach (var service in Services)
                options.AddDocument(service, char.ToUpperInvariant(service[0]) + service[1..], DocumentPath(service));
            options.AddDocument(ResourceNames.Gateway, "Gateway", "/openapi/v1.json");
        });
}
