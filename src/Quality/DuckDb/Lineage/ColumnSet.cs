using DataPlatform.Quality.Lineage;

namespace DataPlatform.Quality.DuckDb.Lineage;

/// <summary>An immutable set of columns; small, sorted, cheap to unite.</summary>
internal readonly struct ColumnSet
{
    private readonly ColumnId[]? _columns;

    private ColumnSet(ColumnId[]? columns, LineageFlow flow, int outerDepth)
    {
        _columns = columns;
        Flow = flow;
        OuterDepth = outerDepth;
    }

    public static ColumnSet Empty => default;

    /// <summary>What happened to the columns' values on the way here.</summary>
    public LineageFlow Flow { get; }

    /// <summary>
    /// Above 0 where the value comes from an outer row alone, so that within a correlated subquery it is the same in all rows: how many
    /// correlated joins were open at the outermost one whose rows these are.
    /// </summary>
    public int OuterDepth { get; }

    public bool IsOuter => OuterDepth > 0;

    public IReadOnlyList<ColumnId> Columns => _columns ?? [];

    public bool IsEmpty => _columns is null or [];

    public static ColumnSet Of(ColumnId column) => new([column], LineageFlow.Identity, 0);

    public static ColumnSet Union(IEnumerable<ColumnSet> sets) => sets.Aggregate(Empty, (all, next) => all.Union(next));

    /// <summary>The same columns after something more happened to their values.</summary>
    public ColumnSet Through(LineageFlow flow) => IsEmpty || (Flow | flow) == Flow ? this : new ColumnSet(_columns!, Flow | flow, OuterDepth);

    /// <summary>The same columns as those of an outer row.</summary>
    /// <param name="depth">Correlated joins that are open; columns that are an outer row's already stay so.</param>
    public ColumnSet AsOuter(int depth) => IsOuter ? this : new ColumnSet(_columns, Flow, depth);

    /// <summary>The same columns outside a correlated join, where its outer rows are rows like others.</summary>
    /// <param name="depth">Correlated joins that were open in it.</param>
    public ColumnSet Outside(int depth) => OuterDepth >= depth ? new ColumnSet(_columns, Flow, 0) : this;

    public ColumnSet Union(ColumnSet other)
    {
        if (IsEmpty)
        {
            return other;
        }

        if (other.IsEmpty || ReferenceEquals(_columns, other._columns))
        {
            return other.IsEmpty ? this : new ColumnSet(_columns, Flow | other.Flow, Common(other));
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

        return new ColumnSet(merged.Count == left.Length ? left : [.. merged], Flow | other.Flow, Common(other));
    }

    private int Common(ColumnSet other) => IsOuter && other.IsOuter ? Math.Max(OuterDepth, other.OuterDepth) : 0;

    public bool SameAs(ColumnSet other) => Columns.SequenceEqual(other.Columns);
}
