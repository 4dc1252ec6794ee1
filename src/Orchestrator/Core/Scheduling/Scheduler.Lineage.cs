using System.Collections.Concurrent;
using DataPlatform.Kernel;
using DataPlatform.Kernel.Feeds;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>
/// What tries read and wrote, told once the step that says so is written: a try that lost its right to the task tells nothing more. Tasks that
/// touch no dataset tell nothing at all.
/// </summary>
internal sealed partial class Scheduler
{
    /// <summary>Of datasets that DAGs name, so it does not grow with what tasks tell.</summary>
    private readonly ConcurrentDictionary<DatasetId, DateTimeOffset> _updatedAt = [];

    /// <summary>Where lineage is told; null for nowhere. Before the loop runs.</summary>
    public IDatasetFeed? Feed { get; set; }

    /// <summary>When a dataset that DAGs name was last seen to be updated; null for never. From any thread.</summary>
    public DateTimeOffset? UpdatedAt(DatasetId dataset) => _updatedAt.TryGetValue(dataset, out var at) ? at : null;

    private void TellStart(LiveRun run, LiveTask task)
    {
        if (Feed is not null && HasDatasets(task.Definition))
        {
            Tell(run, task, LineageEventKind.Start, InputsOf(run, task.Definition), OutletsOf(task.Definition));
        }
    }

    /// <summary>The end of a try as its executor told it, and not as anybody decided since.</summary>
    private void TellEnd(LiveRun run, LiveTask task, TaskOutcome outcome)
    {
        if (outcome.Kind == TaskOutcomeKind.Success)
        {
            Update(Joined(OutletsOf(task.Definition), outcome.Lineage.Outputs));
            foreach (var dataset in task.Definition.Outlets)
            {
                _updatedAt[dataset] = _now;
            }
        }

        if (Feed is null || outcome.Kind == TaskOutcomeKind.Rescheduled || (outcome.Lineage.IsEmpty && !HasDatasets(task.Definition)))
        {
            return;
        }

        // A task that skipped itself has not written what it declares, but perhaps something.
        var isSkip = outcome.Kind == TaskOutcomeKind.Skipped;
        var inputs = Joined(InputsOf(run, task.Definition), outcome.Lineage.Inputs);
        var outputs = isSkip ? outcome.Lineage.Outputs : Joined(OutletsOf(task.Definition), outcome.Lineage.Outputs);
        foreach (var step in outcome.Lineage.Steps)
        {
            // A bare statement names its tables, and what the task declares says which datasets they are.
            var isBare = step.Inputs.Count + step.Outputs.Count == 0;
            Tell(run, task, LineageEventKind.Running, isBare ? inputs : step.Inputs, isBare ? outputs : step.Outputs, step);
        }

        var isEnd = isSkip || outcome.Kind == TaskOutcomeKind.Success;
        Tell(run, task, isEnd ? LineageEventKind.Complete : LineageEventKind.Fail, inputs, outputs);
    }

    /// <summary>A try that was stopped from outside, or whose process is gone.</summary>
    private void TellLost(LiveRun run, LiveTask task)
    {
        if (Feed is not null && task.StartedAt is not null && HasDatasets(task.Definition))
        {
            Tell(run, task, LineageEventKind.Fail, InputsOf(run, task.Definition), OutletsOf(task.Definition));
        }
    }

    private void Tell(
        LiveRun run, LiveTask task, LineageEventKind kind, IReadOnlyList<LineageDataset> inputs, IReadOnlyList<LineageDataset> outputs,
        LineageStep? step = null)
    {
        var id = task.Definition.Id;
        var said = new LineageEvent(
            TaskJob.Name(run.Record.DagId, id), TaskJob.RunId(run.Record.DagId, task.Key, id, task.Try),
            (kind == LineageEventKind.Start ? task.StartedAt : task.EndedAt) ?? _now, kind, inputs, outputs, step?.Sql, step?.Columns);
        _effects.Add(() => Feed!.Publish(said));
    }

    /// <summary>
    /// What a task wrote is in the step that writes its success, and starts DAGs of this scheduler in it: neither is there without the other. Owners
    /// of other DAGs find it in the store. A version that the feed tells too is the same version here, and starts nothing twice.
    /// </summary>
    private void Update(IReadOnlyList<LineageDataset> written)
    {
        foreach (var dataset in written)
        {
            var version = new DatasetVersion(dataset.Dataset, dataset.Version ?? DatasetUpdate.VersionOf(_now));
            Batch.Updates.Add(new StoredUpdate(version, _now));
            SeeAll(version);
            if (dataset.Version is not null && Feed is { } feed)
            {
                _effects.Add(() => feed.Publish(version));
            }
        }
    }

    /// <summary>Outside the loop: what was written without a version has the newest one that is known of it, if it has any.</summary>
    private async ValueTask<TaskOutcome> WithVersionsAsync(DagTask task, TaskOutcome outcome, CancellationToken cancellationToken)
    {
        if (outcome.Kind != TaskOutcomeKind.Success || task.Outlets.Count + outcome.Lineage.Outputs.Count == 0)
        {
            return outcome;
        }

        var written = new List<LineageDataset>();
        foreach (var dataset in Joined(OutletsOf(task), outcome.Lineage.Outputs))
        {
            written.Add(dataset.Version is null
                ? dataset with { Version = await NewestAsync(dataset.Dataset, cancellationToken).ConfigureAwait(false) }
                : dataset);
        }

        return outcome with { Lineage = outcome.Lineage with { Outputs = written } };
    }

    private async ValueTask<long?> NewestAsync(DatasetId dataset, CancellationToken cancellationToken)
    {
        if (_options.LatestVersion is { } latest)
        {
            try
            {
                return (await latest(dataset, cancellationToken).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false))?.Version;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // The try was stopped; its end does not count.
            }
#pragma warning disable CA1031 // Outside code that only says more of what is done: that it cannot is logged, and the update counts by its instant.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                LogNoVersion(dataset.Name, exception);
            }
        }

        return Feed?.LatestData(dataset)?.Version;
    }

    private static bool HasDatasets(DagTask task) => task.Inlets.Count + task.Outlets.Count > 0;

    /// <summary>The inlets, at the version that the run was started for where there is one.</summary>
    private static LineageDataset[] InputsOf(LiveRun run, DagTask task)
    {
        var changes = run.Record.Changes;
        return
        [
            .. task.Inlets.Select(dataset => new LineageDataset(
                dataset, changes.Where(change => change.Dataset == dataset && !DatasetUpdate.Is(change.Version)).Select(change => (long?)change.Version)
                    .FirstOrDefault())),
        ];
    }

    private static LineageDataset[] OutletsOf(DagTask task) => [.. task.Outlets.Select(dataset => new LineageDataset(dataset))];

    /// <summary>Declared and told, each dataset once: what was told knows more.</summary>
    private static LineageDataset[] Joined(LineageDataset[] declared, IReadOnlyList<LineageDataset> told) => told.Count == 0
        ? declared
        : [.. declared.Where(dataset => !told.Any(known => known.Dataset == dataset.Dataset)), .. told.Select(known => known with
        {
            Version = known.Version ?? declared.FirstOrDefault(dataset => dataset.Dataset == known.Dataset).Version,
        })];

    [LoggerMessage(EventId = 3090, Level = LogLevel.Warning, Message = "The newest version of {Dataset} could not be asked for")]
    private partial void LogNoVersion(string dataset, Exception exception);
}
