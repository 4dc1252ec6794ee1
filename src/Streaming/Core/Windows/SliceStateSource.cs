using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.Windows;

/// <summary>A frozen part of a slice.</summary>
internal readonly record struct SlicePart<TKey, TAccumulator>(long StartMs, long FirstWindowMs, KeyTableSnapshot<TKey, TAccumulator> Table)
    where TKey : notnull;

/// <summary>Frozen slices. A key group's bytes: { slice start, first window's start, number of keys, { key, accumulator } }.</summary>
internal sealed class SliceStateSource<TKey, TAccumulator>(
    string uid,
    string name,
    KeyGroupRange groups,
    int maxParallelism,
    IStateSerializer<TKey> keySerializer,
    IStateSerializer<TAccumulator> accumulatorSerializer,
    IReadOnlyList<SlicePart<TKey, TAccumulator>> slices)
    : StateSource(uid, name, StateKind.Keyed, keySerializer.Schema, accumulatorSerializer.Schema)
    where TKey : notnull
{
    private (int[] Starts, int[] Places)[]? _sorted;

    public override KeyGroupRange Groups => groups;

    public override void Write(int keyGroup, StateWriter writer)
    {
        _sorted ??= [.. slices.Select(Sort)];
        for (var slice = 0; slice < slices.Count; slice++)
        {
            var (starts, places) = _sorted[slice];
            var first = starts[keyGroup - groups.First];
            var end = starts[keyGroup - groups.First + 1];
            if (first == end)
            {
                continue;
            }

            writer.WriteVarInt64(slices[slice].StartMs);
            writer.WriteVarInt64(slices[slice].FirstWindowMs);
            writer.WriteVarUInt64((ulong)(end - first));
            for (var i = first; i < end; i++)
            {
                ref readonly var entry = ref slices[slice].Table.EntryAt(places[i]);
                keySerializer.Write(writer, entry.Key);
                accumulatorSerializer.Write(writer, entry.Value);
            }
        }
    }

    public override void Dispose()
    {
        foreach (var slice in slices)
        {
            slice.Table.Dispose();
        }

        base.Dispose();
    }

    private (int[] Starts, int[] Places) Sort(SlicePart<TKey, TAccumulator> slice)
    {
        var starts = slice.Table.SortByGroup(groups, maxParallelism, out var places);
        return (starts, places);
    }
}
