using System.Globalization;
using DataPlatform.Streaming.Testing;

namespace DataPlatform.Simulation.Streaming;

/// <summary>
/// Random jobs on random input through random crashes, against a sequential model. <c>DP_SIMULATION_SEEDS</c> (<c>first-last</c>, or one
/// number) replays; <c>DP_SIMULATION_COUNT</c> sets how many seeds there are.
/// </summary>
public sealed class JobSimulationTests
{
    private const int CountDefault = 1_000;
    private const int Shards = 4;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Output_equals_the_sequential_model_whatever_happens(int shard)
    {
        var (first, last) = Seeds();
        var (runs, crashes, ghosts, failures, savepoints, stops, restarts) = (0, 0, 0, 0, 0, 0, 0);
        for (var seed = first + shard; seed <= last && !TestContext.Current.CancellationToken.IsCancellationRequested; seed += Shards)
        {
            var report = Check(seed);
            runs++;
            crashes += report.Crashes;
            ghosts += report.Ghosts;
            failures += report.Failures;
            savepoints += report.Savepoints;
            stops += report.Stops;
            restarts += report.Restarts;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{runs} seeds, {crashes} crashes, {ghosts} ghosts, {failures} failed attempts, {savepoints} savepoints, {stops} stops, {restarts} restarts");
        Assert.True(runs < 50 || (crashes > 0 && ghosts > 0 && failures > 0 && savepoints > 0 && stops > 0 && restarts > 0), "nothing was simulated but fair weather");
    }

    [Fact]
    public void The_same_seed_replays_the_same_run()
    {
        for (var seed = 1; seed <= 20; seed++)
        {
            Assert.Equal(Check(seed), Check(seed));
        }
    }

    private static SimulationReport Check(int seed)
    {
        var topology = new RandomTopology(seed);
        var job = new RandomJob(topology, seed);
        try
        {
            var report = JobSimulation.Run(seed, job.Build);
            Compare(SequentialModel.Run(topology), job.Committed);
            return report;
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"Seed {seed} failed; replay it with DP_SIMULATION_SEEDS={seed}. {topology}. {e.Message}", e);
        }
    }

    private static void Compare(List<Outcome> expected, List<Outcome> committed)
    {
        if (!expected.SequenceEqual(committed))
        {
            var missing = expected.Except(committed).Take(20);
            var extra = committed.Except(expected).Take(20);
            Assert.Fail($"{expected.Count} outcomes were expected, {committed.Count} committed. Missing: {string.Join("; ", missing)}. Extra: {string.Join("; ", extra)}");
        }
    }

    private static (int First, int Last) Seeds()
    {
        if (Environment.GetEnvironmentVariable("DP_SIMULATION_SEEDS") is { Length: > 0 } seeds)
        {
            var parts = seeds.Split('-');
            return (int.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[^1], CultureInfo.InvariantCulture));
        }

        var count = Environment.GetEnvironmentVariable("DP_SIMULATION_COUNT") is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : CountDefault;
        return (1, count);
    }
}
