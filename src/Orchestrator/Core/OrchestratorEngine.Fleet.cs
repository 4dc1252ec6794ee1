using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Scheduling;

namespace DataPlatform.Orchestrator;

/// <summary>Being one of several processes on a store.</summary>
public sealed partial class OrchestratorEngine
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>A store without a fleet signals nothing, and a look into it is cheap.</summary>
    private static readonly TimeSpan LookEveryAlone = TimeSpan.FromMilliseconds(200);

    /// <summary>How many DAGs this engine schedules now: all that it was given, or its share where several engines work.</summary>
    public int OwnedDagCount => _scheduler.OwnedCount;

    /// <summary>Whether others may schedule the DAGs that this engine is asked about.</summary>
    private bool IsShared => _store.Fleet is not null || !_options.IsScheduler;

    /// <summary>Does a command that was kept somewhere else, for example in the table of a transactional trigger. With an idempotency key it
    /// may be done again and is done once.</summary>
    /// <param name="command">The command.</param>
    /// <param name="cancellationToken">Stops waiting; the command may have been done.</param>
    /// <exception cref="OrchestratorException">It cannot be read, or cannot be done.</exception>
    public async Task AskAsync(QueuedCommand command, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        await AskAsync<object?>(EngineCommand.Read(command), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Begins what goes on beside the loop until the engine stops.</summary>
    private async Task KeepAsync(string owner, CancellationToken cancellationToken)
    {
        var tasks = new List<Task>();
        _scheduler.Register(_dags);
        if (_store.Fleet is { } fleet)
        {
            tasks.Add(Task.Run(() => FollowAsync(fleet, _stop.Token), CancellationToken.None));
            if (_options.IsScheduler)
            {
                var now = _options.FollowsStoreClock ? await fleet.ReadClockAsync(cancellationToken).ConfigureAwait(false) : _time.GetUtcNow();
                await _store.RegisterAsync(_dags, now, cancellationToken).ConfigureAwait(false);
                var member = new FleetMember(_store, _scheduler, _dags, _options, _pools, owner, _wake, _logger);
                await member.StartAsync(cancellationToken).ConfigureAwait(false);
                tasks.Add(Task.Run(() => member.RunAsync(_stop.Token), CancellationToken.None));
                var pump = new UpdatePump(_store, _scheduler, _updated, LookEvery, _logger);
                tasks.Add(Task.Run(() => pump.RunAsync(_stop.Token), CancellationToken.None));
            }
        }

        if (_options.IsScheduler && _store.Commands is { } commands)
        {
            var pump = new CommandPump(commands, _scheduler, _wake, _store.Fleet is null ? LookEveryAlone : LookEvery, _logger);
            tasks.Add(Task.Run(() => pump.RunAsync(_stop.Token), CancellationToken.None));
        }

        if (_options.IsScheduler && _options.Retention is not null)
        {
            var retention = new Retention(_store, _options, _time, _logger);
            tasks.Add(Task.Run(() => retention.RunAsync(_stop.Token), CancellationToken.None));
        }

        _keeping = Task.WhenAll(tasks);
    }

    private async Task FollowAsync(ISchedulerFleet fleet, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var signal in fleet.FollowSignalsAsync(cancellationToken).ConfigureAwait(false))
            {
                if ((signal & FleetSignal.Pools) != 0)
                {
                    _scheduler.ShareAgain();
                }

                if ((signal & (FleetSignal.Members | FleetSignal.Commands)) != 0)
                {
                    _wake.Beat();
                }

                if ((signal & FleetSignal.Datasets) != 0)
                {
                    _updated.Beat();
                }

                if ((signal & FleetSignal.Answers) != 0)
                {
                    _answered.Beat();
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The engine stops.
        }
    }

    /// <summary>Does a command here where this engine owns the DAG, else through the store.</summary>
    private async Task<T> AskAsync<T>(EngineCommand command, CancellationToken cancellationToken)
    {
        if (!IsShared)
        {
            return (T)(await _scheduler.ExecuteAsync(command, null, cancellationToken).ConfigureAwait(false))!;
        }

        if (_scheduler.Owns(command.DagId))
        {
            try
            {
                return (T)(await _scheduler.ExecuteAsync(command, null, cancellationToken).ConfigureAwait(false))!;
            }
            catch (DagElsewhereException)
            {
                // It moved in between.
            }
        }

        if (_sender is null)
        {
            throw new OrchestratorException(ErrorKind.Invalid, $"DAG '{command.DagId}' is not in this engine, and its store passes no commands on.");
        }

        return await _sender.AskAsync<T>(command, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A command about a run goes to the owner of the run's DAG. A run that is not known is the scheduler's to answer for.</summary>
    private async Task<T> AskAsync<T>(long runId, Func<string, EngineCommand> command, CancellationToken cancellationToken)
    {
        if (!IsShared)
        {
            return await AskAsync<T>(command(string.Empty), cancellationToken).ConfigureAwait(false);
        }

        var run = await _store.FindRunAsync(runId, cancellationToken).ConfigureAwait(false)
            ?? throw new OrchestratorException(ErrorKind.Invalid, $"there is no run {runId}.");
        return await AskAsync<T>(command(run.DagId), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes a dataset's version into account, here and in the processes that own DAGs which wait for it.</summary>
    private async Task SeeAsync(DatasetVersion version, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> elsewhere;
        try
        {
            elsewhere = await _scheduler.AskAsync(() => _scheduler.OnVersion(version), cancellationToken).ConfigureAwait(false);
        }
        catch (OrchestratorException) when (_scheduler.Fault is not null)
        {
            return;
        }

        await TellElsewhereAsync(version, elsewhere, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Passes a version on to the owners of DAGs that wait for it.</summary>
    private async Task TellElsewhereAsync(DatasetVersion version, IReadOnlyList<string> dagIds, CancellationToken cancellationToken)
    {
        foreach (var dagId in _store.Fleet is null || _sender is null ? [] : dagIds)
        {
            await TellAsync(new VersionCommand(dagId, version.Dataset.Name, version.Version), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The feed is a hint: a version that does not arrive is found when the DAG's owner starts, or with the next one.</summary>
    private async Task TellAsync(VersionCommand command, CancellationToken cancellationToken)
    {
        try
        {
            await _sender!.SendAsync(command, cancellationToken).ConfigureAwait(false);
        }
        catch (OrchestratorStoreException exception)
        {
            LogVersionLost(command.DagId, command.Dataset, command.Version, exception);
        }
    }

    [Microsoft.Extensions.Logging.LoggerMessage(EventId = 3080, Level = Microsoft.Extensions.Logging.LogLevel.Warning,
        Message = "DAG {DagId} could not be told of {Dataset}@{Version}")]
    private partial void LogVersionLost(string dagId, string dataset, long version, Exception exception);
}
