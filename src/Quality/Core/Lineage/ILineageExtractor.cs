namespace DataPlatform.Quality.Lineage;

/// <summary>Finds lineage in SQL text. Nothing is executed over data.</summary>
public interface ILineageExtractor
{
    /// <summary>Reads a script.</summary>
    /// <param name="sql">One or more statements; tables and views they create are known to the later ones.</param>
    /// <returns>A result per statement, in order, without those that neither read nor write rows.</returns>
    IReadOnlyList<StatementLineage> Extract(string sql);
}
