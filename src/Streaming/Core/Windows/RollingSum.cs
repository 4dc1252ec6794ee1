using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.Windows;

/// <summary>
/// The slices of the sliding window that fired last, put together by key; the next window takes away the slices that went out and adds those
/// that came in. No state: it is made anew after a restore, and whenever a slice that is in it has changed.
/// </summary>
internal sealed class RollingSum<TKey, TIn, TAccumulator, TResult>(IRetractableAggregate<TIn, TAccumulator, TResult> aggregate)
    where TKey : notnull
{
    private readonly Dictionary<SliceId, StateTable<TKey, TAccumulator>> _included = [];
    private readonly KeyTable<TKey, Sum> _sums = new();

    /// <summary>Where the last slice in it ends; records before it change what it holds.</summary>
    public long EndMs { get; private set; } = long.MinValue;

    /// <summary>Makes it the sum of some slices.</summary>
    /// <param name="slices">The slices of the window.</param>
    /// <param name="endMs">Where the window ends.</param>
    /// <returns>The sums by key; only for reading, until the next call.</returns>
    public StateCursor<TKey, Sum> Advance(IEnumerable<KeyValuePair<SliceId, StateTable<TKey, TAccumulator>>> slices, long endMs)
    {
        var wanted = slices.ToDictionary();
        var leaving = _included.Where(s => !wanted.ContainsKey(s.Key)).ToList();
        if (leaving.Count + wanted.Keys.Count(id => !_included.ContainsKey(id)) >= wanted.Count)
        {
            Clear();
            leaving.Clear();
        }

        foreach (var (id, slice) in leaving)
        {
            Leave(id, slice);
        }

        foreach (var (id, slice) in wanted)
        {
            if (_included.TryAdd(id, slice))
            {
                Enter(slice);
            }
        }

        EndMs = endMs;
        return _sums.Scan();
    }

    /// <summary>Takes a slice away before it is dropped; nothing where it is not in the sum.</summary>
    public void Leave(SliceId id, StateTable<TKey, TAccumulator> slice)
    {
        if (!_included.Remove(id))
        {
            return;
        }

        using var entries = slice.Scan();
        while (entries.MoveNext())
        {
            ref var sum = ref _sums.GetOrAdd(entries.Key, entries.Hash, out _);
            if (--sum.Slices == 0)
            {
                _sums.Remove(entries.Key, entries.Hash);
                continue;
            }

            aggregate.Retract(ref sum.Accumulator, in entries.Value);
        }
    }

    /// <summary>Forgets everything: a slice in it has changed.</summary>
    public void Clear()
    {
        _included.Clear();
        _sums.Clear();
        EndMs = long.MinValue;
    }

    private void Enter(StateTable<TKey, TAccumulator> slice)
    {
        using var entries = slice.Scan();
        while (entries.MoveNext())
        {
            ref var sum = ref _sums.GetOrAdd(entries.Key, entries.Hash, out var exists);
            if (!exists)
            {
                sum.Accumulator = aggregate.CreateAccumulator();
            }

            sum.Slices++;
            aggregate.Merge(ref sum.Accumulator, in entries.Value);
        }
    }

    /// <summary>A key's accumulators put together, and in how many slices it is: with none left it has no window.</summary>
    internal struct Sum
    {
        public TAccumulator Accumulator;
        public int Slices;
    }
}
