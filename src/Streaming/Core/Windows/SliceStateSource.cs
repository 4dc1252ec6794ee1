using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.Windows;

/// <summary>A frozen part of a slice.</summary>
internal readonly record struct SlicePart<TKey, TAccumulator>(SliceId Id, KeyTableSnapshot<TKey, TAccumulator> Table)
    where TKey : notnull;

/// <summary>
/// Frozen slices. A key group's bytes: { slice start, first window's start, number of keys, { key, accumulator } }; in a savepoint keys are
/// in
/// the order of their bytes.
/// </summary>
internal sealed class SliceStateSource<TKey, TAccumulator>(
    OperatorContext context,
    string name,
    IStateSerializer<TKey> keySerializer,
    IStateSerializer<TAccumulator> accumulatorSerializer,
    IReadOnlyList<SlicePart<TKey, TAccumulator>> slices,
    bool isCanonical)
    : StateSource(context.Uid, name, StateKind.Keyed, keySerializer.Schema, accumulatorSerializer.Schema)
    where TKey : notnull
{
    private readonly CanonicalOrder _order = new();
    private (int[] Starts, int[] Places)[]? _sorted;

    public override KeyGroupRange Groups => context.KeyGroups;

    public override void Write(int keyGroup, StateWriter writer)
    {
        _sorted ??= [.. slices.Select(Sort)];
        for (var slice = 0; slice < slices.Count; slice++)
        {
            var (starts, places) = _sorted[slice];
            var mine = places.AsSpan(starts[keyGroup - Groups.First]..starts[keyGroup - Groups.First + 1]);
            if (mine.Length == 0)
            {
                continue;
            }

            writer.WriteVarInt64(slices[slice].Id.StartMs);
            writer.WriteVarInt64(slices[slice].Id.FirstWindowMs);
            writer.WriteVarUInt64((ulong)mine.Length);
            WriteEntries(slices[slice].Table, mine, writer);
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

    private void WriteEntries(KeyTableSnapshot<TKey, TAccumulator> table, ReadOnlySpan<int> places, StateWriter writer)
    {
        if (!isCanonical)
        {
            foreach (var place in places)
            {
                Write(table, place, writer);
            }

            return;
        }

        _order.Clear();
        foreach (var place in places)
        {
            keySerializer.Write(_order.Keys, table.EntryAt(place).Key);
            _order.Add(place);
        }

        foreach (var place in _order.Sorted())
        {
            Write(table, place, writer);
        }
    }

    private void Write(KeyTableSnapshot<TKey, TAccumulator> table, int place, StateWriter writer)
    {
        ref readonly var entry = ref table.EntryAt(place);
        keySerializer.Write(writer, entry.Key);
        if (isCanonical)
        {
            accumulatorSerializer.WriteCanonical(writer, entry.Value);
        }
        else
        {
            accumulatorSerializer.Write(writer, entry.Value);
        }
    }

    private (int[] Starts, int[] Places) Sort(SlicePart<TKey, TAccumulator> slice)
    {
        var starts = slice.Table.SortByGroup(Groups, context.Options.MaxParallelism, out var places);
        return (starts, places);
    }
}
