using DataPlatform.Kernel;
using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;
using Microsoft.Extensions.Logging;

namespace DataPlatform.ResourceScheduler;

/// <content>The loop: the only code that touches the scheduler and the tables below.</content>
public sealed partial class ResourceManager
{
    private readonly Dictionary<long, LeaseRequest> _waiting = [];
    private readonly Dictionary<long, (ContainerLease Lease, LeasedApplication Application)> _leases = [];
    private readonly Dictionary<(string Name, string Queue, string User), LeasedApplication> _applications = [];
    private long _lastApplicationId;
    private long _lastAskId;

    private async Task LoopAsync()
    {
        try
        {
            await foreach (var command in _commands.Reader.ReadAllAsync().ConfigureAwait(false))
            {
                Handle(command);
            }

            StepDown(SchedulerException.Unavailable("The resource manager was stopped."));
        }
        catch (Exception failure)
        {
            // A loop that failed once knows nothing for certain any more: nobody is kept waiting for it.
            LogLoopFailed(failure);
            _commands.Writer.TryComplete(failure);
            StepDown(new SchedulerException(ErrorKind.Unavailable, "The resource manager failed and stepped down.", failure));
            throw;
        }
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
        }
    }

    private void Want(LeaseRequest waiting)
    {
        var request = waiting.Request;
        var key = (request.ApplicationName, request.Queue, request.User);
        if (!_applications.TryGetValue(key, out var application))
        {
            application = new LeasedApplication(++_lastApplicationId, key);
            _applications.Add(key, application);
            application.Open = 1;
            waiting.Application = application;
            waiting.AskId = ++_lastAskId;
            _waiting.Add(waiting.AskId, waiting);
            Apply(new SchedulerEvent.ApplicationSubmitted(NowMs, application.Id,
                new ApplicationSpecification(request.ApplicationName, request.Queue, request.User)));
        }
        else
        {
            application.Open++;
            waiting.Application = application;
            waiting.AskId = ++_lastAskId;
            _waiting.Add(waiting.AskId, waiting);
        }

        if (!waiting.IsOver)
        {
            Apply(new SchedulerEvent.ContainersAsked(NowMs, application.Id, waiting.AskId,
                new ContainerAsk(request.Resources) { Priority = request.Priority }));
        }
    }

    private void Withdraw(LeaseRequest waiting)
    {
        if (waiting.Lease is { } lease)
        {
            Release(lease.ContainerId, ContainerOutcome.Killed);
        }
        else if (_waiting.Remove(waiting.AskId))
        {
            Apply(new SchedulerEvent.AskCancelled(NowMs, waiting.AskId));
            Close(waiting.Application!);
        }
    }

    private void Release(long containerId, ContainerOutcome outcome)
    {
        if (_leases.Remove(containerId, out var held))
        {
            Apply(new SchedulerEvent.ContainerEnded(NowMs, containerId, outcome));
            Close(held.Application);
        }
    }

    private void Close(LeasedApplication application)
    {
        if (--application.Open == 0 && _applications.Remove(application.Key))
        {
            Apply(new SchedulerEvent.ApplicationEnded(NowMs, application.Id));
        }
    }

    private void Apply(SchedulerEvent schedulerEvent)
    {
        IReadOnlyList<SchedulerDecision> decisions;
        lock (_gate)
        {
            decisions = _scheduler.Apply(schedulerEvent);
        }

        foreach (var decision in decisions)
        {
            CarryOut(decision);
        }
    }

    private void CarryOut(SchedulerDecision decision)
    {
        switch (decision)
        {
            case SchedulerDecision.ContainerPlaced placed:
                Grant(placed);
                break;
            case SchedulerDecision.ContainerStopRequested stop when _leases.TryGetValue(stop.ContainerId, out var held):
                held.Lease.RequestStop();
                break;
            case SchedulerDecision.ContainerLost lost when _leases.Remove(lost.ContainerId, out var held):
                LogContainerLost(lost.ContainerId, lost.Node);
                held.Lease.RequestStop();
                Close(held.Application);
                break;
            case SchedulerDecision.AskRefused refused when _waiting.Remove(refused.AskId, out var waiting):
                waiting.Fail(SchedulerException.Invalid(refused.Reason));
                Close(waiting.Application!);
                break;
            case SchedulerDecision.ApplicationRefused refused:
                FailAll(refused);
                break;
            case SchedulerDecision.EventRefused refused:
                LogEventRefused(refused.Reason);
                break;
        }
    }

    private void Grant(SchedulerDecision.ContainerPlaced placed)
    {
        _waiting.Remove(placed.AskId, out var waiting);
        var request = waiting!.Request;
        var context = new ContainerContext(placed.ContainerId, placed.Node, request.Queue, placed.Resources, request.ApplicationName,
            request.User);
        var lease = new ContainerLease(this, context, _time.GetElapsedTime(waiting.StartedTimestamp));
        _leases.Add(placed.ContainerId, (lease, waiting.Application!));
        waiting.Grant(lease);
    }

    private void FailAll(SchedulerDecision.ApplicationRefused refused)
    {
        foreach (var (askId, waiting) in _waiting.Where(pair => pair.Value.Application!.Id == refused.ApplicationId).ToArray())
        {
            _waiting.Remove(askId);
            _applications.Remove(waiting.Application!.Key);
            waiting.Fail(SchedulerException.Invalid(refused.Reason));
        }
    }

    private void StepDown(SchedulerException reason)
    {
        foreach (var waiting in _waiting.Values)
        {
            waiting.Fail(reason);
        }

        foreach (var (lease, _) in _leases.Values)
        {
            lease.RequestStop();
        }
    }

    [LoggerMessage(EventId = 5001, Level = LogLevel.Warning, Message = "The scheduler refused an event: {Reason}")]
    private partial void LogEventRefused(string reason);

    [LoggerMessage(EventId = 5002, Level = LogLevel.Warning, Message = "Container {ContainerId} was lost with node {Node}")]
    private partial void LogContainerLost(long containerId, string node);

    [LoggerMessage(EventId = 5003, Level = LogLevel.Debug,
        Message = "Container {ContainerId} was released after the resource manager had stopped")]
    private partial void LogReleasedAfterStop(long containerId);

    [LoggerMessage(EventId = 5004, Level = LogLevel.Critical, Message = "The loop of the resource manager failed")]
    private partial void LogLoopFailed(Exception failure);
}
