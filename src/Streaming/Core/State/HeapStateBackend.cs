using DataPlatform.Kernel;
using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.Time;

namespace DataPlatform.Streaming.State;

/// <summary>State as objects in memory.</summary>
internal sealed class HeapStateBackend : StateBackend
{
    public override string Name => "heap";

    internal override StateStore<TKey> Open<TKey>(OperatorContext context, IStateSerializer<TKey> keySerializer, RestoredOperator? restored)
        => new HeapStateStore<TKey>(context, keySerializer, restored);

    internal override ValueTask<FetchedDatabase> FetchAsync(
        CheckpointStorage storage, string jobName, string uid, StateDatabase database, CancellationToken cancellationToken)
        => throw new StreamJobException(
            ErrorKind.Invalid,
            $"The checkpoint holds state of operator '{uid}' in the files of back end '{database.Backend}', which the heap does not read. Restore it with that back end and take a savepoint, which any back end reads.");
}

/// <summary>A state that takes part in checkpoints.</summary>
internal interface IHeapState
{
    void Snapshot(SubtaskSnapshot snapshot);

    void Restore(RestoredOperator restored);
}

/// <summary>
/// The heap's state of one operator in one subtask. Snapshots share pages with the state and are written in the background.
/// </summary>
internal sealed class HeapStateStore<TKey>(
    OperatorContext context, IStateSerializer<TKey> keySerializer, RestoredOperator? restored) : StateStore<TKey>
    where TKey : notnull
{
    private readonly List<IHeapState> _states = [];

    public override StateTable<TKey, TValue> Table<TValue>(
        string name, IStateSerializer<TValue> serializer, StatePrune<TValue>? prune = null)
        => Add(new StoredTable<TKey, TValue>(context, name, keySerializer, serializer, prune)).Table;

    public override StateMap<TKey, TUserKey, TValue> Map<TUserKey, TValue>(
        string name, IStateSerializer<TUserKey> userKeySerializer, IStateSerializer<TValue> serializer, StatePrune<TValue>? prune = null)
    {
        var maps = new MapSerializer<TUserKey, TValue>(userKeySerializer, serializer);
        return new HeapMap<TKey, TUserKey, TValue>(
            Add(new StoredTable<TKey, Dictionary<TUserKey, TValue>>(context, name, keySerializer, maps, prune is null ? null : Pruned, sortsByPrefix: true)).Table,
            serializer);

        bool Pruned(ref Dictionary<TUserKey, TValue> map, long nowMs)
        {
            var left = new Dictionary<TUserKey, TValue>();
            foreach (var (userKey, value) in map)
            {
                var kept = value;
                if (prune(ref kept, nowMs))
                {
                    left.Add(userKey, kept);
                }
            }

            map = left;
            return left.Count > 0;
        }
    }

    public override SliceTables<TKey, TAccumulator> Slices<TAccumulator>(string name, IStateSerializer<TAccumulator> serializer)
        => Add(new HeapSlices<TKey, TAccumulator>(context, name, keySerializer, serializer));

    public override KeyedTimers<TKey, TNamespace> Timers<TNamespace>(string name, IStateSerializer<TNamespace> namespaceSerializer)
        => Add(new HeapTimers<TKey, TNamespace>(context, name, keySerializer, namespaceSerializer));

    public override void Snapshot(SubtaskSnapshot snapshot)
    {
        foreach (var state in _states)
        {
            state.Snapshot(snapshot);
        }
    }

    private T Add<T>(T state)
        where T : IHeapState
    {
        if (restored is not null)
        {
            state.Restore(restored);
        }

        _states.Add(state);
        return state;
    }
}
