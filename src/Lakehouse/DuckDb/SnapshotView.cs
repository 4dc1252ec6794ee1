using System.Text;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Snapshots;

namespace DataPlatform.Lakehouse.DuckDb;

/// <summary>
/// Writes the SQL of a view over a snapshot: files that share a physical schema and a partition are one branch, partition values are typed
/// constants of the branch, or joined by file name where there are too many partitions.
/// </summary>
internal sealed class SnapshotView(
    LakeQuery query, FileSchemaCache schemas, Snapshot snapshot, IReadOnlyCollection<AddFile> live, int branchesMax)
{
    private readonly Projection _projection = new(ColumnMapping.ModeOf(snapshot.Metadata.Configuration));
    private readonly StructField[] _partitions = [.. snapshot.PartitionColumns.Select(c => snapshot.Schema[c])];

    /// <summary>Tables that the view reads besides files.</summary>
    public List<string> Tables { get; } = [];

    public string ToSql(string view, string? deletions)
    {
        if (snapshot.Schema.Fields.Count == 0)
        {
            throw DeltaException.Invalid($"'{snapshot}' has no columns yet, and DuckDB has no relation without columns; query a later version.");
        }

        var files = Locate();
        if (files.Count == 0)
        {
            var columns = snapshot.Schema.Fields.Select(f => $"CAST(NULL AS {Sql.Type(f.Type)}) AS {Sql.Name(f.Name)}");
            return $"SELECT {string.Join(", ", columns)} WHERE false";
        }

        var byPartition = files.GroupBy(f => f.Partition, StringComparer.Ordinal).Count() <= branchesMax;
        var branches = files
            .GroupBy(f => (f.Schema, Partition: byPartition ? f.Partition : string.Empty, HasDeletions: f.File.DeletionVector is not null))
            .Select(g => Branch(view, [.. g], byPartition, g.Key.HasDeletions ? deletions : null));
        return string.Join("\nUNION ALL ", branches);
    }

    private List<DataFile> Locate()
    {
        List<(AddFile File, string Path)> located = [];
        foreach (var file in live)
        {
            var path = snapshot.PathOf(file);
            if (!snapshot.Store.TryGetLocalPath(path, out var local))
            {
                throw DeltaException.Invalid("The table's store keeps no files on this machine, and DuckDB reads files: query a local copy.");
            }

            if (!File.Exists(local))
            {
                throw new DeltaException(Kernel.ErrorKind.Corrupt, $"The data file '{path}' of version {snapshot.Version} is missing from the table's folder.");
            }

            located.Add((file, local));
        }

        var found = schemas.Of(query.Connection, [.. located.Select(l => l.Path)]);
        return [.. located.Select((l, i) => new DataFile(l.File, l.Path, found[i], PartitionKey(l.File)))];
    }

    private string PartitionKey(AddFile file)
        => string.Join('\u001f', _partitions.Select(p => Value(file, p) is { } value ? "=" + value : "-"));

    private static string? Value(AddFile file, StructField partition)
        => file.PartitionValues.GetValueOrDefault(ColumnMapping.PhysicalName(partition)) is { Length: > 0 } value ? value : null;

    private string Branch(string view, DataFile[] files, bool byPartition, string? deletions)
    {
        var schema = files[0].Schema;
        var columns = snapshot.Schema.Fields.Select(f => $"{Column(f, schema, files[0].File, byPartition)} AS {Sql.Name(f.Name)}");
        var list = string.Join(", ", files.Select(f => Sql.File(f.Path)));
        var joined = _partitions.Length > 0 && !byPartition;
        var sql = new StringBuilder($"SELECT {string.Join(", ", columns)} FROM read_parquet([{list}], hive_partitioning = false");
        sql.Append(joined || deletions is not null ? ", filename = true" : string.Empty);
        sql.Append(deletions is not null ? ", file_row_number = true) AS f " : ") AS f ");
        if (joined)
        {
            sql.Append($"JOIN {PartitionTable(view, files)} AS p ON f.filename = p.\"file\" ");
        }

        if (deletions is not null)
        {
            sql.Append($"ANTI JOIN {deletions} AS d ON f.filename = d.\"file\" AND f.file_row_number = d.\"row\"");
        }

        return sql.ToString();
    }

    private string Column(StructField field, FileSchema schema, AddFile file, bool byPartition)
    {
        var index = Array.FindIndex(_partitions, p => p.Name == field.Name);
        if (index >= 0)
        {
            return byPartition ? PartitionLiteral.Of(field, Value(file, field)) : $"p.c{index}";
        }

        var node = _projection.Find(schema, field);
        return _projection.Of(field.Type, node, node is null ? string.Empty : $"f.{Sql.Name(node.Name)}");
    }

    private string PartitionTable(string view, DataFile[] files)
    {
        var name = Sql.Name($"__partitions_{view}_{Guid.NewGuid():N}");
        var columns = string.Concat(_partitions.Select((p, i) => $", c{i} {Sql.Type(p.Type)}"));
        Tables.Add(name);
        query.Execute($"CREATE TABLE {name} (\"file\" VARCHAR{columns})");
        foreach (var chunk in files.Chunk(1_000))
        {
            var rows = chunk.Select(f =>
                $"({Sql.Text(f.Path)}{string.Concat(_partitions.Select(p => ", " + PartitionLiteral.Of(p, Value(f.File, p))))})");
            query.Execute($"INSERT INTO {name} VALUES {string.Join(", ", rows)}");
        }

        return name;
    }

    private sealed record DataFile(AddFile File, string Path, FileSchema Schema, string Partition);
}
