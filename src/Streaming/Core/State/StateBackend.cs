using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Operators;

namespace DataPlatform.Streaming.State;

/// <summary>
/// Where a job keeps its keyed state. Results do not depend on it, and a savepoint of one back end restores into another; a checkpoint
/// belongs
/// to the back end that wrote it, unless that is the heap.
/// </summary>
/// <remarks>Thread-safe: one instance serves all subtasks of a job, and may serve several jobs.</remarks>
public abstract class StateBackend
{
    private protected StateBackend()
    {
    }

    /// <summary>State as objects in memory: the fastest, bounded by memory. The default.</summary>
    public static StateBackend Heap { get; } = new HeapStateBackend();

    /// <summary>Its name in manifests and errors, for example <c>heap</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Begins the keyed state of one operator in one subtask, from what a checkpoint holds of it.</summary>
    internal abstract StateStore<TKey> Open<TKey>(OperatorContext context, IStateSerializer<TKey> keySerializer, RestoredOperator? restored)
        where TKey : notnull;

    /// <summary>Fetches a database that a checkpoint holds, so that <see cref="Open"/> finds it on this machine.</summary>
    internal abstract ValueTask<FetchedDatabase> FetchAsync(
        CheckpointStorage storage, string jobName, string uid, StateDatabase database, CancellationToken cancellationToken);
}

/// <summary>The keyed state of one operator in one subtask. Everything is declared before the first record.</summary>
internal abstract class StateStore<TKey> : IDisposable
    where TKey : notnull
{
    public abstract StateTable<TKey, TValue> Table<TValue>(
        string name, IStateSerializer<TValue> serializer, StatePrune<TValue>? prune = null);

    public abstract StateMap<TKey, TUserKey, TValue> Map<TUserKey, TValue>(
        string name, IStateSerializer<TUserKey> userKeySerializer, IStateSerializer<TValue> serializer, StatePrune<TValue>? prune = null)
        where TUserKey : notnull;

    public abstract SliceTables<TKey, TAccumulator> Slices<TAccumulator>(string name, IStateSerializer<TAccumulator> serializer);

    public abstract Time.KeyedTimers<TKey, TNamespace> Timers<TNamespace>(string name, IStateSerializer<TNamespace> namespaceSerializer);

    /// <summary>Freezes everything: the synchronous part of a checkpoint.</summary>
    public abstract void Snapshot(SubtaskSnapshot snapshot);

    /// <summary>Releases what the store holds outside the heap.</summary>
    public virtual void Dispose() => GC.SuppressFinalize(this);
}
