using DataPlatform.Kernel;
using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Operators;

namespace DataPlatform.Streaming.State;

/// <summary>The state without keys of one operator in one subtask.</summary>
internal sealed class SubtaskStates(OperatorContext context, RestoredOperator? restored) : IOperatorStates
{
    private readonly Dictionary<string, Action<SubtaskSnapshot>> _states = new(StringComparer.Ordinal);

    public IListState<T> Split<T>(string name) => List<T>(name, StateKind.Split);

    public IListState<T> Union<T>(string name) => List<T>(name, StateKind.Union);

    public IMapState<TUserKey, TValue> Broadcast<TUserKey, TValue>(string name)
        where TUserKey : notnull
    {
        var serializer = new MapSerializer<TUserKey, TValue>(
            context.Options.Serializers.Get<TUserKey>(), context.Options.Serializers.Get<TValue>());
        var map = new SubtaskMap<TUserKey, TValue>();
        Add(name, StateKind.Broadcast, serializer, snapshot => map.Content);
        restored?.Read(
            name,
            StateKind.Broadcast,
            serializer,
            (ref StateReader reader, IStateSerializer<Dictionary<TUserKey, TValue>> reads) => map.Content = reads.Read(ref reader));
        return map;
    }

    public void Snapshot(SubtaskSnapshot snapshot)
    {
        foreach (var state in _states.Values)
        {
            state(snapshot);
        }
    }

    private SubtaskList<T> List<T>(string name, StateKind kind)
    {
        var serializer = new ListSerializer<T>(context.Options.Serializers.Get<T>());
        var list = new SubtaskList<T>();
        Add(name, kind, serializer, _ => list.Content);
        var dealt = 0L;
        restored?.Read(name, kind, serializer, (ref StateReader reader, IStateSerializer<List<T>> reads) =>
        {
            foreach (var item in reads.Read(ref reader))
            {
                // Every subtask reads the lists of all in the same order, and so deals them out alike.
                if (kind == StateKind.Union || dealt++ % context.Parallelism == context.SubtaskIndex)
                {
                    list.Add(item);
                }
            }
        });
        return list;
    }

    private void Add<T>(string name, StateKind kind, IStateSerializer<T> serializer, Func<SubtaskSnapshot, T> content)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (!_states.TryAdd(name, Freeze))
        {
            throw new StreamJobException(ErrorKind.Invalid, $"Operator '{context.Name}' declares state '{name}' twice: names of state are unique in an operator.");
        }

        void Freeze(SubtaskSnapshot snapshot)
        {
            var writer = new StateWriter();
            serializer.WriteCanonical(writer, content(snapshot));
            snapshot.Add(new BytesStateSource(context.Uid, name, kind, serializer.Schema, writer.WrittenSpan.ToArray()));
        }
    }

    private sealed class SubtaskList<T> : IListState<T>
    {
        public List<T> Content { get; } = [];

        public IReadOnlyList<T> Items() => [.. Content];

        public void Add(T item) => Content.Add(item);

        public void Update(IEnumerable<T> items)
        {
            List<T> fresh = [.. items];
            Content.Clear();
            Content.AddRange(fresh);
        }

        public void Clear() => Content.Clear();
    }

    private sealed class SubtaskMap<TUserKey, TValue> : IMapState<TUserKey, TValue>
        where TUserKey : notnull
    {
        public Dictionary<TUserKey, TValue> Content { get; set; } = [];

        public bool TryGet(TUserKey userKey, out TValue value) => Content.TryGetValue(userKey, out value!);

        public void Put(TUserKey userKey, TValue value) => Content[userKey] = value;

        public bool Remove(TUserKey userKey) => Content.Remove(userKey);

        public IReadOnlyList<KeyValuePair<TUserKey, TValue>> Entries() => [.. Content];

        public void Clear() => Content.Clear();
    }
}
