using System.CommandLine;
using DataPlatform.ResourceScheduler.Simulation;

namespace DataPlatform.Tools.Cli.Cluster;

/// <summary><c>dp cluster simulate</c>: replays a workload under a virtual clock through the real scheduler.</summary>
internal static class SimulateCommand
{
    private const int QueuesShown = 20;

    public static Command Create()
    {
        var trace = new TraceOptions();
        var html = new Option<string?>("--html") { Description = "Write a report with charts to this file." };
        var log = new Option<string?>("--log") { Description = "Write every event and decision to this file; the same seed gives the same bytes." };
        var command = new Command("simulate", "Replays a workload under a virtual clock: waits, slowdowns, utilisation, fairness.") { html,
            log };
        trace.AddTo(command);
        return command.Runs(async (parsed, output, cancellationToken) =>
        {
            var workload = trace.Trace(parsed);
            var configuration = ClusterCommands.ReadConfig(parsed, output);
            await using var writer = parsed.GetValue(log) is { } path ? new StreamWriter(path) : null;
            var report = Run(workload, parsed, trace, configuration, writer, output, cancellationToken);
            if (parsed.GetValue(html) is { } page)
            {
                await File.WriteAllTextAsync(page, report.ToHtml(Path.GetFileName(trace.TracePath(parsed))), cancellationToken);
                output.Note($"The report is in {page}.");
            }

            Show(report, output);
            return report.Finished == report.Jobs ? CommandRun.ExitDone : CommandRun.ExitFailed;
        });
    }

    private static SimulationReport Run(ClusterTrace workload, ParseResult parsed, TraceOptions trace,
        ResourceScheduler.Configuration.SchedulerConfiguration? configuration, StreamWriter? log, CommandOutput output,
            CancellationToken cancellationToken)
    {
        using var progress = new ProgressLine(output.Json, cancellationToken);
        return ClusterSimulation.Run(workload, ClusterCommands.Queues(configuration, workload), trace.Simulation(parsed, configuration),
            log, progress);
    }

    private static void Show(SimulationReport report, CommandOutput output)
    {
        if (output.Json)
        {
            Console.Out.WriteLine(report.ToJson());
            return;
        }

        output.Properties(
        [
            ("jobs finished", $"{report.Finished:N0} of {report.Jobs:N0}"), ("requests refused", (long)report.Refused),
            ("containers placed", (long)report.Placed), ("nodes", (long)report.Nodes),
            ("virtual time", TimeSpan.FromMilliseconds(report.EndMs).ToString(@"d\.hh\:mm\:ss", null)), ("utilisation",
                $"{report.Utilisation:P1}"),
            ("wait p50 / p95 / max, s", $"{report.WaitSeconds.P50:N1} / {report.WaitSeconds.P95:N1} / {report.WaitSeconds.Max:N1}"),
            ("slowdown p50 / p95 / max", $"{report.Slowdown.P50:N2} / {report.Slowdown.P95:N2} / {report.Slowdown.Max:N2}"),
            ("preempted", (long)report.Preempted), ("still waiting", (long)report.PendingAtEnd), ("events", report.Events),
        ]);
        output.Rows(["queue", "containers", "mean wait s", "max wait s", "used, share x h", "short of its share, share x h"],
            report.Queues.OrderByDescending(queue => queue.DeficitShareSeconds).ThenBy(queue
                => queue.Path, StringComparer.Ordinal).Take(QueuesShown)
                .Select(queue => (IReadOnlyList<object?>)[queue.Path, queue.Waits.Count, $"{queue.Waits.Mean.TotalSeconds:N1}",
                    $"{queue.Waits.Max.TotalSeconds:N1}", $"{queue.UsedShareSeconds / 3600:N3}",
                        $"{queue.DeficitShareSeconds / 3600:N3}"]));
        if (report.Queues.Count > QueuesShown)
        {
            output.Note($"{report.Queues.Count - QueuesShown} more queues; --json has all.");
        }

        if (report.Scaling is { } scaling)
        {
            output.Rows(["group", "purchase", "started", "taken away", "node hours", "cost"], scaling.Costs.Select(cost
                => (IReadOnlyList<object?>)
                [cost.Group, cost.Purchase.ToString(), (long)cost.Started, (long)cost.Interruptions, $"{cost.Hours:N1}",
                    $"{cost.Cost:N2}"]));
            output.Note($"cost {scaling.Cost:N2}; the same hours on demand: {scaling.OnDemandCost:N2}; at most {scaling.NodesMax} nodes at once.");
        }
    }
}
