using DataPlatform.ResourceScheduler.Containers;

namespace DataPlatform.ResourceScheduler;

/// <summary>A placed container, held until it is released. Thread-safe.</summary>
public sealed class ContainerLease : IAsyncDisposable
{
    private readonly ResourceManager _manager;
    private readonly CancellationTokenSource _stop = new();
    private int _released;

    internal ContainerLease(ResourceManager manager, ContainerContext context, TimeSpan waitedFor)
    {
        _manager = manager;
        Context = context;
        WaitedFor = waitedFor;
        StopRequested = _stop.Token;
    }

    /// <summary>What the work in the container knows about it.</summary>
    public ContainerContext Context { get; }

    /// <summary>The container's number.</summary>
    public long ContainerId => Context.ContainerId;

    /// <summary>The node it is on.</summary>
    public string Node => Context.Node;

    /// <summary>What it may use.</summary>
    public ResourceVector Resources => Context.Resources;

    /// <summary>Time from the request to the placement.</summary>
    public TimeSpan WaitedFor { get; }

    /// <summary>Cancelled when the scheduler wants the container back or its node is gone. The holder stops its work and
    /// releases.</summary>
    public CancellationToken StopRequested { get; }

    /// <summary>Gives the resources back. A second call does nothing.</summary>
    /// <param name="outcome">How the work ended.</param>
    public async ValueTask ReleaseAsync(ContainerOutcome outcome = ContainerOutcome.Succeeded)
    {
        if (Interlocked.Exchange(ref _released, 1) == 0)
        {
            await _manager.ReleaseAsync(ContainerId, outcome).ConfigureAwait(false);
        }
    }

    /// <summary>Releases as killed when <see cref="ReleaseAsync"/> was not called.</summary>
    public async ValueTask DisposeAsync()
    {
        await ReleaseAsync(ContainerOutcome.Killed).ConfigureAwait(false);
    }

    // On the pool: what the holder registered on the token must not run on the manager's loop.
    internal void RequestStop() => _ = _stop.CancelAsync();
}
