using System.Globalization;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.ResourceScheduler;
using DataPlatform.Samples.FlightDelays.Display;
using DataPlatform.Samples.FlightDelays.Proof;
using DataPlatform.Web.Charts;
using DataPlatform.Web.Pages;

namespace DataPlatform.Samples.FlightDelays.Reports;

/// <summary>Tells how a run ended: the worst hours, the gate's findings, the totals, the proof, and the completed report.</summary>
public sealed class RunEnding(IProgressDisplay display, IOrchestratorStore store, ResourceManager manager, ReportWriter report, IReadOnlyList<RunSample> samples, DateTimeOffset startedAt, TimeSpan elapsed)
{
    private const int RunsShown = 12;

    /// <summary>Tells it.</summary>
    /// <param name="martRun">The run that answered to the final versions.</param>
    /// <param name="proof">What the proof found.</param>
    /// <param name="cancellationToken">Stops the report; the old one stays.</param>
    /// <returns>Whether the gate held.</returns>
    public async Task<bool> TellAsync(DagRun martRun, ProofResult proof, CancellationToken cancellationToken)
    {
        var instances = await store.ListTaskInstancesAsync(martRun.Id, cancellationToken);
        TellVerdicts();
        TellWorst();
        display.Say(string.Empty);
        display.Say($"dag {martRun.DagId} #{martRun.Id}: {string.Join(", ", instances.Select(instance => $"{instance.TaskId} {Words(instance.State)}"))}");
        var tasks = await GanttAsync(cancellationToken);
        if (await report.CompleteAsync(samples, tasks, QueueRows(), proof, elapsed, cancellationToken))
        {
            display.Say($"report: {report.Path}");
        }

        display.Say(Totals(proof));
        display.Say(proof.Proved ? "PROVED" : $"DIFFERS: {proof.FirstDifference}");
        if (martRun.State != DagRunState.Success)
        {
            var gate = instances.FirstOrDefault(instance => instance.State == TaskState.Failed);
            display.Say($"GATE FAILED: {gate?.Note ?? martRun.Note}");
        }

        return martRun.State == DagRunState.Success;
    }

    private void TellVerdicts()
    {
        if (report.Verdicts is not { } result)
        {
            return;
        }

        display.Say($"quality of {result.Version}: {result.Verdicts.Count} rules in {result.Queries.Total} queries");
        foreach (var verdict in result.Verdicts.Where(verdict => verdict.Outcome != Quality.Outcome.Pass))
        {
            display.Say($"  {verdict.Severity.ToString().ToLowerInvariant(),-9}{verdict.Outcome.ToString().ToLowerInvariant(),-6}{verdict.Rule}: {verdict.Message}");
            if (verdict.Sample is { Rows.Count: > 0 } sample)
            {
                display.Say($"           for example {string.Join(", ", sample.Columns.Zip(sample.Rows[0]).Select(cell => $"{cell.First}={cell.Second ?? "NULL"}"))}");
            }
        }
    }

    private void TellWorst()
    {
        display.Say("the ten worst airport-hours");
        foreach (var hour in report.Worst)
        {
            display.Say(string.Create(
                CultureInfo.InvariantCulture,
                $"  {hour.Airport,-4} {hour.City,-18} {hour.HourUtc:MM-dd HH:mm}  {hour.Flights,4} arrivals  mean {hour.MeanMinutes,4:N0}  p95 {hour.P95Minutes,4}  max {hour.MaxMinutes,4} min"));
        }
    }

    private async Task<List<GanttBar>> GanttAsync(CancellationToken cancellationToken)
    {
        List<GanttBar> bars = [];
        var runs = await store.ListRunsAsync(new RunQuery { Limit = RunsShown }, cancellationToken);
        foreach (var run in runs.Where(run => run.StartedAt >= startedAt).OrderBy(run => run.Id))
        {
            foreach (var task in await store.ListTaskInstancesAsync(run.Id, cancellationToken))
            {
                if (task is { StartedAt: { } start, EndedAt: { } end })
                {
                    var tone = task.State switch { TaskState.Success => ChartTone.Good, TaskState.Failed => ChartTone.Bad, _ => ChartTone.Wait };
                    bars.Add(new GanttBar($"{run.DagId} #{run.Id} {task.TaskId}", Seconds(task.ReadyAt ?? start), Seconds(start), Seconds(end), tone, $"{Words(task.State)}, try {task.Try}"));
                }
            }
        }

        return bars;
    }

    private List<IReadOnlyList<GridCell>> QueueRows()
        => [.. manager.Snapshot().Queues.Where(queue => queue.Waits.Count > 0).Select(queue => (IReadOnlyList<GridCell>)
            [queue.Path, queue.Waits.Count.ToString("N0", CultureInfo.InvariantCulture), Milliseconds(queue.Waits.Mean), Milliseconds(queue.Waits.Max)])];

    private string Totals(ProofResult proof)
    {
        var streamed = samples is [.., var last] ? last.StreamedTotal - samples[0].StreamedTotal : 0;
        var streaming = samples.Where(sample => sample.StreamedTotal < (samples is [.., var end] ? end.StreamedTotal : 0)).Select(sample => sample.ElapsedSeconds).ToList();
        var seconds = streaming.Count > 1 ? streaming[^1] - streaming[0] : 0;
        var rate = seconds > 0 ? string.Create(CultureInfo.InvariantCulture, $"{streamed / seconds:N0} events/s while streaming, ") : string.Empty;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"input {proof.InputRows:N0} = lake {proof.RawRows:N0}; {proof.WindowedRows:N0} in {proof.Windows:N0} windows + {proof.LateRows:N0} late; {rate}{elapsed.TotalSeconds:0.0} s end to end");
    }

    private double Seconds(DateTimeOffset instant) => (instant - startedAt).TotalSeconds;

    private static string Milliseconds(TimeSpan span) => span.TotalMilliseconds.ToString("N0", CultureInfo.InvariantCulture) + " ms";

    /// <summary>A state as the orchestrator's users know it: <c>upstream_failed</c>.</summary>
    private static string Words(TaskState state) => string.Concat(state.ToString().Select((c, i) => char.IsUpper(c) && i > 0 ? $"_{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));
}
