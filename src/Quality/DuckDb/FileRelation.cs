using DataPlatform.Kernel;
using DuckDB.NET.Data;

namespace DataPlatform.Quality.DuckDb;

/// <summary>Makes a file a relation that rules can look at.</summary>
public static class FileRelation
{
    /// <summary>Registers a Parquet file, which stays where it is, or a CSV file with a header line, which is read once and whole.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="relation">The relation's name; one of that name is replaced.</param>
    /// <param name="path">The file; its ending tells what it is.</param>
    /// <exception cref="QualityException">There is no such file, it is neither, or it cannot be read.</exception>
    public static void Register(DuckDBConnection connection, string relation, string path)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentException.ThrowIfNullOrWhiteSpace(relation);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (!File.Exists(path))
        {
            throw new QualityException(ErrorKind.Invalid, $"The relation '{relation}' should come from '{path}', but there is no such file.");
        }

        var (name, file) = (SqlText.Identifier(relation), SqlText.Text(Path.GetFullPath(path)));
        var made = Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".PARQUET" => $"VIEW {name} AS SELECT * FROM read_parquet({file})",
            ".CSV" => $"TABLE {name} AS SELECT * FROM read_csv({file}, header = true)",
            var ending => throw new QualityException(ErrorKind.Invalid, $"'{path}' ends in '{ending}'; a relation comes from a .parquet or a .csv file."),
        };
        try
        {
            QualityConnection.Execute(connection, $"CREATE OR REPLACE {made}");
        }
        catch (DuckDBException e)
        {
            throw new QualityException(ErrorKind.Invalid, $"'{path}' cannot be read: {DuckDbErrors.Reason(e)}", e);
        }
    }
}
