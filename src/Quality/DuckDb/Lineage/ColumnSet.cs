using DataPlatform.Quality.Lineage;

namespace DataPlatform.Quality.DuckDb.Lineage;

/// <summary>An immutable set of columns; small, sorted, cheap to unite.</summary>
internal readonly struct ColumnSet
{
    private readonly ColumnId[]? _columns;

    private ColumnSet(ColumnId[] columns) => _columns = columns;

    public static ColumnSet Empty => default;

    public IReadOnlyList<ColumnId> Columns => _columns ?? [];

    public bool IsEmpty => _columns is null or [];

    public static ColumnSet Of(ColumnId column) => new([column]);

    public static ColumnSet Union(IEnumerable<ColumnSet> sets) => sets.Aggregate(Empty, (all, next) => all.Union(next));

    public ColumnSet Union(ColumnSet other)
    {
        if (IsEmpty)
        {
            return other;
        }

        if (other.IsEmpty || ReferenceEquals(_columns, other._columns))
        {
            return this;
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

        return merged.Count == left.Length ? this : new ColumnSet([.. merged]);
    }

    public bool SameAs(ColumnSet other) => Columns.SequenceEqual(other.Columns);
}
