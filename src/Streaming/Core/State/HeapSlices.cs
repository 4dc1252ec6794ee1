using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.Windows;

namespace DataPlatform.Streaming.State;

/// <summary>One table on the heap for each part of a slice.</summary>
internal sealed class HeapSlices<TKey, TAccumulator>(
    OperatorContext context, string name, IStateSerializer<TKey> keySerializer, IStateSerializer<TAccumulator> serializer)
    : SliceTables<TKey, TAccumulator>, IHeapState
    where TKey : notnull
{
    private readonly SortedDictionary<SliceId, KeyTable<TKey, TAccumulator>> _parts = [];
    private readonly IStateSerializer<TAccumulator>? _mutable = serializer.IsImmutable ? null : serializer;

    public override IReadOnlyList<SliceId> Restored => [.. _parts.Keys];

    public override StateTable<TKey, TAccumulator> Open(SliceId slice)
    {
        if (!_parts.TryGetValue(slice, out var table))
        {
            _parts.Add(slice, table = new KeyTable<TKey, TAccumulator>(_mutable));
        }

        return table;
    }

    public override void Drop(SliceId slice) => _parts.Remove(slice);

    public void Snapshot(SubtaskSnapshot snapshot) => snapshot.Add(new SliceStateSource<TKey, TAccumulator>(
        context, name, keySerializer, serializer, [.. _parts.Select(static p => new SlicePart<TKey, TAccumulator>(p.Key, p.Value.TakeSnapshot()))], snapshot.IsSavepoint));

    public void Restore(RestoredOperator restored)
    {
        var hasher = KeyHashers.Create(keySerializer);
        restored.Read(name, keySerializer, serializer, (ref StateReader reader, IStateSerializer<TAccumulator> values) =>
        {
            while (reader.Remaining > 0)
            {
                var table = Open(new SliceId(reader.ReadVarInt64(), reader.ReadVarInt64()));
                for (var count = reader.ReadVarUInt64(); count > 0; count--)
                {
                    var key = keySerializer.Read(ref reader);
                    table.GetOrAdd(key, hasher.Hash(key), out _) = values.Read(ref reader);
                }
            }
        });
    }
}
