using EnergyAspire.Testing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using NJsonSchema.CodeGeneration.CSharp;
using NSwag;
using NSwag.CodeGeneration.CSharp;

namespace EnergyAspire.OpenApi.Tests;

/// <summary>The OpenAPI documents as other programs use them. <c>npm run api:lint</c> lints them and compiles the TypeScript types.</summary>
public sealed class ClientTests
{
    private static readonly string Documents = Path.Combine(Repository.Folder, "docs", "openapi");

    public static TheoryData<string> Names => [.. Directory.GetFiles(Documents, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)).Order()];

    [Fact]
    public void There_is_a_document_of_every_service_and_the_gateway() =>
        Assert.Equal(["devices", "gateway", "identity", "monitoring", "users"], Names.Select(row => row.Data));

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_generated_client_compiles_without_warnings(string name)
    {
        var compiled = Compile(await GenerateAsync(name));

        Assert.Empty(compiled.GetDiagnostics(TestContext.Current.CancellationToken).Where(found => found.Severity >= DiagnosticSeverity.Warning));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_operation_is_a_method_of_a_name_that_stays(string name)
    {
        var document = await ReadAsync(name);
        var operations = document.Operations.Select(operation => operation.Operation).ToList();
        var client = Compile(await GenerateAsync(name)).GetTypeByMetadataName("EnergyAspire.Client.Client")!;
        var methods = client.GetMembers().OfType<IMethodSymbol>().Where(method => method.Name.EndsWith("Async", StringComparison.Ordinal)).ToLookup(method => method.Name);

        Assert.NotEmpty(operations);
        Assert.All(operations, operation => Assert.Contains($"{operation.OperationId}Async", methods.Select(method => method.Key)));
        Assert.Equal(operations.Count, operations.Select(operation => operation.OperationId).Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    [Theory]
    [InlineData("devices", "GetDevicesAsync", "Task<ICollection<DeviceResponse>>")]
    [InlineData("devices", "UnassignDeviceAsync", "Task")]
    [InlineData("monitoring", "GetDayAsync", "Task<DailyConsumption>")]
    [InlineData("monitoring", "GetRangeAsync", "Task<RangeConsumption>")]
    [InlineData("monitoring", "GetMeasurementsAsync", "Task<ICollection<Measurement>>")]
    public async Task Answers_have_the_type_that_the_api_gives(string name, string method, string type)
    {
        var client = Compile(await GenerateAsync(name)).GetTypeByMetadataName("EnergyAspire.Client.Client")!;

        var answer = client.GetMembers(method).OfType<IMethodSymbol>().First().ReturnType;

        Assert.Equal(type, answer.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat));
    }

    [Fact]
    public async Task Amounts_are_decimals()
    {
        var device = Compile(await GenerateAsync("devices")).GetTypeByMetadataName("EnergyAspire.Client.DeviceResponse")!;

        Assert.Equal("decimal", ((IPropertySymbol)device.GetMembers("Max_consumption").Single()).Type.ToDisplayString());
        Assert.Equal("decimal?", ((IPropertySymbol)device.GetMembers("Price").Single()).Type.ToDisplayString());
    }

    private static Task<OpenApiDocument> ReadAsync(string name) => OpenApiDocument.FromFileAsync(Path.Combine(Documents, $"{name}.json"));

    private static async Task<string> GenerateAsync(string name)
    {
        var settings = new CSharpClientGeneratorSettings { ClassName = "Client", UseBaseUrl = false };
        settings.CSharpGeneratorSettings.Namespace = "EnergyAspire.Client";
        settings.CSharpGeneratorSettings.JsonLibrary = CSharpJsonLibrary.SystemTextJson;
        settings.CSharpGeneratorSettings.GenerateNullableReferenceTypes = true;

        return new CSharpClientGenerator(await ReadAsync(name), settings).GenerateFile();
    }

    private static CSharpCompilation Compile(string code) => CSharpCompilation.Create(
        "EnergyAspire.Client",
        [CSharpSyntaxTree.ParseText(code, cancellationToken: TestContext.Current.CancellationToken)],
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(assembly => MetadataReference.CreateFromFile(assembly)),
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
}
