using DataPlatform.Kernel;
using DataPlatform.ResourceScheduler.Recovery;

namespace DataPlatform.ResourceScheduler.Tests.Manager;

/// <summary>A store whose appends a test can hold up or make fail.</summary>
internal sealed class GatedStateStore : IStateStore
{
    private readonly InMemoryStateStore _inner = new();
    private volatile TaskCompletionSource _gate = Open();

    public int Waiting { get; private set; }

    public bool Fails { get; set; }

    public void Shut() => _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release() => _gate.TrySetResult();

    public async ValueTask AppendAsync(LogRecord record, CancellationToken cancellationToken = default)
    {
        Waiting++;
        await _gate.Task;
        Waiting--;
        if (Fails)
        {
            throw new SchedulerException(ErrorKind.Unavailable, "the disk is gone");
        }

        await _inner.AppendAsync(record, cancellationToken);
    }

    public ValueTask<long> ClaimAsync(string owner, CancellationToken cancellationToken = default) => _inner.ClaimAsync(owner,
        cancellationToken);

    public ValueTask<SavedState?> ReadStateAsync(CancellationToken cancellationToken = default) => _inner.ReadStateAsync(cancellationToken);

    public IAsyncEnumerable<LogRecord> ReadLogAsync(long afterSequence, CancellationToken cancellationToken = default)
        => _inner.ReadLogAsync(afterSequence, cancellationToken);

    public ValueTask SaveStateAsync(SavedState state, CancellationToken cancellationToken = default) => _inner.SaveStateAsync(state,
        cancellationToken);

    public ValueTask ReleaseAsync(long epoch, CancellationToken cancellationToken = default) => _inner.ReleaseAsync(epoch,
        cancellationToken);

    public ValueTask DisposeAsync() => _inner.DisposeAsync();

    private static TaskCompletionSource Open()
    {
        var gate = new TaskCompletionSource();
        gate.SetResult();
        return gate;
    }
}
