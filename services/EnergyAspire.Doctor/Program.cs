using EnergyAspire.Doctor;
using Microsoft.Extensions.Configuration;

return await DoctorCommand.InvokeAsync(args, new ConfigurationBuilder().AddEnvironmentVariables().Build());
