namespace DataPlatform.Quality.Lineage;

/// <summary>A table as lineage needs to know it.</summary>
/// <param name="Name">Its name; dots separate catalog, schema and table, except in names of files.</param>
/// <param name="Columns">Its columns in order.</param>
public sealed record TableDefinition(string Name, IReadOnlyList<ColumnDefinition> Columns);

/// <summary>A column of a <see cref="TableDefinition"/>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its SQL type; may carry <c>primary key</c>, without which upserts do not bind.</param>
public sealed record ColumnDefinition(string Name, string Type);
