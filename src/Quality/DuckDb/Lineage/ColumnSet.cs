using DataPlatform.Quality.Lineage;

namespace DataPlatform.Quality.DuckDb.Lineage;

/// <summary>An immutable set of columns; small, sorted, cheap to unite.</summary>
internal readonly struct ColumnSet
{
    private readonly ColumnId[]? _columns;

    private ColumnSet(ColumnId[] columns, LineageFlow flow)
    {
        _columns = columns;
        Flow = flow;
    }

    public static ColumnSet Empty => default;

    /// <summary>What happened to the columns' values on the way here.</summary>
    public LineageFlow Flow { get; }

    public IReadOnlyList<ColumnId> Columns => _columns ?? [];

    public bool IsEmpty => _columns is null or [];

    public static ColumnSet Of(ColumnId column) => new([column], LineageFlow.Identity);

    public static ColumnSet Union(IEnumerable<ColumnSet> sets) => sets.Aggregate(Empty, (all, next) => all.Union(next));

    /// <summary>The same columns after something more happened to their values.</summary>
    public ColumnSet Through(LineageFlow flow) => IsEmpty || (Flow | flow) == Flow ? this : new ColumnSet(_columns!, Flow | flow);

    public ColumnSet Union(ColumnSet other)
    {
        if (IsEmpty)
        {
            return other;
        }

        if (other.IsEmpty || ReferenceEquals(_columns, other._columns))
        {
            return Through(other.Flow);
        }

        var (left, right) = (_columns!, other._columns!);
        var merged = new List<ColumnId>(left.Length + right.Length);
        for (int i = 0, j = 0; i < left.Length || j < right.Length;)
        {
            var order = i == left.Length ? 1 : j == right.Length ? -1 : left[i].CompareTo(right[j]);
            merged.Add(order <= 0 ? left[i] : right[j]);
            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }

        return merged.Count == left.Length ? Through(other.Flow) : new ColumnSet([.. merged], Flow | other.Flow);
    }

    public bool SameAs(ColumnSet other) => Columns.SequenceEqual(other.Columns);
}
