using System.Globalization;

namespace DataPlatform.Simulation.ResourceScheduler;

/// <summary>Random histories of node losses, leader crashes between any two steps, two leaders, lost, late and repeated reports.
/// <c>DP_SEEDS</c> sets how many, <c>DP_SEED</c> replays one.</summary>
public sealed class FaultTests
{
    [Fact]
    public async Task Nothing_runs_twice_nothing_is_lost_and_nothing_leaks()
    {
        var seeds = Environment.GetEnvironmentVariable("DP_SEED") is { Length: > 0 } one
            ? [int.Parse(one, CultureInfo.InvariantCulture)]
            : Enumerable.Range(1, int.Parse(Environment.GetEnvironmentVariable("DP_SEEDS") ?? "1000",
                CultureInfo.InvariantCulture)).ToArray();
        var counts = new SimulationCounts();
        foreach (var seed in seeds)
        {
            await using var cluster = new SimulatedCluster(seed);
            try
            {
                await cluster.RunAsync();
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"Seed {seed} failed (replay it with DP_SEED={seed}): {error.Message}", error);
            }

            counts.Add(cluster.Counts);
        }

        Console.WriteLine($"cluster fault simulation: {seeds.Length} seeds passed, 0 failed: {counts}");
        if (seeds.Length >= 100)
        {
            Assert.True(counts is { Crashes: > 100, Saves: > 100, RefusedByAgents: > 0, RefusedByStore: > 10 }, counts.ToString());
        }
    }
}
