using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Operators;

namespace DataPlatform.Streaming.State;

/// <summary>A table by key and how it is written to and read from checkpoints. A key group's bytes: { key, value }.</summary>
internal sealed class StoredTable<TKey, TValue>(
    OperatorContext context, string name, IStateSerializer<TKey> keySerializer, IStateSerializer<TValue> valueSerializer) : IStoredTable
    where TKey : notnull
{
    public KeyTable<TKey, TValue> Table { get; } = new();

    public void Restore(RestoredOperator restored)
    {
        var hasher = KeyHashers.Create(keySerializer);
        restored.Read(name, keySerializer.CanRead, valueSerializer.CanRead, (ref StateReader reader) =>
        {
            while (reader.Remaining > 0)
            {
                var key = keySerializer.Read(ref reader);
                Table.GetOrAdd(key, hasher.Hash(key), out _) = valueSerializer.Read(ref reader);
            }
        });
    }

    public void Snapshot(SubtaskSnapshot snapshot)
    {
        var source = new TableStateSource<TKey, TValue>(context, name, keySerializer, valueSerializer, Table.TakeSnapshot());
        if (valueSerializer.IsImmutable && keySerializer.IsImmutable)
        {
            snapshot.Add(source);
            return;
        }

        using (source)
        {
            snapshot.Add(new FrozenStateSource(source));
        }
    }
}

/// <summary>A frozen table.</summary>
internal sealed class TableStateSource<TKey, TValue>(
    OperatorContext context, string name, IStateSerializer<TKey> keySerializer, IStateSerializer<TValue> valueSerializer, KeyTableSnapshot<TKey, TValue> table)
    : StateSource(context.Uid, name, StateKind.Keyed, keySerializer.Schema, valueSerializer.Schema)
    where TKey : notnull
{
    private int[]? _starts;
    private int[] _places = [];

    public override KeyGroupRange Groups => context.KeyGroups;

    public override void Write(int keyGroup, StateWriter writer)
    {
        _starts ??= table.SortByGroup(Groups, context.Options.MaxParallelism, out _places);
        for (var i = _starts[keyGroup - Groups.First]; i < _starts[keyGroup - Groups.First + 1]; i++)
        {
            ref readonly var entry = ref table.EntryAt(_places[i]);
            keySerializer.Write(writer, entry.Key);
            valueSerializer.Write(writer, entry.Value);
        }
    }

    public override void Dispose()
    {
        table.Dispose();
        base.Dispose();
    }
}
