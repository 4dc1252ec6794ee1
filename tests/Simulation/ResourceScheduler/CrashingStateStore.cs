using DataPlatform.ResourceScheduler.Recovery;

namespace DataPlatform.Simulation.ResourceScheduler;

/// <summary>A store whose leader may die just before a write and just after it, when only the store knows that it happened.</summary>
internal sealed class CrashingStateStore(IStateStore inner, Random random) : IStateStore
{
    /// <summary>One write in so many is its leader's last.</summary>
    public int CrashOneIn { get; set; } = int.MaxValue;

    public ValueTask<long> ClaimAsync(string owner, CancellationToken cancellationToken = default) => inner.ClaimAsync(owner,
        cancellationToken);

    public ValueTask<SavedState?> ReadStateAsync(CancellationToken cancellationToken = default) => inner.ReadStateAsync(cancellationToken);

    public IAsyncEnumerable<LogRecord> ReadLogAsync(long afterSequence, CancellationToken cancellationToken = default)
        => inner.ReadLogAsync(afterSequence, cancellationToken);

    public async ValueTask AppendAsync(LogRecord record, CancellationToken cancellationToken = default)
    {
        Crash("before an append");
        await inner.AppendAsync(record, cancellationToken);
        Crash("after an append");
    }

    public async ValueTask SaveStateAsync(SavedState state, CancellationToken cancellationToken = default)
    {
        Crash("before its state was saved");
        await inner.SaveStateAsync(state, cancellationToken);
        Crash("after its state was saved");
    }

    public ValueTask ReleaseAsync(long epoch, CancellationToken cancellationToken = default) => inner.ReleaseAsync(epoch,
        cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private void Crash(string where)
    {
        if (CrashOneIn != int.MaxValue && random.Next(CrashOneIn) == 0)
        {
            throw new LeaderCrash(where);
        }
    }
}
