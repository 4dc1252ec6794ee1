namespace DataPlatform.Quality.Lineage;

/// <summary>A written column and the columns whose values can change what is written to it.</summary>
/// <param name="Target">The column written.</param>
/// <param name="Sources">The columns read for it, sorted; empty for constants.</param>
/// <param name="Flow">What happens to the values on the way.</param>
public sealed record ColumnLineage(ColumnId Target, IReadOnlyList<ColumnId> Sources, LineageFlow Flow = LineageFlow.Transformation);
