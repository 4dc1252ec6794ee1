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
    private readonly int _untracked;

    /// <param name="store">Where the files go.</param>
    /// <param name="metadata">The table's metadata.</param>
    /// <param name="schema">Its columns, and after them those that only data files have.</param>
    /// <param name="options">Sizes.</param>
    /// <param name="root">A folder of their own; nothing for the table's.</param>
    /// <param name="clustering">Physical paths of clustering columns, which always have statistics.</param>
    /// <param name="untracked">How many of the last columns have no statistics.</param>
    public DataFileLayout(
        IObjectStore store, Metadata metadata, Schemas.StructType schema, DeltaTableOptions options, string root = "",
        IReadOnlyList<string>? clustering = null, int untracked = 0)
    {
        _root = root;
        _untracked = untracked;
        ClusteringPaths = clustering ?? [];
        Metadata = metadata;
        Store = store;
        Options = options;
        TableSchema = schema;
        Partitions = [.. metadata.PartitionColumns.Select(name => schema.Find(name)
            ?? throw DeltaException.Invalid($"The partition column '{name}' is not in the schema."))];
        DataSchema = new Schemas.StructType([.. schema.Fields.Where(f => !Partitions.Any(p => p.Name == f.Name))]);
        Physical = ArrowSchemas.ToPhysical(DataSchema);
        IndexedColumns = TableProperties.IndexedColumns(metadata);
        StatsColumns = TableProperties.StatsColumns(metadata)?.Select(n => PhysicalPath(DataSchema, n)).ToArray();
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

    /// <summary>The columns named for statistics, by physical path; null where the leading ones have them.</summary>
    public IReadOnlyList<string>? StatsColumns { get; }

    private IReadOnlyList<string> ClusteringPaths { get; }

    public static DataFileLayout Of(Snapshot snapshot, DeltaTableOptions options)
        => new(snapshot.Store, snapshot.Metadata, snapshot.Schema, options, clustering: ClusteringColumns.PathsOf(snapshot.Domains));

    /// <summary>A collector of the statistics of one file.</summary>
    public StatisticsCollector NewStatistics() => new(Physical, IndexedColumns, StatsColumns, ClusteringPaths, _untracked);

    /// <summary>Whether a leaf column has statistics; asked once for each leaf, in the order of the schema.</summary>
    /// <param name="path">Its physical path.</param>
    /// <param name="left">How many leading columns are left.</param>
    public bool HasStatistics(string path, ref int left)
        => (StatsColumns?.Any(n => path == n || path.StartsWith(n + ".", StringComparison.Ordinal)) ?? left-- > 0)
            || ClusteringPaths.Contains(path);

    /// <summary>The same layout with the columns of moved rows' ids.</summary>
    public DataFileLayout WithRowIds(string rowId, string commitVersion)
        => new(
            Store, Metadata, new Schemas.StructType(
                [.. TableSchema.Fields, new(rowId, DeltaType.Long), new(commitVersion, DeltaType.Long)]), Options,
            _root, ClusteringPaths, untracked: 2);

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

    /// <summary>Properties name columns as people do; files hold them under their physical names.</summary>
    private static string PhysicalPath(Schemas.StructType schema, string name)
    {
        List<string> path = [];
        DeltaType? type = schema;
        foreach (var part in name.Split('.'))
        {
            if ((type as Schemas.StructType)?.Find(part) is not { } field)
            {
                return name;
            }

            path.Add(ColumnMapping.PhysicalName(field));
            type = field.Type;
        }

        return string.Join('.', path);
    }
}
