using Apache.Arrow;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Snapshots;

namespace DataPlatform.Lakehouse.DataFiles;

/// <summary>What a writer of data files must know of the table.</summary>
internal sealed class DataFileLayout
{
    private readonly string _root;

    public DataFileLayout(IObjectStore store, Metadata metadata, Schemas.StructType schema, DeltaTableOptions options, string root = "")
    {
        _root = root;
        Metadata = metadata;
        Store = store;
        Options = options;
        TableSchema = schema;
        Partitions = [.. metadata.PartitionColumns.Select(name => schema.Find(name)
            ?? throw DeltaException.Invalid($"The partition column '{name}' is not in the schema."))];
        DataSchema = new Schemas.StructType([.. schema.Fields.Where(f => !Partitions.Any(p => p.Name == f.Name))]);
        Physical = ArrowSchemas.ToPhysical(DataSchema);
        IndexedColumns = TableProperties.IndexedColumns(metadata);
        StatsColumns = TableProperties.StatsColumns(metadata);
    }

    public IObjectStore Store { get; }

    public Metadata Metadata { get; }

    public DeltaTableOptions Options { get; }

    /// <summary>All columns, by logical name.</summary>
    public Schemas.StructType TableSchema { get; }

    /// <summary>The columns that are in the data files.</summary>
    public Schemas.StructType DataSchema { get; }

    public IReadOnlyList<StructField> Partitions { get; }

    /// <summary>The data files' Arrow schema.</summary>
    public Schema Physical { get; }

    public int IndexedColumns { get; }

    public IReadOnlyList<string>? StatsColumns { get; }

    public static DataFileLayout Of(Snapshot snapshot, DeltaTableOptions options)
        => new(snapshot.Store, snapshot.Metadata, snapshot.Schema, options);

    /// <summary>The same table's layout for another schema, below a folder of its own.</summary>
    public DataFileLayout ForChanges(Schemas.StructType schema, string root) => new(Store, Metadata, schema, Options, root);

    /// <summary>A new, unique path for a file of a partition.</summary>
    public string NewPath(IReadOnlyList<string?> partition)
        => $"{_root}{PartitionText.Folder([.. Partitions.Select(p => p.Name)], partition)}part-{Guid.NewGuid():D}.zstd.parquet";

    public IReadOnlyDictionary<string, string?> PartitionValues(IReadOnlyList<string?> partition)
    {
        Dictionary<string, string?> values = new(StringComparer.Ordinal);
        for (var i = 0; i < Partitions.Count; i++)
        {
            values[ColumnMapping.PhysicalName(Partitions[i])] = partition[i];
        }

        return values;
    }
}
