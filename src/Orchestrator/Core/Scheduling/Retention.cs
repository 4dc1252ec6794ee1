using DataPlatform.Orchestrator.Metadata;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>Removes what has been kept long enough, in small batches with the loop's work in between.</summary>
internal sealed partial class Retention(IOrchestratorStore store, OrchestratorOptions options, TimeProvider time, ILogger logger)
{
    /// <summary>Rows of a kind removed in one transaction, for each run of a batch.</summary>
    private const int RowsByRun = 20;

    private readonly RetentionOptions _retention = options.Retention!;
    private readonly ILogger _logger = logger;

    /// <summary>Works until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await TrySweepAsync(cancellationToken).ConfigureAwait(false);
                await Task.Delay(_retention.Every, time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The engine stops.
        }
    }

    private async Task TrySweepAsync(CancellationToken cancellationToken)
    {
        try
        {
            // First what a process left that died while it removed.
            await SweepRestsAsync(cancellationToken).ConfigureAwait(false);
            var runs = await SweepRunsAsync(cancellationToken).ConfigureAwait(false);
            var records = await SweepRecordsAsync(cancellationToken).ConfigureAwait(false);
            if (runs + records > 0)
            {
                LogRemoved(runs, records);
            }
        }
#pragma warning disable CA1031 // A store that does not answer, of any kind: retention goes on with its next sweep, and nothing waits for it.
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogFailed(exception);
        }
    }

    private async Task<int> SweepRunsAsync(CancellationToken cancellationToken)
    {
        for (var removed = 0; ;)
        {
            var expired = await store.Retention.ListExpiredRunsAsync(
                time.GetUtcNow() - _retention.Runs, Math.Max(1, _retention.RunsKept), _retention.BatchSize, cancellationToken).ConfigureAwait(false);
            var gone = expired.Count == 0
                ? 0
                : await store.Retention.RemoveRunsAsync([.. expired.Select(run => run.RunId)], cancellationToken).ConfigureAwait(false);
            removed += gone;
            if (gone == 0)
            {
                return removed;
            }

            await SweepRestsAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>What is left of removed runs: rows, logs and large values. Only when all of it is gone is a run forgotten.</summary>
    private async Task SweepRestsAsync(CancellationToken cancellationToken)
    {
        for (var after = 0L; ;)
        {
            var removed = await store.Retention.ListRemovedRunsAsync(after, _retention.BatchSize, cancellationToken).ConfigureAwait(false);
            if (removed.Count == 0)
            {
                return;
            }

            after = removed[^1].RunId;
            List<long> ids = [.. removed.Select(run => run.RunId)];
            while (await store.Retention.RemoveRestsAsync(ids, _retention.BatchSize * RowsByRun, cancellationToken).ConfigureAwait(false) > 0)
            {
                // In small transactions, so that the scheduler's own writes come in between.
            }

            foreach (var run in removed)
            {
                if (!await TryRemoveObjectsAsync(run, cancellationToken).ConfigureAwait(false))
                {
                    ids.Remove(run.RunId);
                }
            }

            await store.Retention.ForgetRemovedRunsAsync(ids, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<bool> TryRemoveObjectsAsync(ExpiredRun run, CancellationToken cancellationToken)
    {
        try
        {
            if (options.Logs is { } logs)
            {
                await logs.RemoveAsync(run.DagId, run.RunId, cancellationToken).ConfigureAwait(false);
            }

            if (options.LargeXComs is { } values)
            {
                await values.RemoveAsync(run.RunId, cancellationToken).ConfigureAwait(false);
            }

            return true;
        }
#pragma warning disable CA1031 // An object store of any kind: the run stays noted, and others do not wait for it.
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogLeft(run.RunId, run.DagId, exception);
            return false;
        }
    }

    private async Task<int> SweepRecordsAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var cut = new RetentionCut(now - _retention.Runs, now - _retention.Commands, now - _retention.Audit);
        for (var removed = 0; ;)
        {
            var gone = await store.Retention.RemoveRecordsAsync(cut, _retention.BatchSize * 100, cancellationToken).ConfigureAwait(false);
            removed += gone;
            if (gone == 0)
            {
                return removed;
            }
        }
    }

    [LoggerMessage(EventId = 3130, Level = LogLevel.Information, Message = "Retention removed {Runs} runs and {Records} other records")]
    private partial void LogRemoved(int runs, int records);

    [LoggerMessage(EventId = 3131, Level = LogLevel.Warning, Message = "Retention could not remove everything; it goes on later")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(EventId = 3132, Level = LogLevel.Warning, Message = "Logs or large values of run {RunId} of DAG {DagId} could not be removed; that is tried again later")]
    private partial void LogLeft(long runId, string dagId, Exception exception);
}
