using System.Diagnostics;
using DataPlatform.Kernel;
using DataPlatform.ResourceScheduler.Containers;
using DataPlatform.ResourceScheduler.Diagnostics;

namespace DataPlatform.ResourceScheduler;

/// <content>The loop: the only code that touches the scheduler and the tables of the other parts.</content>
public sealed partial class ResourceManager
{
    private List<SchedulerDecision> _decided = [];
    private List<Action> _answers = [];
    private List<Action<Exception>> _failures = [];

    /// <summary>Takes what waits as one batch, makes all that follows durable at once, and only then acts on it and answers.</summary>
    private async Task LoopAsync()
    {
        try
        {
            await SettleAsync().ConfigureAwait(false);
            while (await _commands.Reader.WaitToReadAsync().ConfigureAwait(false))
            {
                for (var i = 0; i < _options.CommandBatchMax && _commands.Reader.TryRead(out var command); i++)
                {
                    Handle(command);
                }

                await SettleAsync().ConfigureAwait(false);
            }

            StepDown(SchedulerException.Unavailable("The resource manager was stopped."));
        }
        catch (Exception failure)
        {
            // A loop that failed once knows nothing for certain any more: nobody is kept waiting for it.
            LogLoopFailed(failure);
            _commands.Writer.TryComplete(failure);
            var reason = new SchedulerException((failure as SchedulerException)?.Kind ?? ErrorKind.Unavailable,
                $"The resource manager failed and stepped down: {failure.Message}", failure);
            StepDown(reason);
            while (_commands.Reader.TryRead(out var command))
            {
                Refuse(command, reason);
            }

            throw;
        }
    }

