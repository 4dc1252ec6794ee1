namespace DataPlatform.Quality.Lineage;

/// <summary>Finds lineage in SQL text. Nothing is executed over data.</summary>
public interface ILineageExtractor
{
    /// <summary>Reads a script.</summary>
    /// <param name="sql">One or more statements; tables and views they create are known to the later ones.</param>
    /// <returns>A result per statement, in order, without those that neither read nor write rows; one that does not parse is told as such.</returns>
    IReadOnlyList<StatementLineage> Extract(string sql);

    /// <summary>Reads a script over tables that somebody else knows.</summary>
    /// <param name="sql">As of <see cref="Extract(string)"/>.</param>
    /// <param name="tables">Tables as this script sees them, whatever was known under their names before and is known after it.</param>
    IReadOnlyList<StatementLineage> Extract(string sql, IReadOnlyList<TableDefinition> tables) => Extract(sql);
}
