using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Publishing;

namespace EnergyAspire.Hosting;

/// <summary>
/// Azure Database for PostgreSQL, flexible server, in a published application: the manifest names a bicep module, and azd deploys it.
/// </summary>
/// <remarks>Aspire.Hosting.Azure has such a resource; this one writes the same manifest entry (<c>azure.bicep.v0</c>) without that package.</remarks>
internal sealed class ManagedPostgresResource(string name, string module, ParameterResource password) : Resource(name), IResourceWithConnectionString
{
    private const string Administrator = "energyadmin";

    /// <summary>Connection string without database, user and password. The server's certificate is of a public authority.</summary>
    public ReferenceExpression Address => ReferenceExpression.Create($"Host={new Output(Name, "host")};Port=5432;SSL Mode=VerifyFull");

    /// <inheritdoc />
    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{Address};Username={Administrator};Password={password}");

    /// <summary>Writes the manifest entry.</summary>
    public void WriteTo(ManifestPublishingContext context)
    {
        context.Writer.WriteString("type", "azure.bicep.v0");
        context.WriteConnectionString(this);
        context.Writer.WriteString("path", context.GetManifestRelativePath(module));
        context.Writer.WriteStartObject("params");
        context.Writer.WriteString("administratorLogin", Administrator);
        context.Writer.WriteString("administratorPassword", password.ValueExpression);
        context.Writer.WriteEndObject();
    }

    /// <summary>An output of the module, which is known when it is deployed.</summary>
    private sealed class Output(string resource, string name) : IManifestExpressionProvider, IValueProvider
    {
        public string ValueExpression => $"{{{resource}.outputs.{name}}}";

        public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) =>
            throw new DistributedApplicationException($"{ValueExpression} is known only when the application is deployed.");
    }
}
