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

    public virtual IOutput Chain(StreamOperator target, int inputIndex) => new ChainOutput<T>(target, inputIndex);

    public abstract IOutput CreateOutput(LocalChannel<T>[] targets, int fromSubtask, int attempt, StreamJobOptions options);
}

/// <summary>Each record stays in its subtask; between different parallelisms it is dealt out in turn.</summary>
internal sealed class ForwardPartitioning<T> : Partitioning<T>
{
    public override bool IsForward => true;

    public override bool Connects(int from, int to, int fromParallelism, int toParallelism) => fromParallelism != toParallelism || from == to;

    public override IOutput CreateOutput(LocalChannel<T>[] targets, int fromSubtask, int attempt, StreamJobOptions options)
        => new RebalanceOutput<T>(targets, attempt, options.Time, fromSubtask);
}

/// <summary>Batches are dealt out in turn.</summary>
internal sealed class RebalancePartitioning<T> : Partitioning<T>
{
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

    public override IOutput Chain(StreamOperator target, int inputIndex)
        => new ChainKeyOutput<T, TKey>(target, inputIndex, keySelector, KeyHashers.Create(serializer));

    public override IOutput CreateOutput(LocalChannel<T>[] targets, int fromSubtask, int attempt, StreamJobOptions options)
        => new HashOutput<T, TKey>(targets, attempt, options.Time, keySelector, KeyHashers.Create(serializer), options.MaxParallelism);
}
