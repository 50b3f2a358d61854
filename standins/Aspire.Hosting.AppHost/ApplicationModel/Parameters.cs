using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration.UserSecrets;

namespace Aspire.Hosting.ApplicationModel
{
    public abstract class ParameterDefault
    {
        public abstract string GetDefaultValue();
    }

    public sealed class GenerateParameterDefault : ParameterDefault
    {
        public int MinLength { get; set; } = 22;
        public bool Lower { get; set; } = true;
        public bool Upper { get; set; } = true;
        public bool Numeric { get; set; } = true;
        public bool Special { get; set; } = true;

        public override string GetDefaultValue() => RandomNumberGenerator.GetString(
            (Lower ? "abcdefghjkmnpqrstuvwxyz" : "") + (Upper ? "ABCDEFGHJKMNPQRSTUVWXYZ" : "") +
            (Numeric ? "0123456789" : "") + (Special ? "-_.{}~()*+!" : ""), MinLength);
    }

    public class ParameterResource(string name, Func<ParameterDefault?, string> callback, bool secret = false) : Resource(name), IExpressionValue
    {
        private readonly Lock _gate = new();
        private string? _value;

        public bool Secret { get; } = secret;
        public ParameterDefault? Default { get; set; }
        public string ValueExpression => $"{{{Name}.value}}";

        public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default)
        {
            lock (_gate)
                return new(_value ??= callback(Default));
        }
    }

    /// <summary>A server that exists already; nothing is started for it and nothing can be waited for.</summary>
    internal sealed class ConnectionStringParameterResource(string name, Func<ParameterDefault?, string> callback)
        : ParameterResource(name, callback, secret: true), IResourceWithConnectionString
    {
        public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{(ParameterResource)this}");
        string IManifestExpressionProvider.ValueExpression => $"{{{Name}.connectionString}}";
        ValueTask<string?> IValueProvider.GetValueAsync(CancellationToken cancellationToken) => GetValueAsync(cancellationToken);
    }

    /// <summary>A generated value that is made once and then kept in the application's user secrets.</summary>
    internal sealed class UserSecretsParameterDefault(UserSecrets secrets, string key, ParameterDefault inner) : ParameterDefault
    {
        public override string GetDefaultValue() => secrets.GetOrSet(key, inner.GetDefaultValue);
    }
}

namespace Aspire.Hosting
{
    public class MissingParameterValueException(string message) : DistributedApplicationException(message);

    public sealed class ConnectionStringResource(string name, ReferenceExpression connectionStringExpression)
        : Resource(name), IResourceWithConnectionString, IResourceWithWaitSupport
    {
        public ReferenceExpression ConnectionStringExpression => connectionStringExpression;
    }

    public static class ParameterResourceBuilderExtensions
    {
        public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, bool secret = false) =>
            builder.AddResource(new ParameterResource(name, _ => Value(builder, $"Parameters:{name}", null), secret));

        public static IResourceBuilder<ParameterResource> AddParameter(
            this IDistributedApplicationBuilder builder, string name, string value, bool publishValueAsDefault = false, bool secret = false) =>
            builder.AddResource(new ParameterResource(name, _ => value, secret));

        public static IResourceBuilder<ParameterResource> AddParameter(
            this IDistributedApplicationBuilder builder, string name, ParameterDefault value, bool secret = false, bool persist = false) =>
            builder.AddResource(new ParameterResource(name, d => Value(builder, $"Parameters:{name}", d), secret)
            {
                Default = persist ? Persisted(builder, name, value) : value,
            });

        public static ParameterResource CreateDefaultPasswordParameter(
            IDistributedApplicationBuilder builder, string name, bool lower = true, bool upper = true, bool numeric = true, bool special = true) =>
            new(name, d => Value(builder, $"Parameters:{name}", d), secret: true)
            {
                Default = Persisted(builder, name, new GenerateParameterDefault { Lower = lower, Upper = upper, Numeric = numeric, Special = special }),
            };

        /// <summary>Something that exists already, by <c>ConnectionStrings:name</c> in configuration.</summary>
        public static IResourceBuilder<IResourceWithConnectionString> AddConnectionString(
            this IDistributedApplicationBuilder builder, string name, string? environmentVariableName = null) =>
            builder.AddResource(new ConnectionStringParameterResource(name, _ => Value(builder, $"ConnectionStrings:{name}", null)));

        private static UserSecretsParameterDefault Persisted(IDistributedApplicationBuilder builder, string name, ParameterDefault value) =>
            new(UserSecrets.Of(builder), $"Parameters:{name}", value);

        private static string Value(IDistributedApplicationBuilder builder, string key, ParameterDefault? value) =>
            builder.Configuration[key] ?? value?.GetDefaultValue() ??
            throw new MissingParameterValueException($"the setting '{key}' is missing. Set it in the AppHost's user secrets or environment.");
    }

    public static class ConnectionStringBuilderExtensions
    {
        /// <summary>A connection string made of other values. It is available once the resources in it have started.</summary>
        public static IResourceBuilder<ConnectionStringResource> AddConnectionString(
            this IDistributedApplicationBuilder builder, string name, ReferenceExpression connectionStringExpression)
        {
            var connection = builder.AddResource(new ConnectionStringResource(name, connectionStringExpression));
            foreach (var resource in connectionStringExpression.ValueProviders.OfType<IResource>().Where(r => r is not ParameterResource).Distinct())
                connection.WaitForStart(builder.CreateResourceBuilder(resource));
            return connection;
        }
    }

    /// <summary>The AppHost's user secrets file, as <c>dotnet user-secrets</c> knows it.</summary>
    internal sealed class UserSecrets(string? id)
    {
        private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
        private static readonly Lock Gate = new();

        public static UserSecrets Of(IDistributedApplicationBuilder builder) =>
            (builder as DistributedApplicationBuilder ?? (builder as IWrappedBuilder)?.Inner)?.UserSecrets ?? new UserSecrets(null);

        public string GetOrSet(string key, Func<string> create)
        {
            if (id is null)
                return create();
            lock (Gate)
            {
                var path = PathHelper.GetSecretsPathFromSecretsId(id);
                var folder = Path.GetDirectoryName(path)!;
                Directory.CreateDirectory(folder);
                // Another process of this checkout may be generating the same secret.
                using var turn = File.Open(Path.Combine(folder, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
                turn.Lock(0, 1);
                var secrets = File.Exists(path) ? JsonNode.Parse(File.ReadAllText(path))!.AsObject() : [];
                if (secrets[key]?.GetValue<string>() is { } known)
                    return known;
                var value = create();
                secrets[key] = value;
                var draft = path + ".new";
                File.WriteAllText(draft, secrets.ToJsonString(Indented));
                File.SetUnixFileMode(draft, UnixFileMode.UserRead | UnixFileMode.UserWrite);
                File.Move(draft, path, overwrite: true);
                return value;
            }
        }
    }

    /// <summary>A builder around the real one, as tests get it.</summary>
    internal interface IWrappedBuilder
    {
        DistributedApplicationBuilder Inner { get; }
    }
}
