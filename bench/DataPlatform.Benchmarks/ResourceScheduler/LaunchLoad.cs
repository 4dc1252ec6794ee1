using System.Diagnostics;
using DataPlatform.ResourceScheduler;
using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Processes;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlatform.Benchmarks.ResourceScheduler;

/// <summary>Real containers of this machine, each with its limits, its folder and its own supervisor, from ask to end.</summary>
internal static class LaunchLoad
{
    /// <summary>Slurm 22.05 from Debian with real launches, measured once on a machine of this kind; a constant, not measured
    /// beside.</summary>
    private const double SlurmPerSecond = 59;

    public static async Task MeasureAsync(BenchmarkReport report, string folder, int containers, CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var bare = await BareAsync(containers, cancellationToken);
        foreach (var isolation in Enum.GetValues<ContainerIsolation>())
        {
            double rate;
            try
            {
                rate = await RateAsync(Path.Combine(folder, isolation.ToString()), isolation, containers, cancellationToken);
            }
            catch (SchedulerException error)
            {
                await Console.Error.WriteLineAsync($"SKIPPED: {error.Message}");
                continue;
            }

            report.Add(new Figure("cluster", $"real containers by {isolation}", rate, "1/s", "target", 200));
            report.Add(new Figure("cluster", $"real containers by {isolation}, beside Process.Start of /bin/true", rate, "1/s", "bare",
                bare));
            report.Add(new Figure("cluster", $"real containers by {isolation}, beside Slurm 22.05 (a constant)", rate, "1/s", "Slurm",
                SlurmPerSecond));
        }
    }

    private static async Task<double> RateAsync(string folder, ContainerIsolation isolation, int containers,
        CancellationToken cancellationToken)
    {
        await using var manager = new ResourceManager(QueueTree.Define().Queue("root.a").Build(), new InProcessContainerDriver(),
            TimeProvider.System, NullLoggerFactory.Instance);
        await using var agent = await NodeAgent.StartAsync(() => manager,
            new NodeAgentOptions("here", folder) { Isolation = isolation, Capacity = new ResourceVector(48_000, 48_000) },
                NullLoggerFactory.Instance);
        while (manager.Snapshot().Nodes.Count == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, cancellationToken);
        }

        var started = Stopwatch.GetTimestamp();
        var id = await manager.SubmitAsync(new ApplicationSubmission(
            new ApplicationSpecification("launches", "root.a", "bench") { EndsWithAsks = true },
            [new ContainerAsk(new ResourceVector(1_000, 256), containers) { Work = new ContainerWork.Command("/bin/true", []) }]),
                cancellationToken);
        var finished = await manager.WaitForApplicationAsync(id, cancellationToken);
        return finished.State == ApplicationState.Finished ? containers / Stopwatch.GetElapsedTime(started).TotalSeconds
            : throw new InvalidOperationException($"The containers did not all succeed: {finished.Reason}.");
    }

    private static async Task<double> BareAsync(int count, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            using var process = Process.Start(new ProcessStartInfo("/bin/true"))!;
            await process.WaitForExitAsync(cancellationToken);
        }

        return count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
