using System.CommandLine;
using DataPlatform.ResourceScheduler.Diagnostics;
using DataPlatform.ResourceScheduler.Simulation;

namespace DataPlatform.Tools.Cli.Cluster;

/// <summary><c>dp cluster explain</c>: why what waits at one moment of a replay still waits.</summary>
internal static class ExplainCommand
{
    public static Command Create()
    {
        var trace = new TraceOptions();
        var at = new Option<double>("--at") { Description = "The moment, in virtual seconds from the start.", Required = true };
        var limit = new Option<int>("--limit") { Description = "How many requests, longest waiting first.", DefaultValueFactory = _ => 20 };
        var command = new Command("explain", "Replays a workload to one moment and says why what waits then still waits.") { at, limit };
        trace.AddTo(command);
        return command.Runs((parsed, output, cancellationToken) =>
        {
            var workload = trace.Trace(parsed);
            var configuration = ClusterCommands.ReadConfig(parsed, output);
            using var progress = new ProgressLine(output.Json, cancellationToken);
            var report = ClusterSimulation.Run(workload, ClusterCommands.Queues(configuration, workload),
                trace.Simulation(parsed, configuration) with { StopAtMs = Math.Max(1, (long)(1000 * parsed.GetValue(at))) }, null,
                    progress);
            Show([.. report.Explanations.OrderByDescending(item => item.WaitedMs).ThenBy(item => item.AskId).Take(parsed.GetValue(limit))],
                report, output);
            return Task.CompletedTask;
        });
    }

    private static void Show(PendingExplanation[] explanations, SimulationReport report, CommandOutput output)
    {
        output.Rows(["application", "queue", "pending", "waited s", "asks for", "limit", "nodes", "smallest change", "may start in s"],
            explanations.Select(item => (IReadOnlyList<object?>)
            [
                item.Application, item.Queue, (long)item.Pending, $"{item.WaitedMs / 1000.0:N1}", item.Resources.ToString(), item.Limit
                    ?? "none",
                string.Join("; ", item.NodesRejected.Select(reason => $"{reason.Value} x {reason.Key}")), item.SmallestChange,
                item.EstimatedStartMs is { } start ? $"{(start - report.EndMs) / 1000.0:N1}" : "not known",
            ]));
        output.Note(explanations.Length == 0 ? "Nothing waits at that moment."
            : $"{report.Explanations.Count} requests wait at {TimeSpan.FromMilliseconds(report.EndMs):d\\.hh\\:mm\\:ss}; {report.Finished} of {report.Jobs} jobs are done.");
    }
}
