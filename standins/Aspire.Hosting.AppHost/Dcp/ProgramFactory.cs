using System.Reflection;
using System.Text.Json.Nodes;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Dcp;

/// <summary>One program as the orchestrator shall run it.</summary>
internal sealed record ProgramSpec(
    string Path, IReadOnlyList<string> Args, string WorkingDirectory, IReadOnlyList<KeyValuePair<string, string>> Environment);

/// <summary>Turns a resource of the model into the program to run: command line, working directory, environment.</summary>
internal sealed class ProgramFactory(
    DistributedApplicationModel model, DistributedApplicationExecutionContext execution, DcpEngine engine, ResourceLoggerService logs,
    IConfiguration configuration, IHostEnvironment host)
{
    // Runs a server, passes on the stop as the signal it stops at once by, and removes its temporary folder.
    // A server that dawdles is ended before the orchestrator's own 6 seconds are over.
    private const string ServerScript = """
        signal=$1; folder=$2; shift 2
        trap 'kill -s "$signal" $server; { sleep 4; kill -9 $server; } >/dev/null 2>&1 & guard=$!' TERM INT
        setpriv --pdeathsig "$signal" "$@" & server=$!
        wait $server; code=$?
        while kill -0 $server 2>/dev/null; do wait $server; code=$?; done
        [ -z "$guard" ] || kill $guard 2>/dev/null
        [ -z "$folder" ] || rm -rf "$folder"
        exit $code
        """;

    /// <summary>How many words of a server's command line are the script's.</summary>
    public const int ServerScriptWords = 5;

    public async Task<ProgramSpec> CreateAsync(IResource resource, CancellationToken cancel)
    {
        var variables = new Dictionary<string, object>(StringComparer.Ordinal);
        var args = new List<object>();
        string path;
        string folder;

        switch (resource)
        {
            case ProjectResource:
                path = ProjectProgram(resource, variables, args, out folder);
                break;
            case ExecutableResource executable:
                (path, folder) = (executable.Command, executable.WorkingDirectory);
                break;
            default:
                var prepare = resource.Annotations.OfType<ServerProgramAnnotation>().Single();
                var server = await prepare.Prepare(new ServerStart(engine.Repository, logs.GetLogger(resource)), cancel);
                (path, folder) = ("/bin/sh", server.WorkingDirectory);
                args.AddRange(["-c", ServerScript, "server", server.StopSignal, server.TemporaryFolder ?? "", .. server.CommandLine]);
                foreach (var (name, value) in server.Environment)
                    variables[name] = value;
                break;
        }

        AddEndpoints(resource, variables);
        AddTelemetry(resource, variables);
        foreach (var annotation in resource.Annotations.OfType<EnvironmentAnnotation>())
            await annotation.Callback(new EnvironmentCallbackContext(execution, resource, variables, cancel));
        foreach (var annotation in resource.Annotations.OfType<ArgsAnnotation>())
            await annotation.Callback(new CommandLineArgsCallbackContext(args, resource, cancel));

        var environment = new List<KeyValuePair<string, string>>();
        foreach (var (name, value) in variables)
            environment.Add(new(name, await ResolveAsync(value)));
        var words = new List<string>();
        foreach (var arg in args)
            words.Add(await ResolveAsync(arg));
        return new ProgramSpec(path, words, folder, environment);

        async Task<string> ResolveAsync(object value) =>
            (value is IValueProvider provider ? await provider.GetValueAsync(cancel) : value.ToString()) ?? "";
    }

    /// <summary>Which services of the orchestrator the program stands behind.</summary>
    public static JsonObject Annotations(IResource resource, string id, int replica, int replicas)
    {
        var producers = resource.Annotations.OfType<EndpointAnnotation>().Where(e => e.ServiceName is not null).Select(JsonNode? (e) =>
        {
            var producer = new JsonObject { ["serviceName"] = e.ServiceName, ["address"] = "localhost" };
            if (e.TargetPort is { } port)
                producer["port"] = port;
            return producer;
        });
        return new JsonObject
        {
            ["resource-name"] = resource.Name,
            ["resource-replica-count"] = $"{replicas}",
            ["resource-replica-index"] = $"{replica}",
            ["otel-service-name"] = resource.Name,
            ["otel-service-instance-id"] = id[(resource.Name.Length + 1)..],
            ["service-producer"] = new JsonArray([.. producers]).ToJsonString(),
        };
    }

    // The built program itself instead of `dotnet run --no-build`: the same environment, a quarter of the start time.
    private static string ProjectProgram(IResource resource, Dictionary<string, object> variables, List<object> args, out string folder)
    {
        var project = resource.Annotations.OfType<IProjectMetadata>().Single().ProjectPath;
        folder = Path.GetDirectoryName(project)!;
        foreach (var (name, value) in LaunchProfile(folder))
            variables[name] = value;
        variables["LOGGING__CONSOLE__FORMATTERNAME"] = "simple";
        variables["DOTNET_SYSTEM_CONSOLE_ALLOW_ANSI_COLOR_REDIRECTION"] = "true";

        var configurationName = Assembly.GetEntryAssembly()?.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration ?? "Debug";
        var output = new DirectoryInfo(Path.Combine(folder, "bin", configurationName));
        var program = output.Exists
            ? output.EnumerateFiles(Path.GetFileNameWithoutExtension(project), SearchOption.AllDirectories).MaxBy(f => f.LastWriteTimeUtc)
            : null;
        if (program is not null)
            return program.FullName;
        args.AddRange(["run", "--project", project, "--configuration", configurationName, "--no-launch-profile"]);
        return "dotnet";
    }

    private static IEnumerable<KeyValuePair<string, string>> LaunchProfile(string folder)
    {
        var path = Path.Combine(folder, "Properties", "launchSettings.json");
        var profiles = File.Exists(path) ? JsonNode.Parse(File.ReadAllText(path))?["profiles"]?.AsObject() : null;
        var profile = profiles?.FirstOrDefault(p => p.Value?["commandName"]?.GetValue<string>() is null or "Project").Value;
        return profile?["environmentVariables"]?.AsObject().Select(v => KeyValuePair.Create(v.Key, v.Value!.GetValue<string>())) ?? [];
    }

    private static void AddEndpoints(IResource resource, Dictionary<string, object> variables)
    {
        var endpoints = resource.Annotations.OfType<EndpointAnnotation>().Where(e => e.ServiceName is not null).ToArray();
        foreach (var endpoint in endpoints.Where(e => e.TargetPortVariable is not null))
            variables[endpoint.TargetPortVariable!] = $$$"""{{- portForServing "{{{endpoint.ServiceName}}}" -}}""";
        if (resource is ProjectResource && endpoints.Length > 0)
        {
            variables["ASPNETCORE_URLS"] = string.Join(';', endpoints.Where(e => e.UriScheme is "http" or "https").Select(
                e => $$$"""{{{e.UriScheme}}}://localhost:{{- portForServing "{{{e.ServiceName}}}" -}}"""));
        }
    }

    private void AddTelemetry(IResource resource, Dictionary<string, object> variables)
    {
        var dashboard = model.Resources.OfType<Dashboard.DashboardResource>().SingleOrDefault();
        if (dashboard is null || !resource.Annotations.OfType<OtlpExporterAnnotation>().Any())
            return;
        variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = new EndpointReference(dashboard, "otlp-grpc");
        variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc";
        variables["OTEL_EXPORTER_OTLP_HEADERS"] = $"x-otlp-api-key={configuration["AppHost:OtlpApiKey"]}";
        variables["OTEL_SERVICE_NAME"] = """{{- index .Annotations "otel-service-name" -}}""";
        variables["OTEL_RESOURCE_ATTRIBUTES"] = """service.instance.id={{- index .Annotations "otel-service-instance-id" -}}""";
        if (!host.IsDevelopment())
            return;
        variables["OTEL_BLRP_SCHEDULE_DELAY"] = "1000";
        variables["OTEL_BSP_SCHEDULE_DELAY"] = "1000";
        variables["OTEL_METRIC_EXPORT_INTERVAL"] = "1000";
        variables["OTEL_TRACES_SAMPLER"] = "always_on";
        variables["OTEL_METRICS_EXEMPLAR_FILTER"] = "trace_based";
        if (resource is ProjectResource)
        {
            variables["OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY"] = "in_memory";
            variables["OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION"] = "true";
            variables["OTEL_DOTNET_EXPERIMENTAL_HTTPCLIENT_DISABLE_URL_QUERY_REDACTION"] = "true";
        }
    }
}
