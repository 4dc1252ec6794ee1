using System.Text.Json;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Metadata;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>Commands, of this process and from the store. One from the store is answered in the batch that does it.</summary>
internal sealed partial class Scheduler
{
    /// <summary>How often the runs of a range are listed before a backfill is refused because there were new ones each time.</summary>
    private const int LooksMax = 10;

    /// <summary>Does a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="queuedId">Its number in the store, where it is answered; null when it was asked here.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="DagElsewhereException">Its DAG is not this scheduler's now; nothing was done.</exception>
    public async Task<object?> ExecuteAsync(EngineCommand command, long? queuedId, CancellationToken cancellationToken) => command switch
    {
        TriggerCommand trigger => await TriggerAsync(trigger, queuedId, cancellationToken).ConfigureAwait(false),
        BackfillCommand backfill => await BackfillAsync(backfill, queuedId, cancellationToken).ConfigureAwait(false),
        ClearCommand clear => await WithRunAsync(
            clear.RunId,
            run => Reply(queuedId, Clear(run, clear.Request)),
            run => Reply(queuedId, ClearEnded(run, clear.Request)),
            cancellationToken).ConfigureAwait(false),
        MarkCommand mark => await WithRunAsync(
            mark.RunId,
            run => Reply(queuedId, Mark(run, mark.TaskId, mark.MapIndex, mark.State)),
            run => Reply(queuedId, Mark(run, mark.TaskId, mark.MapIndex, mark.State)),
            cancellationToken).ConfigureAwait(false),
        PauseCommand pause => await OnLoopAsync(command, queuedId, () => SetPaused(pause.DagId, pause.IsPaused), cancellationToken)
            .ConfigureAwait(false),
        EndRunCommand end => await OnLoopAsync(command, queuedId, () => EndByHand(end.RunId, end.State, end.Note), cancellationToken)
            .ConfigureAwait(false),
        SetBackfillCommand set => await OnLoopAsync(command, queuedId, () => SetBackfill(set.BackfillId, set.State), cancellationToken)
            .ConfigureAwait(false),
        ExplainCommand explain => await OnLoopAsync(command, queuedId, () => Explain(explain.RunId, explain.TaskId, explain.MapIndex), cancellationToken)
            .ConfigureAwait(false),
        VersionCommand version => await OnLoopAsync(
            command, queuedId, () => See(Find(version.DagId), new DatasetVersion(new DatasetId(version.Dataset), version.Version)), cancellationToken)
            .ConfigureAwait(false),
        _ => throw new OrchestratorException(ErrorKind.Invalid, $"there is no command {command.GetType().Name}."),
    };

    /// <summary>Answers a command that could not be done.</summary>
    public Task RefuseAsync(EngineCommand command, long queuedId, DataPlatformException reason, CancellationToken cancellationToken) =>
        AskAsync(
            () =>
            {
                CheckOwned(command.DagId);
                Batch.Answers.Add(new CommandAnswer(queuedId, null, reason.Kind, reason.Message));
                return true;
            },
            cancellationToken);

    private async Task<long> TriggerAsync(TriggerCommand trigger, long? queuedId, CancellationToken cancellationToken)
    {
        var known = trigger.Key is null
            ? null
            : await _store.FindRunAsync(trigger.DagId, trigger.Key, cancellationToken).ConfigureAwait(false);
        return await OnLoopAsync(
            trigger,
            queuedId,
            () => known?.Id ?? Trigger(trigger.DagId, trigger.Conf, trigger.LogicalDate, trigger.Key, trigger.Kind),
            cancellationToken).ConfigureAwait(false);
    }

    private async Task<BackfillAnswer> BackfillAsync(BackfillCommand command, long? queuedId, CancellationToken cancellationToken)
    {
        var dag = Find(command.DagId).Dag;
        RunParams.Check(dag, command.Request.Conf);
        var fires = await FiresAsync(dag, command.Request).ConfigureAwait(false);
        long? id = _fleet is null || command.Request.IsDryRun
            ? null
            : await _fleet.ReserveBackfillIdAsync(cancellationToken).ConfigureAwait(false);
        for (var looks = 0; looks < LooksMax; looks++)
        {
            // The schedule may make a run for one of the dates while those that exist are listed.
            var dated = await AskAsync(() => Find(command.DagId).DatedRuns, cancellationToken).ConfigureAwait(false);
            var existing = await ListExistingAsync(command.DagId, command.Request, cancellationToken).ConfigureAwait(false);
            var answer = await AskAsync(
                () => Find(command.DagId) is var owned && owned.DatedRuns == dated ? Reply(queuedId, Begin(owned, command.Request, fires, existing, id)) : null,
                cancellationToken).ConfigureAwait(false);
            if (answer is not null)
            {
                return answer;
            }
        }

        throw new OrchestratorException(
            ErrorKind.Conflict, $"DAG '{command.DagId}' makes runs faster than they can be listed: pause it, or try again.");
    }

    private Task<T> OnLoopAsync<T>(EngineCommand command, long? queuedId, Func<T> function, CancellationToken cancellationToken) => AskAsync(
        () =>
        {
            CheckOwned(command.DagId);
            return Reply(queuedId, function());
        },
        cancellationToken);

    private void CheckOwned(string dagId)
    {
        if (_fleet is not null && !_dags.ContainsKey(dagId))
        {
            throw new DagElsewhereException(dagId);
        }
    }

    private T Reply<T>(long? queuedId, T result)
    {
        if (queuedId is { } id)
        {
            Batch.Answers.Add(new CommandAnswer(id, JsonSerializer.Serialize(result, JsonSerializerOptions.Web)));
        }

        return result;
    }
}
