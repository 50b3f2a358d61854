using EnergyAspire.Benchmarks;

return await BenchmarkCommand.InvokeAsync(args, Console.Out);
