namespace DataPlatform.Quality.Lineage;

/// <summary>How far a search over lineage goes.</summary>
/// <param name="DepthMax">Edges from the start; unbounded unless said otherwise.</param>
/// <param name="Indirect">Whether edges of filters, joins and the like are followed.</param>
/// <param name="ColumnsMax">Columns at which it stops.</param>
public sealed record LineageSearch(int DepthMax = int.MaxValue, bool Indirect = true, int ColumnsMax = int.MaxValue)
{
    /// <summary>Everything.</summary>
    public static LineageSearch All { get; } = new();
}

/// <summary>A column that a search came to.</summary>
/// <param name="Column">The column.</param>
/// <param name="Distance">Edges on the shortest path.</param>
/// <param name="IsDirect">Whether a path of direct edges alone, of any length, leads there.</param>
public readonly record struct LineageReach(ColumnId Column, int Distance, bool IsDirect);
