using System.Collections.Concurrent;
using System.Globalization;
using DataPlatform.Kernel;
using DuckDB.NET.Data;

namespace DataPlatform.Lakehouse.DuckDb;

/// <summary>The schemas of data files by path. Data files never change, so a file is looked at once.</summary>
internal sealed class FileSchemaCache
{
    private const int FilesPerQuery = 1_000;
    private readonly ConcurrentDictionary<string, FileSchema> _byPath = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, FileSchema> _byFingerprint = new(StringComparer.Ordinal);

    /// <summary>The schema of each file, in the order of the paths; equal schemas are one object.</summary>
    public FileSchema[] Of(DuckDBConnection connection, IReadOnlyList<string> paths)
    {
        foreach (var missing in paths.Where(p => !_byPath.ContainsKey(p)).Distinct().Chunk(FilesPerQuery))
        {
            Read(connection, missing);
        }

        return [.. paths.Select(p => _byPath.TryGetValue(p, out var schema) ? schema
            : throw new DeltaException(ErrorKind.Corrupt, $"'{p}' is damaged: it has no Parquet schema."))];
    }

    private void Read(DuckDBConnection connection, string[] paths)
    {
        Dictionary<string, FileSchema> found = new(StringComparer.Ordinal);
        using var command = connection.CreateCommand();
        command.CommandText =
            "SELECT file_name, name, type, repetition_type, num_children, converted_type, logical_type, field_id, type_length "
            + $"FROM parquet_schema([{string.Join(", ", paths.Select(Sql.File))}])";
        try
        {
            using var reader = command.ExecuteReader();
            string? file = null;
            List<string?[]> rows = [];
            while (reader.Read())
            {
                var name = reader.GetString(0);
                if (file is not null && file != name)
                {
                    found[file] = Build(rows);
                    rows = [];
                }

                file = name;
                rows.Add([.. Enumerable.Range(1, 8).Select(i => reader.IsDBNull(i) ? null : Convert.ToString(reader.GetValue(i), CultureInfo.InvariantCulture))]);
            }

            if (file is not null)
            {
                found[file] = Build(rows);
            }

            foreach (var (path, root) in found)
            {
                MarkVariants(connection, path, root);
                _byPath[path] = _byFingerprint.GetOrAdd(root.Fingerprint(), root);
            }
        }
        catch (DuckDBException e)
        {
            throw new DeltaException(ErrorKind.Corrupt, $"A data file cannot be read as Parquet: {e.Message.Trim()}", e);
        }
    }

    /// <summary>Asks DuckDB which groups it takes as variants; only files that hold a group of that look are asked about.</summary>
    private static void MarkVariants(DuckDBConnection connection, string path, FileSchema root)
    {
        var groups = root.VariantGroups(null).ToArray();
        if (groups.Length == 0)
        {
            return;
        }

        using var command = connection.CreateCommand();
        command.CommandText = "SELECT column_type FROM (DESCRIBE SELECT "
            + string.Join(", ", groups.Select((g, i) => $"{g.Sql} AS c{i}")) + $" FROM read_parquet({Sql.File(path)}, hive_partitioning = false))";
        using var reader = command.ExecuteReader();
        for (var i = 0; reader.Read(); i++)
        {
            groups[i].Node.IsVariant = reader.GetString(0) == "VARIANT";
        }
    }

    private static FileSchema Build(List<string?[]> rows)
    {
        var next = 0;
        return Build(rows, ref next);
    }

    private static FileSchema Build(List<string?[]> rows, ref int next)
    {
        var row = rows[next++];
        var children = Number(row[3]) ?? 0;
        var node = new FileSchema(
            row[0] ?? string.Empty, children > 0 ? null : row[1], row[2] ?? string.Empty, row[4], row[5], Number(row[6]), Number(row[7]) ?? 0);
        for (var i = 0; i < children; i++)
        {
            node.Children.Add(Build(rows, ref next));
        }

        return node;
    }

    private static int? Number(string? text) => text is null ? null : int.Parse(text, CultureInfo.InvariantCulture);
}
