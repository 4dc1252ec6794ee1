using System.Globalization;
using DataPlatform.Lakehouse;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.ResourceScheduler;
using DataPlatform.Samples.FlightDelays.Api;
using DataPlatform.Samples.FlightDelays.Display;
using DataPlatform.Samples.FlightDelays.Pipeline;
using DataPlatform.Streaming;

namespace DataPlatform.Samples.FlightDelays.Reports;

/// <summary>Watches a run: samples it a few times a second, for the display and for the report.</summary>
public sealed class RunMonitor : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private readonly IProgressDisplay _display;
    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly RunParts _parts;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;
    private readonly List<RunSample> _samples = [];

    /// <summary>Begins to watch.</summary>
    public RunMonitor(IProgressDisplay display, TimeProvider time, long started, RunParts parts)
    {
        (_display, _time, _started, _parts) = (display, time, started, parts);
        _watching = WatchAsync();
    }

    /// <summary>What was seen; complete after <see cref="StopAsync"/>.</summary>
    public IReadOnlyList<RunSample> Samples => _samples;

    /// <summary>Stops watching.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _watching;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(Interval, _time);
        try
        {
            do
            {
                var sample = Take();
                var runs = await _parts.Store.ListRunsAsync(new RunQuery { Limit = 3 }, _stop.Token);
                _display.Show(_time.GetElapsedTime(_started), Describe(sample, _samples.Count > 5 ? _samples[^5] : default, runs));
                _samples.Add(sample);
            }
            while (await timer.WaitForNextTickAsync(_stop.Token));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Asked to stop: what was sampled stays.
        }
    }

    private RunSample Take()
    {
        var now = _parts.Stream.Snapshot();
        var windows = now.Total(ArrivalsJob.WindowOperator);
        return new RunSample(
            _time.GetElapsedTime(_started).TotalSeconds, _parts.Service.Recorded, now.Total(ArrivalsJob.SourceOperator).RecordsIn,
            windows.WatermarkMs is > 0 and < long.MaxValue ? windows.WatermarkMs : null, _parts.Service.NewestScheduledMs, windows.LateRecords, now.LastCheckpoint?.Id ?? now.RestoredCheckpointId ?? 0);
    }

    private List<StageProgress> Describe(RunSample now, RunSample before, IReadOnlyList<DagRun> runs)
    {
        var seconds = Math.Max(0.001, now.ElapsedSeconds - before.ElapsedSeconds);
        var cluster = _parts.Manager.Snapshot();
        return
        [
            new("service", Rate((now.RecordedTotal - before.RecordedTotal) / seconds), $"{Count(now.RecordedTotal)} recorded", Instant("newest event", now.EventTimeMs)),
            new("stream", Rate((now.StreamedTotal - before.StreamedTotal) / seconds), Instant("watermark", now.WatermarkMs), $"{Count(now.LateTotal)} late, checkpoint {now.CheckpointId}"),
            .. _parts.Tables.All.Select(table => new StageProgress(
                "lake", string.Empty, $"{table.Options.Dataset}@{table.Snapshot.Version}", $"{Count(table.Snapshot.RowCount ?? 0)} rows in {Count(table.Snapshot.Files.Count)} files")),
            .. runs.Select(run => new StageProgress("dag", string.Empty, $"{run.DagId} #{run.Id}", run.State.ToString().ToLowerInvariant())),
            .. cluster.Queues.Where(queue => queue.Running + queue.Pending > 0 && queue.Path != "root" && queue.Path != "root.flights")
                .Select(queue => new StageProgress("queue", string.Empty, queue.Path, $"{queue.Running} running, {queue.Pending} waiting")),
        ];
    }

    private static string Rate(double perSecond) => perSecond.ToString("N0", CultureInfo.InvariantCulture) + "/s";

    private static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Instant(string name, long? milliseconds) => milliseconds is { } known
        ? $"{name} {DateTimeOffset.FromUnixTimeMilliseconds(known).ToString("MM-dd HH:mm", CultureInfo.InvariantCulture)}"
        : $"{name} -";
}

/// <summary>What a <see cref="RunMonitor"/> looks at.</summary>
public sealed record RunParts(ArrivalsService Service, StreamJobExecution Stream, LakeTables Tables, ResourceManager Manager, IOrchestratorStore Store);
