using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Operators;

namespace DataPlatform.Streaming.State;

/// <summary>A table by key and how it is written to and read from checkpoints. A key group's bytes: { key, value }.</summary>
internal sealed class StoredTable<TKey, TValue>(
    OperatorContext context,
    string name,
    IStateSerializer<TKey> keySerializer,
    IStateSerializer<TValue> valueSerializer,
    StatePrune<TValue>? prune,
    bool sortsByPrefix = false) : IHeapState
    where TKey : notnull
{
    public KeyTable<TKey, TValue> Table { get; } = new(valueSerializer.IsImmutable ? null : valueSerializer);

    public void Restore(RestoredOperator restored)
    {
        var hasher = KeyHashers.Create(keySerializer);
        restored.Read(name, keySerializer, valueSerializer, (ref StateReader reader, IStateSerializer<TValue> values) =>
        {
            while (reader.Remaining > 0)
            {
                var key = keySerializer.Read(ref reader);
                Table.GetOrAdd(key, hasher.Hash(key), out _) = values.Read(ref reader);
            }
        });
    }

    public void Snapshot(SubtaskSnapshot snapshot)
        => snapshot.Add(new TableStateSource<TKey, TValue>(context, name, keySerializer, valueSerializer, Table.TakeSnapshot(), snapshot.IsSavepoint, prune, sortsByPrefix));
}

/// <summary>A frozen table. In a savepoint its entries are in the order of their keys' bytes, and what has expired is left out.</summary>
internal sealed class TableStateSource<TKey, TValue>(
    OperatorContext context,
    string name,
    IStateSerializer<TKey> keySerializer,
    IStateSerializer<TValue> valueSerializer,
    KeyTableSnapshot<TKey, TValue> table,
    bool isCanonical,
    StatePrune<TValue>? prune,
    bool sortsByPrefix)
    : StateSource(context.Uid, name, StateKind.Keyed, keySerializer.Schema, valueSerializer.Schema)
    where TKey : notnull
{
    private readonly long _nowMs = isCanonical && prune is not null ? context.Timers.NowMs : 0;
    private readonly CanonicalOrder _order = new();
    private int[]? _starts;
    private int[] _places = [];

    public override KeyGroupRange Groups => context.KeyGroups;

    public override void Write(int keyGroup, StateWriter writer)
    {
        _starts ??= table.SortByGroup(Groups, context.Options.MaxParallelism, out _places);
        var places = _places.AsSpan(_starts[keyGroup - Groups.First].._starts[keyGroup - Groups.First + 1]);
        if (isCanonical)
        {
            WriteCanonical(places, writer);
            return;
        }

        foreach (var place in places)
        {
            ref readonly var entry = ref table.EntryAt(place);
            keySerializer.Write(writer, entry.Key);
            valueSerializer.Write(writer, entry.Value);
        }
    }

    public override void Dispose()
    {
        table.Dispose();
        base.Dispose();
    }

    /// <summary>A map's entries lie behind their key in a sorted store, so that there shorter keys come first.</summary>
    private void WriteOrder(TKey key)
    {
        if (sortsByPrefix)
        {
            OrderedKeys.WritePrefix(_order.Keys, keySerializer, key);
        }
        else
        {
            keySerializer.Write(_order.Keys, key);
        }
    }

    private void WriteCanonical(ReadOnlySpan<int> places, StateWriter writer)
    {
        _order.Clear();
        foreach (var place in places)
        {
            WriteOrder(table.EntryAt(place).Key);
            _order.Add(place);
        }

        foreach (var place in _order.Sorted())
        {
            ref readonly var entry = ref table.EntryAt(place);
            var value = entry.Value;
            if (prune is null || prune(ref value, _nowMs))
            {
                keySerializer.Write(writer, entry.Key);
                valueSerializer.WriteCanonical(writer, value);
            }
        }
    }
}

/// <summary>Writes values in the one order that savepoints have.</summary>
internal static class CanonicalSerializers
{
    /// <summary>Whether that may differ from how the serialiser writes otherwise.</summary>
    public static bool Differs<T>(IStateSerializer<T> serializer) => serializer is ICanonicalSerializer<T>;

    public static void WriteCanonical<T>(this IStateSerializer<T> serializer, StateWriter writer, T value)
    {
        if (serializer is ICanonicalSerializer<T> canonical)
        {
            canonical.WriteCanonical(writer, value);
        }
        else
        {
            serializer.Write(writer, value);
        }
    }
}
