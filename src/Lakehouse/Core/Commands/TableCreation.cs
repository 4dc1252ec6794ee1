using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using DataPlatform.Lakehouse.DataFiles;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Snapshots;
using DataPlatform.Lakehouse.Transactions;

namespace DataPlatform.Lakehouse.Commands;

/// <summary>Makes a new table: checks its shape, chooses the least protocol, commits version 0.</summary>
internal static class TableCreation
{
    /// <summary>The state before version 0.</summary>
    public static SnapshotState Before(StructType schema, DeltaTableOptions options)
    {
        var metadata = MetadataOf(schema, options, Guid.NewGuid(), lastColumnId: 0);
        schema = SnapshotState.SchemaOf(metadata);
        var protocol = ProtocolNeeds.Raise(
            new Protocol { MinReaderVersion = 1, MinWriterVersion = 2 }, NeedsOf(metadata, options));
        return new SnapshotState(
            -1, DateTimeOffset.UnixEpoch, protocol, metadata, schema, LiveFiles.Of([]),
            ImmutableDictionary<FileKey, RemoveFile>.Empty, ImmutableDictionary<string, TransactionMarker>.Empty,
            ImmutableDictionary<string, DomainMetadata>.Empty, null, -1);
    }

    /// <summary>The metadata of a table of a shape.</summary>
    /// <param name="schema">Its columns.</param>
    /// <param name="options">Partitioning, clustering, properties, names.</param>
    /// <param name="id">Its id.</param>
    /// <param name="lastColumnId">The highest column id ever given out in it: ids are never used twice.</param>
    public static Metadata MetadataOf(StructType schema, DeltaTableOptions options, Guid id, long lastColumnId)
    {
        CheckPartitions(schema, options.PartitionColumns);

        // A schema taken from another table brings that one's ids and physical names along; this table gives out its own.
        schema = ColumnMapping.WithoutMapping(schema);
        if (options.ClusterBy.Count > 0 && options.PartitionColumns.Count > 0)
        {
            throw DeltaException.Invalid("A table is clustered or partitioned, not both.");
        }

        var properties = options.Properties.Where(p => !ProtocolNeeds.IsAsk(p.Key)).ToDictionary(
            p => p.Key, p => p.Value, StringComparer.Ordinal);
        var metadata = new Metadata
        {
            Id = id.ToString(),
            Name = options.Name,
            Description = options.Description,
            SchemaString = schema.ToJson(),
            PartitionColumns = [.. options.PartitionColumns.Select(p => schema[p].Name)],
            Configuration = properties,
            CreatedTime = options.Time.GetUtcNow().ToUnixTimeMilliseconds(),
        };
        return RowTracking.WithColumns(WithMapping(metadata, keepNames: false, lastColumnId));
    }

    /// <summary>The features that a table of these options needs.</summary>
    public static SortedSet<string> NeedsOf(Metadata metadata, DeltaTableOptions options)
    {
        var needs = ProtocolNeeds.Of(metadata, SnapshotState.SchemaOf(metadata));
        needs.UnionWith(ProtocolNeeds.Asked(options.Properties.ToDictionary(p => p.Key, p => (string?)p.Value)));
        if (options.ClusterBy.Count > 0)
        {
            needs.UnionWith([TableFeatures.Clustering, TableFeatures.DomainMetadata]);
        }

        return needs;
    }

    public static async ValueTask CommitAsync(DeltaTable table, CancellationToken cancellationToken)
    {
        var transaction = await BeginAsync(table, cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(
            "CREATE TABLE", ParametersOf(transaction.Snapshot.Metadata, table.Options), cancellationToken).ConfigureAwait(false);
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
        SetClustering(transaction, transaction.Snapshot.Schema, table.Options);
        return transaction;
    }

    public static void SetClustering(DeltaTransaction transaction, StructType schema, DeltaTableOptions options)
    {
        if (options.ClusterBy.Count > 0)
        {
            transaction.SetReservedDomain(ClusteringColumns.ToDomain(schema, options.ClusterBy));
        }
    }

    /// <summary>What the history says about a table that is made, as Spark's says it.</summary>
    public static Dictionary<string, string> ParametersOf(Metadata metadata, DeltaTableOptions options) => new()
    {
        ["partitionBy"] = JsonSerializer.Serialize(metadata.PartitionColumns),
        ["clusterBy"] = JsonSerializer.Serialize(options.ClusterBy),
        ["description"] = metadata.Description ?? string.Empty,
        ["isManaged"] = "false",
        ["properties"] = JsonSerializer.Serialize(metadata.Configuration),
    };

    /// <summary>Gives columns ids and physical names where the properties ask for column mapping.</summary>
    /// <param name="metadata">The metadata, its properties set.</param>
    /// <param name="keepNames">Whether files exist that hold the columns under their logical names.</param>
    /// <param name="lastColumnId">The highest column id given out before.</param>
    public static Metadata WithMapping(Metadata metadata, bool keepNames, long lastColumnId = 0)
    {
        if (ColumnMapping.ModeOf(metadata.Configuration) == ColumnMappingMode.None
            || metadata.Configuration.ContainsKey(ColumnMapping.MaxIdProperty))
        {
            return metadata;
        }

        metadata = metadata with
        {
            Configuration = new Dictionary<string, string>(metadata.Configuration)
            {
                [ColumnMapping.MaxIdProperty] = lastColumnId.ToString(CultureInfo.InvariantCulture),
            },
        };
        var schema = StructType.FromJson(metadata.SchemaString!);
        return SchemaEvolution.WithSchema(metadata, keepNames ? SchemaEvolution.WithPhysicalNames(schema) : schema);
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
}
