using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Metadata;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>
/// Brings updates of datasets that successes of tasks wrote from the store to the scheduler: those that other processes write, and for a DAG that was
/// taken up what was written before. Woken by signals, and looking by itself at least once a second.
/// </summary>
internal sealed partial class UpdatePump(IOrchestratorStore store, Scheduler scheduler, Pulse wake, TimeSpan lookEvery, ILogger logger)
{
    private readonly ISchedulerFleet _fleet = store.Fleet!;
    private readonly HashSet<string> _unlooked = new(StringComparer.Ordinal);
    private readonly ILogger _logger = logger;
    private Dictionary<DatasetId, long> _told = [];
    private long? _since;

    /// <summary>Works until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => wake.LookEachAsync(TryLookAsync, lookEvery, cancellationToken);

    private async Task TryLookAsync(CancellationToken cancellationToken)
    {
        try
        {
            await TellNewsAsync(cancellationToken).ConfigureAwait(false);
            await TellTakenUpAsync(cancellationToken).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever it was, the store, a term that ended or a row that cannot be read: what was not told is looked for again.
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogUnread(exception);
        }
    }

    /// <summary>First what is new: a DAG that is taken up after this look is among those that <see cref="TellTakenUpAsync"/> looks for, now or next
    /// time, so between the two nothing is missed.</summary>
    private async Task TellNewsAsync(CancellationToken cancellationToken)
    {
        var look = await _fleet.ListUpdatesAsync(_since, cancellationToken).ConfigureAwait(false);
        var news = look.Updates.Where(update => _told.GetValueOrDefault(update.Version.Dataset, -1) != update.Version.Version).ToList();
        if (news.Count > 0)
        {
            await scheduler.AskAsync(() => scheduler.SeeStored(news, null), cancellationToken).ConfigureAwait(false);
        }

        // Only what may be given again is remembered.
        (_since, _told) = (look.Next, look.Updates.ToDictionary(update => update.Version.Dataset, update => update.Version.Version));
    }

    private async Task TellTakenUpAsync(CancellationToken cancellationToken)
    {
        _unlooked.UnionWith(scheduler.TakeUnlooked());
        var datasets = scheduler.DatasetsOf(_unlooked);
        if (datasets.Count > 0)
        {
            var updates = await store.ListUpdatesAsync(datasets, cancellationToken).ConfigureAwait(false);
            await scheduler.AskAsync(() => scheduler.SeeStored(updates, _unlooked), cancellationToken).ConfigureAwait(false);
        }

        _unlooked.Clear();
    }

    [LoggerMessage(EventId = 3072, Level = LogLevel.Warning, Message = "Updates of datasets could not be looked for; they are looked for again")]
    private partial void LogUnread(Exception exception);
}
