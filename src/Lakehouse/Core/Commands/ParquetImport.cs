using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.DataFiles;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Scans;
using DataPlatform.Lakehouse.Scans.DeletionVectors;
using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Lakehouse.Commands;

/// <summary>
/// Makes a table of a folder of Parquet files: the files stay where they are, and version 0 names them with exact statistics.
/// </summary>
internal static class ParquetImport
{
    public static async Task<DeltaTable> RunAsync(
        IObjectStore store, StructType? partitionSchema, DeltaTableOptions options, CancellationToken cancellationToken)
    {
        List<ObjectInfo> files = [];
        await foreach (var info in store.ListAsync(string.Empty, null, cancellationToken).ConfigureAwait(false))
        {
            if (info.Path.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase)
                && info.Path.Split('/').All(p => p[0] is not '_' and not '.'))
            {
                files.Add(info);
            }
        }

        if (files.Count == 0)
        {
            throw DeltaException.Invalid("There is no Parquet file here to make a table of; name the folder that holds the files.");
        }

        var partitions = partitionSchema ?? new StructType([]);
        var schema = await SchemaAsync(store, files, partitions, cancellationToken).ConfigureAwait(false);
        options = options with { PartitionColumns = [.. partitions.Fields.Select(f => f.Name)] };
        var table = DeltaTable.Prepare(store, schema, options);
        var transaction = await TableCreation.BeginAsync(table, cancellationToken).ConfigureAwait(false);
        var layout = DataFileLayout.Of(transaction.Snapshot, options);
        foreach (var info in files)
        {
            transaction.Add(await AddAsync(transaction.Snapshot, layout, info, cancellationToken).ConfigureAwait(false));
        }

        await transaction.CommitAsync("CONVERT", cancellationToken).ConfigureAwait(false);
        return table;
    }

    private static async ValueTask<StructType> SchemaAsync(
        IObjectStore store, List<ObjectInfo> files, StructType partitions, CancellationToken cancellationToken)
    {
        StructType? schema = null;
        foreach (var info in files)
        {
            var source = await ParquetSource.OpenAsync(store, info.Path, cancellationToken).ConfigureAwait(false);
            await using (source.ConfigureAwait(false))
            {
                using var reader = DataFileReader.Guard(info.Path, source.OpenArrow);
                var found = ArrowSchemas.FromArrow(reader.Schema);
                schema = schema is null ? found : SchemaEvolution.Merge(schema, found);
            }
        }

        return new StructType([.. schema!.Fields.Where(f => partitions.Find(f.Name) is null), .. partitions.Fields]);
    }

    private static async ValueTask<AddFile> AddAsync(
        Snapshots.Snapshot snapshot, DataFileLayout layout, ObjectInfo info, CancellationToken cancellationToken)
    {
        var add = new AddFile
        {
            Path = DataPath.Encode(info.Path),
            PartitionValues = layout.PartitionValues([.. layout.Partitions.Select(p => PartitionOf(info.Path, p))]),
            Size = info.SizeBytes,
            ModificationTime = info.LastModified.ToUnixTimeMilliseconds(),
            DataChange = true,
        };
        var statistics = layout.NewStatistics();
        await foreach (var batch in DataFileReader.ReadAsync(
            snapshot, add, layout.DataSchema, RowSet.Empty, members: false, cancellationToken).ConfigureAwait(false))
        {
            using (batch)
            {
                statistics.Add(batch);
            }
        }

        return add with { Stats = statistics.ToJson() };
    }

    /// <summary>
    /// A partition value from the folder of a file that is no Delta file yet: here, and only here, the path is the source.
    /// </summary>
    private static string? PartitionOf(string path, StructField partition)
    {
        var folder = path.Split('/').FirstOrDefault(p => p.StartsWith(partition.Name + "=", StringComparison.OrdinalIgnoreCase))
            ?? throw DeltaException.Invalid(
                $"The file '{path}' is in no folder '{partition.Name}=...', though the table is to be partitioned by it.");
        var value = Uri.UnescapeDataString(folder[(partition.Name.Length + 1)..]);
        return value == PartitionText.NullFolder ? null : value;
    }
}