    private async ValueTask SettleAsync()
    {
        while (_durable.Uncommitted > 0 || _decided.Count > 0 || _answers.Count > 0)
        {
            await CommitAsync().ConfigureAwait(false);
            var (decided, answers) = (_decided, _answers);
            (_decided, _answers, _failures) = ([], [], []);
            foreach (var decision in decided)
            {
                CarryOut(decision);
            }

            foreach (var answer in answers)
            {
                answer();
            }
        }

        if (_durable.IsDurable && _durable.EventsSinceSave >= _options.SaveAfterEvents)
        {
            using var activity = SchedulerTelemetry.Activities.StartActivity("save state");
            await _durable.SaveAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask CommitAsync()
    {
        if (!_durable.IsDurable || _durable.Uncommitted == 0)
        {
            return;
        }

        var (events, started) = (_durable.Uncommitted, Stopwatch.GetTimestamp());
        await _durable.CommitAsync().ConfigureAwait(false);
        SchedulerTelemetry.CommitSeconds.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);
        SchedulerTelemetry.CommittedEvents.Add(events);
    }

    private void Handle(ManagerCommand command)
    {
        switch (command)
        {
            case ManagerCommand.Tell tell:
                Apply(tell.Event);
                break;
            case ManagerCommand.Want want:
                Want(want.Request);
                break;
            case ManagerCommand.Withdraw withdraw:
                Withdraw(withdraw.Request);
                break;
            case ManagerCommand.Release release:
                Release(release.ContainerId, release.Outcome);
                break;
            case ManagerCommand.Call call:
                Handle(call);
                break;
        }
    }

    private void Handle(ManagerCommand.Call call)
    {
        try
        {
            _answers.Add(call.Run());
            _failures.Add(call.Fail);
        }
        catch (SchedulerException refused)
        {
            // Said when it is durable that it was so.
            _answers.Add(() => call.Fail(refused));
            _failures.Add(call.Fail);
        }
    }

    private static void Refuse(ManagerCommand command, SchedulerException reason)
    {
        switch (command)
        {
            case ManagerCommand.Want want:
                want.Request.Fail(reason);
                break;
            case ManagerCommand.Call call:
                call.Fail(reason);
                break;
        }
    }

    /// <summary>Applies an event; what was decided is acted on after the next commit.</summary>
    private IReadOnlyList<SchedulerDecision> Apply(SchedulerEvent schedulerEvent)
    {
        var decisions = _durable.Apply(schedulerEvent);
        _decided.AddRange(decisions);
        return decisions;
    }

    /// <summary>Runs something on the loop. Its result is there when all that follows from it is durable and was acted on.</summary>
    private async ValueTask<T> CallAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var call = new ManagerCommand.Call(
            () =>
            {
                var result = work();
                return () => done.TrySetResult(result);
            },
            error => done.TrySetException(error));
        await SendAsync(call, cancellationToken).ConfigureAwait(false);
        return await done.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private void CarryOut(SchedulerDecision decision)
    {
        switch (decision)
        {
            case SchedulerDecision.ContainerPlaced placed:
                SchedulerTelemetry.Placed.Add(1);
                Placed(placed);
                break;
            case SchedulerDecision.ContainerStopRequested stop:
                Stop(stop);
                break;
            case SchedulerDecision.CheckpointRequested checkpoint:
                Stop(new SchedulerDecision.ContainerStopRequested(checkpoint.ContainerId, checkpoint.Node,
                    "its node will be taken away: save what is done and end", Math.Max(0, checkpoint.DeadlineMs - NowMs)));
                break;
            case SchedulerDecision.ContainerLost lost:
                Lost(lost);
                break;
            case SchedulerDecision.AskRefused refused:
                AskRefused(refused);
                break;
            case SchedulerDecision.AskCompleted completed:
                AskCompleted(completed);
                break;
            case SchedulerDecision.ApplicationRefused refused:
                FailAll(refused);
                break;
            case SchedulerDecision.ApplicationStateChanged changed:
                StateChanged(changed);
                break;
            case SchedulerDecision.NodeStateChanged changed:
                LogNodeStateChanged(changed.Node, changed.State, changed.Reason);
                break;
            case SchedulerDecision.Preempted preempted:
                SchedulerTelemetry.Preempted.Add(preempted.Claim.Victims.Count);
                break;
            case SchedulerDecision.EventRefused refused:
                SchedulerTelemetry.Refused.Add(1);
                LogEventRefused(refused.Reason);
                break;
        }
    }

    private void Placed(SchedulerDecision.ContainerPlaced placed)
    {
        if (_waiting.Remove(placed.AskId, out var waiting))
        {
            Grant(placed, waiting);
        }
        else if (_durable.Scheduler.FindContainer(placed.ContainerId) is { } container)
        {
            if (container.Application.Definition.IsAttached)
            {
                // Its request was withdrawn in the same batch.
                Apply(new SchedulerEvent.ContainerEnded(NowMs, placed.ContainerId, ContainerOutcome.Killed));
                return;
            }

            Start(container);
            TellAllocated(container, placed);
        }
    }

    private void Stop(SchedulerDecision.ContainerStopRequested stop)
    {
        if (_leases.TryGetValue(stop.ContainerId, out var held))
        {
            held.Lease.RequestStop();
            return;
        }

        SendStop(stop.Node, stop.ContainerId, stop.GraceMs, stop.Reason);
        TellStopping(stop);
    }

    private void Lost(SchedulerDecision.ContainerLost lost)
    {
        LogContainerLost(lost.ContainerId, lost.Node);
        SchedulerTelemetry.Ended.Add(1, new KeyValuePair<string, object?>("outcome", nameof(ContainerOutcome.Lost)));
        if (_leases.Remove(lost.ContainerId, out var held))
        {
            held.Lease.RequestStop();
            Close(held.Application);
        }
        else
        {
            TellEnded(lost.ContainerId, ContainerOutcome.Lost);
        }
    }

    private void StepDown(SchedulerException reason)
    {
        foreach (var fail in _failures)
        {
            fail(reason);
        }

        foreach (var waiting in _waiting.Values)
        {
            waiting.Fail(reason);
        }

        foreach (var (lease, _) in _leases.Values)
        {
            lease.RequestStop();
        }

        EndNodes();
        EndApplications(reason);
    }
}
