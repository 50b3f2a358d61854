using EnergyAspire.Chaos;

return await ChaosCommand.InvokeAsync(args, Console.Out);
