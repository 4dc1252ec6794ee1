using DataPlatform.ResourceScheduler.Applications;

namespace DataPlatform.ResourceScheduler.Containers;

/// <summary>One caller that waits for a container.</summary>
internal sealed class LeaseRequest(ContainerRequest request, long startedTimestamp)
{
    // The caller goes on elsewhere: the manager's loop never runs its code.
    private readonly TaskCompletionSource<ContainerLease> _granted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ContainerRequest Request { get; } = request;

    public long StartedTimestamp { get; } = startedTimestamp;

    public long AskId { get; set; }

    public LeasedApplication? Application { get; set; }

    public ContainerLease? Lease { get; private set; }

    public bool IsOver { get; private set; }

    public Task<ContainerLease> Granted => _granted.Task;

    public void Grant(ContainerLease lease)
    {
        Lease = lease;
        _granted.TrySetResult(lease);
    }

    public void Fail(Exception reason)
    {
        IsOver = true;
        _granted.TrySetException(reason);
    }
}
