namespace DataPlatform.Simulation.ResourceScheduler;

/// <summary>Random histories of node losses, leader crashes between any two steps, lost and repeated reports. <c>DP_SEEDS</c> sets how
/// many, <c>DP_SEED</c> replays one.</summary>
public sealed class FaultTests
{
    [Fact]
    public void Nothing_runs_twice_nothing_is_lost_and_nothing_leaks()
    {
        var seeds = Environment.GetEnvironmentVariable("DP_SEED") is { Length: > 0 } one
            ? [int.Parse(one, System.Globalization.CultureInfo.InvariantCulture)]
            : Enumerable.Range(1, int.Parse(Environment.GetEnvironmentVariable("DP_SEEDS") ?? "1000",
                System.Globalization.CultureInfo.InvariantCulture));
        var passed = 0;
        foreach (var seed in seeds)
        {
            try
            {
                new SimulatedCluster(seed).Run();
                passed++;
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"Seed {seed} failed (replay it with DP_SEED={seed}): {error.Message}", error);
            }
        }

        Console.WriteLine($"cluster fault simulation: {passed} seeds passed, 0 failed");
    }
}
