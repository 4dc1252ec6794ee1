using System.Collections.Immutable;
using DataPlatform.Lakehouse.DataFiles;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Snapshots;

namespace DataPlatform.Lakehouse.Commands;

/// <summary>Makes a new table: checks its shape, chooses the least protocol, commits version 0.</summary>
internal static class TableCreation
{
    /// <summary>The state before version 0.</summary>
    public static SnapshotState Before(StructType schema, DeltaTableOptions options)
    {
        CheckPartitions(schema, options.PartitionColumns);
        var metadata = new Metadata
        {
            Id = Guid.NewGuid().ToString(),
            Name = options.Name,
            Description = options.Description,
            SchemaString = schema.ToJson(),
            PartitionColumns = [.. options.PartitionColumns.Select(p => schema[p].Name)],
            Configuration = options.Properties,
            CreatedTime = options.Time.GetUtcNow().ToUnixTimeMilliseconds(),
        };
        return new SnapshotState(
            -1, DateTimeOffset.UnixEpoch, LeastProtocol(schema), metadata, schema, LiveFiles.Of([]),
            ImmutableDictionary<FileKey, RemoveFile>.Empty, ImmutableDictionary<string, TransactionMarker>.Empty,
            ImmutableDictionary<string, DomainMetadata>.Empty, null, -1);
    }

    public static async ValueTask CommitAsync(DeltaTable table, CancellationToken cancellationToken)
    {
        if (await DeltaTable.ExistsAsync(table.Store, cancellationToken).ConfigureAwait(false))
        {
            throw DeltaException.Conflict("There is a Delta table here already; open it instead of creating it.");
        }

        var transaction = table.BeginTransaction();
        transaction.SetProtocol(transaction.Snapshot.Protocol);
        transaction.SetMetadata(transaction.Snapshot.Metadata);
        await transaction.CommitAsync("CREATE TABLE", null, cancellationToken).ConfigureAwait(false);
    }

    private static void CheckPartitions(StructType schema, IReadOnlyList<string> columns)
    {
        foreach (var name in columns)
        {
            var field = schema.Find(name) ?? throw DeltaException.Invalid($"The partition column '{name}' is not in the schema.");
            if (!PartitionText.CanPartition(field.Type))
            {
                throw DeltaException.Invalid($"The column '{name}' of type {field.Type} cannot partition a table.");
            }
        }

        if (columns.Count > 0 && columns.Count == schema.Fields.Count)
        {
            throw DeltaException.Invalid("Every column is a partition column; a table needs at least one that is not.");
        }
    }

    /// <summary>Legacy versions 1/2 where they do, so that every reader opens the table; features only where the schema needs them.</summary>
    private static Protocol LeastProtocol(StructType schema)
        => Uses(schema, DeltaType.TimestampNtz)
            ? new Protocol
            {
                MinReaderVersion = 3,
                MinWriterVersion = 7,
                ReaderFeatures = [TableFeatures.TimestampNtz],
                WriterFeatures = [TableFeatures.TimestampNtz, TableFeatures.AppendOnly, TableFeatures.Invariants],
            }
            : new Protocol { MinReaderVersion = 1, MinWriterVersion = 2 };

    private static bool Uses(DeltaType type, DeltaType wanted) => type switch
    {
        StructType structure => structure.Fields.Any(f => Uses(f.Type, wanted)),
        ArrayType array => Uses(array.Element, wanted),
        MapType map => Uses(map.Key, wanted) || Uses(map.Value, wanted),
        _ => type == wanted,
    };
}
