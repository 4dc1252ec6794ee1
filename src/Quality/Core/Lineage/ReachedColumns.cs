using System.Collections;

namespace DataPlatform.Quality.Lineage;

/// <summary>What a search came to, named when it is read: an answer of half a million columns costs nothing until someone looks.</summary>
internal sealed class ReachedColumns : IReadOnlyList<LineageReach>
{
    private readonly ColumnNames _names;
    private readonly BreadthFirst _all;
    private readonly BreadthFirst _direct;
    private readonly int _starts;

    /// <param name="names">The columns.</param>
    /// <param name="all">The walk that was asked for.</param>
    /// <param name="direct">The walk over direct edges alone; the same one where nothing else was asked for.</param>
    /// <param name="columnsMax">Columns told at most.</param>
    public ReachedColumns(ColumnNames names, BreadthFirst all, BreadthFirst direct, int columnsMax)
    {
        _names = names;
        _all = all;
        _direct = direct;
        _starts = all.StartCount;
        Count = Math.Min(all.Order.Length - _starts, columnsMax);
    }

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public LineageReach this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            var distance = 1;
            while (distance + 1 < _all.Levels.Count && _all.Levels[distance + 1] <= index + _starts)
            {
                distance++;
            }

            return At(index, distance);
        }
    }

    /// <inheritdoc/>
    public IEnumerator<LineageReach> GetEnumerator()
    {
        var distance = 1;
        for (var index = 0; index < Count; index++)
        {
            if (distance + 1 < _all.Levels.Count && _all.Levels[distance + 1] == index + _starts)
            {
                distance++;
            }

            yield return At(index, distance);
        }
    }

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private LineageReach At(int index, int distance)
    {
        var node = _all.Order[index + _starts];
        return new LineageReach(_names[node], distance, _direct.Reached(node));
    }
}
