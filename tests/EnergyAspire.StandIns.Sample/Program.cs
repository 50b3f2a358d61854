// What the stand-ins' tests run: says who it is and what it was told.
var app = WebApplication.Create(args);

app.MapGet("/health", () => "Healthy");
app.MapGet("/process", () => Environment.ProcessId);
app.MapGet("/variable/{name}", (string name) => Environment.GetEnvironmentVariable(name));

app.Run();
