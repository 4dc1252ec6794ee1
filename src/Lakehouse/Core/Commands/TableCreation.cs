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
        metadata = WithMapping(metadata, keepNames: false);
        schema = SnapshotState.SchemaOf(metadata);
        return new SnapshotState(
            -1, DateTimeOffset.UnixEpoch, ProtocolNeeds.Least(metadata, schema), metadata, schema, LiveFiles.Of([]),
            ImmutableDictionary<FileKey, RemoveFile>.Empty, ImmutableDictionary<string, TransactionMarker>.Empty,
            ImmutableDictionary<string, DomainMetadata>.Empty, null, -1);
    }

    public static async ValueTask CommitAsync(DeltaTable table, CancellationToken cancellationToken)
    {
        var transaction = await BeginAsync(table, cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync("CREATE TABLE", null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A transaction whose commit is version 0.</summary>
    public static async ValueTask<DeltaTransaction> BeginAsync(DeltaTable table, CancellationToken cancellationToken)
    {
        if (await DeltaTable.ExistsAsync(table.Store, cancellationToken).ConfigureAwait(false))
        {
            throw DeltaException.Conflict("There is a Delta table here already; open it instead of creating it.");
        }

        var transaction = table.BeginTransaction();
        transaction.SetProtocol(transaction.Snapshot.Protocol);
        transaction.SetMetadata(transaction.Snapshot.Metadata);
        return transaction;
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

    /// <summary>Gives columns ids and physical names where the properties ask for column mapping.</summary>
    /// <param name="metadata">The metadata, its properties set.</param>
    /// <param name="keepNames">Whether files exist that hold the columns under their logical names.</param>
    public static Metadata WithMapping(Metadata metadata, bool keepNames)
    {
        if (ColumnMapping.ModeOf(metadata.Configuration) == ColumnMappingMode.None || metadata.Configuration.ContainsKey(ColumnMapping.MaxIdProperty))
        {
            return metadata;
        }

        var schema = StructType.FromJson(metadata.SchemaString!);
        return SchemaEvolution.WithSchema(metadata, keepNames ? SchemaEvolution.WithPhysicalNames(schema) : schema);
    }
}
