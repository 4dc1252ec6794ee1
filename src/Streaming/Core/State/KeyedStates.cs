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

/// <summary>The keyed states of one operator in one subtask, in whatever back end the job has.</summary>
internal sealed class KeyedStates<TKey>(
    OperatorContext context, IStateSerializer<TKey> keySerializer, RestoredOperator? restored) : IKeyedStates, IDisposable
    where TKey : notnull
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly StateStore<TKey> _store = context.Options.StateBackend.Open(context, keySerializer, restored);

    public CurrentKey<TKey> Current { get; } = new();

    public IValueState<T> Value<T>(string name, StateTtl? ttl = null) => new ValueState<TKey, T>(Cell<T>(name, ttl));

    public IListState<T> List<T>(string name, StateTtl? ttl = null)
    {
        var expiry = new Expiry(ttl, context.Timers);
        var table = _store.Table(Named(name), new ListSerializer<Stamped<T>>(Stamped<T>(ttl)), expiry.PruneItems<T>());
        return new ListState<TKey, T>(table, context.Options.Serializers.Get<T>(), Current, expiry);
    }

    public IMapState<TUserKey, TValue> Map<TUserKey, TValue>(string name, StateTtl? ttl = null)
        where TUserKey : notnull
    {
        var expiry = new Expiry(ttl, context.Timers);
        return new MapState<TKey, TUserKey, TValue>(
            _store.Map(
                Named(name), context.Options.Serializers.Get<TUserKey>(), Stamped<TValue>(ttl), expiry.Prune<TValue>()), Current, expiry);
    }

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

    /// <summary>A table by key, with what the checkpoint holds of it.</summary>
    public StateTable<TKey, T> Table<T>(string name, IStateSerializer<T> serializer) => _store.Table(Named(name), serializer);

    /// <summary>Timers of one domain, with what the checkpoint holds of them.</summary>
    public Time.KeyedTimers<TKey, TNamespace> Timers<TNamespace>(string name, IStateSerializer<TNamespace> serializer)
        => _store.Timers(Named(name), serializer);

    public void Snapshot(SubtaskSnapshot snapshot) => _store.Snapshot(snapshot);

    public void Dispose() => _store.Dispose();

    private StateCell<TKey, T> Cell<T>(string name, StateTtl? ttl)
    {
        var expiry = new Expiry(ttl, context.Timers);
        return new StateCell<TKey, T>(_store.Table(Named(name), Stamped<T>(ttl), expiry.Prune<T>()), Current, expiry);
    }

    private StampedSerializer<T> Stamped<T>(StateTtl? ttl) => new(context.Options.Serializers.Get<T>(), ttl is not null);

    private string Named(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return _names.Add(name)
            ? name
            : throw new StreamJobException(ErrorKind.Invalid, $"Operator '{context.Name}' declares state '{name}' twice: names of state are unique in an operator.");
    }
}
