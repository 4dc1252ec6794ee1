using Microsoft.Data.Sqlite;

namespace DataPlatform.Quality.Sqlite;

/// <summary>Keeps the catalog in step with the runs, in their transaction.</summary>
internal static class CatalogWriter
{
    /// <summary>Takes a run that was just written.</summary>
    public static void Add(SqliteConnection connection, long run, long suite, SuiteResult result)
    {
        Sql.Execute(connection, CatalogSql.AddRules, run);
        Sql.Execute(connection, CatalogSql.ForgetRules, run, suite, result.Table, result.StartedAt.UtcTicks);
        PartitionWriter.Add(connection, suite, result);
        Sql.Execute(connection, CatalogSql.AddTable, result.Table);
        Sql.Execute(connection, CatalogSql.AddDay, run);
    }
}
