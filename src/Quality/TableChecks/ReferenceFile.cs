using DataPlatform.Kernel;
using DuckDB.NET.Data;

namespace DataPlatform.Quality.TableChecks;

/// <summary>Reads a CSV file into a table, so that rules look keys up in memory and not in text.</summary>
internal static class ReferenceFile
{
    public static void Load(DuckDBConnection connection, string relation, string path)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"CREATE OR REPLACE TABLE {Quote(relation, '"')} AS SELECT * FROM read_csv({Quote(Path.GetFullPath(path), '\'')}, header = true)";
        try
        {
            command.ExecuteNonQuery();
        }
        catch (DuckDBException e)
        {
            throw new QualityException(ErrorKind.Invalid, $"The reference file '{path}' cannot be read as CSV: {e.Message.Split('\n')[0]}", e);
        }
    }

    private static string Quote(string text, char quote) => $"{quote}{text.Replace($"{quote}", $"{quote}{quote}", StringComparison.Ordinal)}{quote}";
}
