namespace DataPlatform.Quality.Lineage;

/// <summary>A part of a lineage graph, for people to look at.</summary>
/// <param name="Columns">The columns, nearest to the start first; one named <c>*</c> is a whole dataset.</param>
/// <param name="Edges">The edges between them.</param>
/// <param name="IsTruncated">Whether there was more than was asked for.</param>
public sealed record LineageCut(IReadOnlyList<ColumnId> Columns, IReadOnlyList<CutEdge> Edges, bool IsTruncated = false)
{
    /// <summary>Nothing.</summary>
    public static LineageCut Empty { get; } = new([], []);
}

/// <summary>An edge of a <see cref="LineageCut"/>.</summary>
/// <param name="Source">The column read.</param>
/// <param name="Target">The column written.</param>
/// <param name="IsDirect">Whether values flow over it, and not only the choice of rows.</param>
public readonly record struct CutEdge(ColumnId Source, ColumnId Target, bool IsDirect);
