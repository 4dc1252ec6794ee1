using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.Runtime;
using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.Graph;

/// <summary>How records find their subtask on an edge.</summary>
internal abstract class Partitioning<T>
{
    public virtual bool IsForward => false;

    public virtual bool IsKeyed => false;

    /// <summary>Whether there is a channel between two subtasks.</summary>
    public virtual bool Connects(int from, int to, int fromParallelism, int toParallelism) => true;

    /// <summary>
    /// Whether records in flight may be read by another subtask after a restore, or by the same one. Pointwise and broadcast edges cannot: where a
    /// record is says something there.
    /// </summary>
    public virtual bool CanRecord(int fromParallelism, int toParallelism) => false;

    /// <summary>Finds the key hash of a record again; null where there are no keys.</summary>
    public virtual Func<T, int>? CreateHash() => null;

    /// <summary>Refuses parallelisms that it cannot connect; says why.</summary>
    public virtual string? Refuse(int fromParallelism, int toParallelism) => null;

    public virtual IOutput Chain(StreamOperator target, int inputIndex) => new ChainOutput<T>(target, inputIndex);

    public abstract IOutput CreateOutput(LocalChannel<T>[] targets, int fromSubtask, int attempt, StreamJobOptions options);
}

/// <summary>Each record stays in its subtask; between different parallelisms it is dealt out in turn, where that is allowed.</summary>
internal sealed class ForwardPartitioning<T>(bool isStrict = false) : Partitioning<T>
{
    public override bool IsForward => true;

    public override bool CanRecord(int fromParallelism, int toParallelism) => fromParallelism != toParallelism;

    public override string? Refuse(int fromParallelism, int toParallelism) => isStrict && fromParallelism != toParallelism
        ? $"a forward edge needs the same parallelism at both ends, and they have {fromParallelism} and {toParallelism}"
        : null;

    public override bool Connects(int from, int to, int fromParallelism, int toParallelism) => fromParallelism != toParallelism || from == to;

    public override IOutput CreateOutput(LocalChannel<T>[] targets, int fromSubtask, int attempt, StreamJobOptions options)
        => new RebalanceOutput<T>(targets, attempt, options.Time, fromSubtask);
}

/// <summary>Batches are dealt out in turn.</summary>
internal sealed class RebalancePartitioning<T> : Partitioning<T>
{
    public override bool CanRecord(int fromParallelism, int toParallelism) => true;

    public override IOutput CreateOutput(LocalChannel<T>[] targets, int fromSubtask, int attempt, StreamJobOptions options)
        => new RebalanceOutput<T>(targets, attempt, options.Time, fromSubtask);
}

/// <summary>Every subtask gets every record.</summary>
internal sealed class BroadcastPartitioning<T> : Partitioning<T>
{
    public override IOutput CreateOutput(LocalChannel<T>[] targets, int fromSubtask, int attempt, StreamJobOptions options)
        => new BroadcastOutput<T>(targets, attempt, options.Time);
}

/// <summary>A record goes to the subtask that owns its key's group.</summary>
internal sealed class KeyPartitioning<T, TKey>(Func<T, TKey> keySelector, IStateSerializer<TKey> serializer) : Partitioning<T>
{
    public override bool IsKeyed => true;

    public override bool CanRecord(int fromParallelism, int toParallelism) => true;

    public override Func<T, int>? CreateHash()
    {
        var hasher = KeyHashers.Create(serializer);
        return record => hasher.Hash(keySelector(record));
    }

    public override IOutput Chain(StreamOperator target, int inputIndex)
        => new ChainKeyOutput<T, TKey>(target, inputIndex, keySelector, KeyHashers.Create(serializer));

    public override IOutput CreateOutput(LocalChannel<T>[] targets, int fromSubtask, int attempt, StreamJobOptions options)
        => new HashOutput<T, TKey>(targets, attempt, options.Time, keySelector, KeyHashers.Create(serializer), options.MaxParallelism);
}

/// <summary>Batches are dealt out in turn to the subtasks that lie next: each sender has receivers of its own, or each receiver senders.</summary>
internal sealed class RescalePartitioning<T> : Partitioning<T>
{
    public override bool Connects(int from, int to, int fromParallelism, int toParallelism) => fromParallelism < toParallelism
        ? to * fromParallelism / toParallelism == from
        : from * toParallelism / fromParallelism == to;

    public override IOutput CreateOutput(LocalChannel<T>[] targets, int fromSubtask, int attempt, StreamJobOptions options)
        => new RebalanceOutput<T>(targets, attempt, options.Time, fromSubtask);
}

/// <summary>A function of the user's says where each record goes.</summary>
internal sealed class CustomPartitioning<T>(Func<T, int, int> partitioner) : Partitioning<T>
{
    public override IOutput CreateOutput(LocalChannel<T>[] targets, int fromSubtask, int attempt, StreamJobOptions options)
        => new CustomOutput<T>(targets, attempt, options.Time, partitioner);
}
