using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Metadata;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>Removes what has been kept long enough, in small batches with the loop's work in between.</summary>
internal sealed partial class Retention(IOrchestratorStore store, OrchestratorOptions options, TimeProvider time, ILogger logger)
{
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
            var runs = await SweepRunsAsync(cancellationToken).ConfigureAwait(false);
            var records = await SweepRecordsAsync(cancellationToken).ConfigureAwait(false);
            if (runs + records > 0)
            {
                LogRemoved(runs, records);
            }
        }
        catch (DataPlatformException exception)
        {
            LogFailed(exception);
        }
    }

    private async Task<int> SweepRunsAsync(CancellationToken cancellationToken)
    {
        var removed = 0;
        while (true)
        {
            var expired = await store.Retention.ListExpiredRunsAsync(
                time.GetUtcNow() - _retention.Runs, Math.Max(1, _retention.RunsKept), _retention.BatchSize, cancellationToken).ConfigureAwait(false);
            if (expired.Count == 0)
            {
                return removed;
            }

            // Logs go first: after a crash in between the run is still there to tell of those that are left.
            foreach (var run in expired.Where(_ => options.Logs is not null))
            {
                await options.Logs!.RemoveAsync(run.DagId, run.RunId, cancellationToken).ConfigureAwait(false);
            }

            var gone = await store.Retention.RemoveRunsAsync([.. expired.Select(run => run.RunId)], cancellationToken).ConfigureAwait(false);
            foreach (var run in expired.Where(_ => options.LargeXComs is not null))
            {
                await options.LargeXComs!.RemoveAsync(run.RunId, cancellationToken).ConfigureAwait(false);
            }

            removed += gone;
            if (gone == 0)
            {
                return removed;
            }
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
}
