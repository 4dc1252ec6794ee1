using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;

namespace DataPlatform.ResourceScheduler;

/// <content>Containers that callers hold and run work in themselves.</content>
public sealed partial class ResourceManager
{
    private readonly Dictionary<long, LeaseRequest> _waiting = [];
    private readonly Dictionary<long, (ContainerLease Lease, LeasedApplication Application)> _leases = [];
    private readonly Dictionary<(string Name, string Queue, string User), LeasedApplication> _leased = [];

    private void Want(LeaseRequest waiting)
    {
        var request = waiting.Request;
        var key = (request.ApplicationName, request.Queue, request.User);
        var isNew = !_leased.TryGetValue(key, out var application);
        if (isNew)
        {
            application = new LeasedApplication(++_lastId, key);
            _leased.Add(key, application);
        }

        application!.Open++;
        waiting.Application = application;
        waiting.AskId = ++_lastId;
        _waiting.Add(waiting.AskId, waiting);
        if (isNew && Apply(new SchedulerEvent.ApplicationSubmitted(NowMs, application.Id,
            new ApplicationSpecification(request.ApplicationName, request.Queue, request.User) { IsAttached = true }))
            .Any(decision => decision is SchedulerDecision.ApplicationRefused))
        {
            application.IsRefused = true;
        }

        if (!application.IsRefused)
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
        else if (_waiting.Remove(waiting.AskId) && !waiting.Application!.IsRefused)
        {
            Apply(new SchedulerEvent.AskCancelled(NowMs, waiting.AskId));
            Close(waiting.Application!);
        }
    }

    private void Release(long containerId, ContainerOutcome outcome)
    {
        if (_leases.Remove(containerId, out var held))
        {
            CountEnd(outcome);
            Apply(new SchedulerEvent.ContainerEnded(NowMs, containerId, outcome));
            Close(held.Application);
        }
    }

    private void Close(LeasedApplication application)
    {
        if (--application.Open == 0 && _leased.Remove(application.Key))
        {
            Apply(new SchedulerEvent.ApplicationEnded(NowMs, application.Id));
        }
    }

    private void Grant(SchedulerDecision.ContainerPlaced placed, LeaseRequest waiting)
    {
        var request = waiting.Request;
        var context = new ContainerContext(placed.ContainerId, placed.Node, request.Queue, placed.Resources, request.ApplicationName,
            request.User);
        var lease = new ContainerLease(this, context, _time.GetElapsedTime(waiting.StartedTimestamp));
        _leases.Add(placed.ContainerId, (lease, waiting.Application!));
        waiting.Grant(lease);
    }

    private void AskRefused(SchedulerDecision.AskRefused refused)
    {
        if (_waiting.Remove(refused.AskId, out var waiting))
        {
            waiting.Fail(SchedulerException.Invalid(refused.Reason));
            Close(waiting.Application!);
        }
    }

    private void FailAll(SchedulerDecision.ApplicationRefused refused)
    {
        foreach (var (askId, waiting) in _waiting.Where(pair => pair.Value.Application!.Id == refused.ApplicationId).ToArray())
        {
            _waiting.Remove(askId);
            _leased.Remove(waiting.Application!.Key);
            waiting.Fail(SchedulerException.Invalid(refused.Reason));
        }
    }
}
