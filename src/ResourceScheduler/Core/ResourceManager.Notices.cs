using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;

namespace DataPlatform.ResourceScheduler;

/// <content>What masters and waiting callers are told.</content>
public sealed partial class ResourceManager
{
    private void TellAllocated(Container container, SchedulerDecision.ContainerPlaced placed)
    {
        if (placed.AskId != 0 && _masters.TryGetValue(placed.ApplicationId, out var master))
        {
            _held[placed.ContainerId] = (master, placed.AskId, placed.Task);
            master.Tell(new ApplicationNotice.Allocated(ContextOf(container), placed.AskId, placed.Task));
        }
    }

    private void TellStopping(SchedulerDecision.ContainerStopRequested stop)
    {
        if (_durable.Scheduler.FindContainer(stop.ContainerId) is { } container
            && _masters.TryGetValue(container.Application.Id, out var master))
        {
            master.Tell(new ApplicationNotice.Stopping(stop.ContainerId, stop.Reason, stop.GraceMs));
        }
    }

    /// <summary>By the time it is told, the scheduler may know nothing of the container any more; its master's list does.</summary>
    private void TellEnded(long containerId, ContainerOutcome outcome)
    {
        if (_held.Remove(containerId, out var held))
        {
            _answers.Add(() => held.Master.Tell(new ApplicationNotice.Ended(containerId, held.AskId, held.Task, outcome)));
        }
    }

    private void AskCompleted(SchedulerDecision.AskCompleted completed)
    {
        if (_masters.TryGetValue(completed.ApplicationId, out var master))
        {
            _answers.Add(() => master.Tell(new ApplicationNotice.Completed(completed.AskId, completed.Failed)));
        }
    }

    private void StateChanged(SchedulerDecision.ApplicationStateChanged changed)
    {
        LogApplicationStateChanged(changed.ApplicationId, changed.State, changed.Reason);
        if (changed.State is not (ApplicationState.Finished or ApplicationState.Failed or ApplicationState.Killed))
        {
            return;
        }

        if (!_known.Remove(changed.ApplicationId, out var specification))
        {
            return;
        }

        var finished = new FinishedApplication(changed.ApplicationId, specification, changed.State, changed.Reason, NowMs);
        Remember(finished);
        if (_masters.Remove(changed.ApplicationId, out var master))
        {
            _answers.Add(() => master.End());
        }

        if (_endings.Remove(changed.ApplicationId, out var ending))
        {
            _answers.Add(() => ending.TrySetResult(finished));
        }
    }

    private void Remember(FinishedApplication finished)
    {
        lock (_finishedGate)
        {
            _finished[finished.Id] = finished;
            if (_finished.Count > FinishedMax)
            {
                _finished.Remove(_finished.Keys.First());
            }
        }
    }

    private void EndApplications(Exception reason)
    {
        foreach (var master in _masters.Values)
        {
            master.End(reason);
        }

        foreach (var ending in _endings.Values)
        {
            ending.TrySetException(reason);
        }
    }
}
