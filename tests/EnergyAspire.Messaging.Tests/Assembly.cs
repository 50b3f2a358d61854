using EnergyAspire.Testing;

[assembly: AssemblyFixture(typeof(TestServers))]

// The queues' names are fixed, so tests on one broker take turns.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
