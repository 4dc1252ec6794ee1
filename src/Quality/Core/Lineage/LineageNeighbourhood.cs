namespace DataPlatform.Quality.Lineage;

/// <summary>What lies near a column, with everything that is known of the edges.</summary>
/// <param name="Nodes">The columns, nearest first.</param>
/// <param name="Edges">The edges between them, as jobs and people show them: one pair may have several.</param>
/// <param name="IsTruncated">Whether there was more than was asked for.</param>
public sealed record LineageNeighbourhood(IReadOnlyList<LineageNode> Nodes, IReadOnlyList<EdgeRecord> Edges, bool IsTruncated);

/// <summary>A column near another.</summary>
/// <param name="Column">The column.</param>
/// <param name="Distance">Edges from the start: negative upstream, 0 the start itself, positive downstream.</param>
public readonly record struct LineageNode(ColumnId Column, int Distance);
