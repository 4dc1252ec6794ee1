using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Metadata;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>
/// Keeps a scheduler in its fleet: enters, renews, takes up DAGs, gives back those that others should have, and enters anew when its term was
/// lost. On the machine's clock, because it is about this process being alive.
/// </summary>
internal sealed partial class FleetMember
{
    /// <summary>How often a start is tried before the machine is too slow for its lease.</summary>
    private const int EntriesMax = 20;

    private readonly IOrchestratorStore _store;
    private readonly ISchedulerFleet _fleet;
    private readonly Scheduler _scheduler;
    private readonly IReadOnlyList<Dag> _dags;
    private readonly OrchestratorOptions _options;
    private readonly IReadOnlyDictionary<string, int> _pools;
    private readonly string _owner;
    private readonly ILogger _logger;
    private readonly Pulse _wake;
    private readonly HashSet<string> _toAdopt = new(StringComparer.Ordinal);
    private long _renewedAt;

    public FleetMember(
        IOrchestratorStore store, Scheduler scheduler, IReadOnlyList<Dag> dags, OrchestratorOptions options,
        IReadOnlyDictionary<string, int> pools, string owner, Pulse wake, ILogger logger)
    {
        _store = store;
        _fleet = store.Fleet!;
        _scheduler = scheduler;
        _dags = dags;
        _options = options;
        _pools = pools;
        _owner = owner;
        _wake = wake;
        _logger = logger;
        scheduler.TermEnded = wake.Beat;
    }

    /// <summary>Enters for the first time. The loop must run. A process that was held up for longer than a lease meanwhile enters again.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        for (var attempts = 1; ; attempts++)
        {
            try
            {
                await EnterAsync(cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (OrchestratorStoreException exception) when (exception.Kind == ErrorKind.Conflict && attempts < EntriesMax)
            {
                LogMissed(_scheduler.Term, exception);
                await _scheduler.ForgetAsync(_scheduler.Term, exception, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Enters with a new term and takes up a first share of the DAGs.</summary>
    private async Task EnterAsync(CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        var term = await _store.ClaimAsync(_owner, cancellationToken).ConfigureAwait(false);
        await _fleet.EnterAsync(term, _dags, _pools, cancellationToken).ConfigureAwait(false);
        _renewedAt = began;
        _toAdopt.Clear();
        await _scheduler.AskAsync(
            () =>
            {
                _scheduler.Begin(term);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        LogEntered(term);
        await BeatAsync(term, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Beats until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _wake.LookEachAsync(StepAsync, _fleet.BeatEvery, cancellationToken).ConfigureAwait(false);
        }
        catch (OrchestratorException) when (_scheduler.Fault is not null)
        {
            // The loop has failed, and said so.
        }
    }

    private async Task StepAsync(CancellationToken cancellationToken)
    {
        var term = _scheduler.Term;
        try
        {
            if (term == 0)
            {
                await EnterAsync(cancellationToken).ConfigureAwait(false);
                return;
            }

            await BeatAsync(term, cancellationToken).ConfigureAwait(false);
        }
        catch (OrchestratorStoreException exception)
        {
            LogMissed(term, exception);
            // Past two thirds of the lease another one may soon take over: what runs here must have stopped by then.
            var isLate = TimeProvider.System.GetElapsedTime(_renewedAt) > _fleet.Lease * 2 / 3;
            if (term != 0 && (exception.Kind != ErrorKind.Unavailable || isLate))
            {
                await _scheduler.ForgetAsync(term, exception, cancellationToken).ConfigureAwait(false);
            }
        }
#pragma warning disable CA1031 // A row that cannot be read, for example: without beats all DAGs of this scheduler would stand still, and nobody know why.
        catch (Exception exception) when (exception is not (OperationCanceledException or OrchestratorException))
#pragma warning restore CA1031
        {
            LogMissed(term, exception);
        }
    }

    private async Task BeatAsync(long term, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        var beat = await _fleet.BeatAsync(term, cancellationToken).ConfigureAwait(false);
        _renewedAt = began;
        if (_options.FollowsStoreClock)
        {
            _scheduler.SetClock(beat.Now);
        }

        var leaving = await _scheduler.HeedAsync(beat, cancellationToken).ConfigureAwait(false);
        if (leaving.Count > 0)
        {
            LogGivenBack(leaving.Count);
            await _fleet.GiveBackAsync(term, leaving, cancellationToken).ConfigureAwait(false);
        }

        // What could not be read the last time is still to be taken up.
        _toAdopt.UnionWith(beat.Taken);
        if (_toAdopt.Count > 0)
        {
            await _scheduler.AdoptAsync(term, [.. _toAdopt], cancellationToken).ConfigureAwait(false);
            _toAdopt.Clear();
        }
    }

    [LoggerMessage(EventId = 3060, Level = LogLevel.Information, Message = "This scheduler is in the fleet with term {Term}")]
    private partial void LogEntered(long term);

    [LoggerMessage(EventId = 3061, Level = LogLevel.Warning, Message = "The fleet did not answer to term {Term}")]
    private partial void LogMissed(long term, Exception exception);

    [LoggerMessage(EventId = 3062, Level = LogLevel.Information, Message = "{Dags} DAGs go to another scheduler")]
    private partial void LogGivenBack(int dags);
}
