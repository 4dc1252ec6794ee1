using DataPlatform.Kernel;
using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Operators;

namespace DataPlatform.Streaming.State;

/// <summary>The key at hand, shared by all states of an operator.</summary>
internal sealed class CurrentKey<TKey>
{
    public TKey Key { get; private set; } = default!;

    public int Hash { get; private set; }

    public void Set(TKey key, int hash)
    {
        Key = key;
        Hash = hash;
    }
}

/// <summary>A table that takes part in checkpoints.</summary>
internal interface IStoredTable
{
    void Snapshot(SubtaskSnapshot snapshot);
}

/// <summary>The keyed states of one operator in one subtask.</summary>
internal sealed class KeyedStates<TKey>(OperatorContext context, IStateSerializer<TKey> keySerializer, RestoredOperator? restored) : IKeyedStates
    where TKey : notnull
{
    private readonly Dictionary<string, IStoredTable> _tables = new(StringComparer.Ordinal);

    public CurrentKey<TKey> Current { get; } = new();

    public IValueState<T> Value<T>(string name, StateTtl? ttl = null) => new ValueState<TKey, T>(Cell<T>(name, ttl));

    public IListState<T> List<T>(string name, StateTtl? ttl = null)
        => new ListState<TKey, T>(Cell(name, new ListSerializer<Stamped<T>>(Stamped<T>(ttl)), null), new Expiry(ttl, context.Timers));

    public IMapState<TUserKey, TValue> Map<TUserKey, TValue>(string name, StateTtl? ttl = null)
        where TUserKey : notnull
        => new MapState<TKey, TUserKey, TValue>(
            Cell(name, new MapSerializer<TUserKey, Stamped<TValue>>(context.Options.Serializers.Get<TUserKey>(), Stamped<TValue>(ttl)), null), new Expiry(ttl, context.Timers));

    public IReducingState<T> Reducing<T>(string name, Func<T, T, T> reduce, StateTtl? ttl = null)
    {
        ArgumentNullException.ThrowIfNull(reduce);
        return new ReducingState<TKey, T>(Cell<T>(name, ttl), reduce);
    }

    public IAggregatingState<TIn, TResult> Aggregating<TIn, TAccumulator, TResult>(
        string name, IAggregateFunction<TIn, TAccumulator, TResult> aggregate, StateTtl? ttl = null)
    {
        ArgumentNullException.ThrowIfNull(aggregate);
        return new AggregatingState<TKey, TIn, TAccumulator, TResult>(Cell<TAccumulator>(name, ttl), aggregate);
    }

    public StateCell<TKey, T> Cell<T>(string name, StateTtl? ttl) => Cell(name, context.Options.Serializers.Get<T>(), ttl);

    public StateCell<TKey, T> Cell<T>(string name, IStateSerializer<T> serializer, StateTtl? ttl)
        => new(Table(name, new StampedSerializer<T>(serializer, ttl is not null)), Current, new Expiry(ttl, context.Timers));

    /// <summary>A table by key, with what the checkpoint holds of it.</summary>
    public KeyTable<TKey, T> Table<T>(string name, IStateSerializer<T> serializer)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var table = new StoredTable<TKey, T>(context, name, keySerializer, serializer);
        if (!_tables.TryAdd(name, table))
        {
            throw new StreamJobException(ErrorKind.Invalid, $"Operator '{context.Name}' declares state '{name}' twice: names of state are unique in an operator.");
        }

        if (restored is not null)
        {
            table.Restore(restored);
        }

        return table.Table;
    }

    public void Snapshot(SubtaskSnapshot snapshot)
    {
        foreach (var table in _tables.Values)
        {
            table.Snapshot(snapshot);
        }
    }

    private StampedSerializer<T> Stamped<T>(StateTtl? ttl) => new(context.Options.Serializers.Get<T>(), ttl is not null);
}
