using System.Globalization;
using DataPlatform.Lakehouse.DataFiles;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Lakehouse.DuckDb;

/// <summary>
/// Lets DuckDB write a query's rows into data files (<c>COPY ... RETURN_STATS</c>). Files are written below a staging folder in the table,
/// split by size, and moved to their own names, so that a file of the table is always whole. A crash leaves at most unreferenced files.
/// </summary>
internal sealed class CopyCommand(LakeQuery query, DeltaTable table, DataFileLayout layout)
{
    private const string PartitionPrefix = "__partition_";

    /// <summary>Devices flush several files at once in little more time than one.</summary>
    private const int FlushesMax = 8;

    private readonly CopyStatistics _statistics = new(layout);
    private readonly string _staging = $"staging-{Guid.NewGuid():N}";

    /// <summary>
    /// Whether DuckDB can write files of this table: it keeps the columns' types, and every rule is one that COPY states or this class
    /// checks.
    /// </summary>
    public static bool CanWrite(DataFileLayout layout)
        => layout.Store.TryGetLocalPath("x", out _)
            && layout.DataSchema.Fields.All(f => IsPlain(f.Type))
            && layout.Partitions.All(p => p.Type is DecimalType or PrimitiveType
            {
                Kind: not (PrimitiveKind.Float or PrimitiveKind.Double or PrimitiveKind.Binary),
            });

    /// <summary>Writes the files.</summary>
    /// <param name="sql">The query.</param>
    /// <param name="columns">Its columns; those of the table that are missing become null.</param>
    /// <param name="cancellationToken">Cancels the query; nothing stays.</param>
    public async Task<IReadOnlyList<AddFile>> RunAsync(string sql, IReadOnlyList<string> columns, CancellationToken cancellationToken)
    {
        var folder = LocalPath(_staging);
        Directory.CreateDirectory(folder);
        try
        {
            List<CopiedFile> files = [];
            foreach (var file in await CopyAsync(Select(sql, columns), folder, cancellationToken).ConfigureAwait(false))
            {
                files.AddRange(await SplitAsync(file, folder, cancellationToken).ConfigureAwait(false));
            }

            CheckNulls(files);
            var adds = new AddFile[files.Count];
            await Parallel.ForAsync(
                0, adds.Length, new ParallelOptions { MaxDegreeOfParallelism = FlushesMax, CancellationToken = cancellationToken },
                (i, _) =>
                {
                    adds[i] = Take(files[i]);
                    return ValueTask.CompletedTask;
                }).ConfigureAwait(false);
            return adds;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static bool IsPlain(DeltaType type) => type switch
    {
        // DuckDB casts structs by the names of their fields, so mapped ones would have to be packed one by one.
        StructType structure => structure.Fields.All(f => f.Nullable && ColumnMapping.PhysicalName(f) == f.Name && IsPlain(f.Type)),
        ArrayType array => IsPlain(array.Element),
        MapType map => IsPlain(map.Key) && IsPlain(map.Value),
        PrimitiveType { Kind: PrimitiveKind.Void or PrimitiveKind.Variant } => false,
        _ => true,
    };

    private string Select(string sql, IReadOnlyList<string> columns)
    {
        string Source(StructField field) => columns.Any(c => string.Equals(c, field.Name, StringComparison.OrdinalIgnoreCase))
            ? $"CAST({Sql.Name(field.Name)} AS {Sql.Type(field.Type)})" : $"CAST(NULL AS {Sql.Type(field.Type)})";
        var data = layout.DataSchema.Fields.Select(f => $"{Source(f)} AS {Sql.Name(ColumnMapping.PhysicalName(f))}");
        var partitions = layout.Partitions.Select((p, i) => $"{PartitionSql(p.Type, Source(p))} AS {PartitionPrefix}{i}");
        return $"SELECT {string.Join(", ", data.Concat(partitions))} FROM ({sql})";
    }

    /// <summary>A partition value as the text that the log holds; the empty text is null there.</summary>
    private static string PartitionSql(DeltaType type, string source) => type switch
    {
        PrimitiveType { Kind: PrimitiveKind.Timestamp } => $"strftime(CAST({source} AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%fZ')",
        PrimitiveType { Kind: PrimitiveKind.TimestampNtz } => $"strftime({source}, '%Y-%m-%d %H:%M:%S.%f')",
        PrimitiveType { Kind: PrimitiveKind.String } => $"nullif({source}, '')",
        _ => $"CAST({source} AS VARCHAR)",
    };

    private async Task<IReadOnlyList<CopiedFile>> CopyAsync(string select, string folder, CancellationToken cancellationToken)
    {
        var placing = layout.Partitions.Count == 0 ? Splitting()
            : $"PARTITION_BY ({string.Join(", ", layout.Partitions.Select((_, i) => $"{PartitionPrefix}{i}"))})";
        return await RunCopyAsync(select, Path.Combine(folder, "rows"), placing, [], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>COPY cannot split the files of partitions: those that came out far too large are written again, in pieces.</summary>
    private async Task<IReadOnlyList<CopiedFile>> SplitAsync(CopiedFile file, string folder, CancellationToken cancellationToken)
    {
        if (layout.Partitions.Count == 0 || file.Size < 2 * layout.Options.TargetFileSizeBytes)
        {
            return [file];
        }

        return await RunCopyAsync(
            $"SELECT * FROM read_parquet({Sql.File(file.Path)}, hive_partitioning = false)", Path.Combine(folder, $"{Guid.NewGuid():N}"),
                Splitting(),
            file.Partition, cancellationToken).ConfigureAwait(false);
    }

    private string Splitting() => string.Create(CultureInfo.InvariantCulture, $"FILE_SIZE_BYTES {layout.Options.TargetFileSizeBytes}");

    private async Task<IReadOnlyList<CopiedFile>> RunCopyAsync(
        string select, string target, string placing, string?[] partition, CancellationToken cancellationToken)
    {
        var ids = FieldIds(layout.DataSchema);
        var copy = $"COPY ({select}) TO {Sql.Text(target)} (FORMAT PARQUET, COMPRESSION ZSTD, COMPRESSION_LEVEL 1, {placing}, "
            + $"FILENAME_PATTERN 'part-{{uuid}}', {(ids is null ? string.Empty : $"FIELD_IDS {ids}, ")}RETURN_STATS)";
        List<CopiedFile> files = [];
        var reader = await query.QueryAsync(copy, cancellationToken).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                var rows = Convert.ToInt64(reader.GetValue(1), CultureInfo.InvariantCulture);
                if (rows > 0)
                {
                    files.Add(new CopiedFile(
                        reader.GetString(0), rows, Convert.ToInt64(reader.GetValue(2), CultureInfo.InvariantCulture),
                        (Dictionary<string, Dictionary<string, string>>)reader.GetValue(4),
                        reader.IsDBNull(5) ? partition : Partition((Dictionary<string, string>)reader.GetValue(5))));
                }
            }
        }

        return files;
    }

    private string?[] Partition(Dictionary<string, string> keys)
        => [.. layout.Partitions.Select((_, i) => keys.GetValueOrDefault($"{PartitionPrefix}{i}"))];

    /// <summary>The ids of mapped columns; null where columns are not mapped.</summary>
    private static string? FieldIds(StructType schema)
    {
        var ids = schema.Fields.Where(f => ColumnMapping.IdOf(f) is not null)
            .Select(f => $"{Sql.Name(ColumnMapping.PhysicalName(f))}: {ColumnMapping.IdOf(f)}").ToArray();
        return ids.Length == 0 ? null : $"{{{string.Join(", ", ids)}}}";
    }

    /// <summary>
    /// DuckDB writes every column as one that may be null; what it counted tells whether a column that must not be has any.
    /// </summary>
    private void CheckNulls(List<CopiedFile> files)
    {
        foreach (var field in layout.DataSchema.Fields.Where(f => !f.Nullable))
        {
            var leaf = Leaf(field.Type, Sql.Name(ColumnMapping.PhysicalName(field)));
            Refuse(field, files.Sum(f
                => long.Parse(f.Statistics.GetValueOrDefault(leaf)?.GetValueOrDefault("null_count") ?? "0", CultureInfo.InvariantCulture)));
        }

        for (var i = 0; i < layout.Partitions.Count; i++)
        {
            if (!layout.Partitions[i].Nullable)
            {
                Refuse(layout.Partitions[i], files.Where(f => f.Partition[i] is null).Sum(f => f.Rows));
            }
        }
    }

    private static string Leaf(DeltaType type, string path) => type is StructType { Fields: [var first, ..] }
        ? Leaf(first.Type, $"{path}.{Sql.Name(first.Name)}") : path;

    private static void Refuse(StructField field, long rows)
    {
        if (rows > 0)
        {
            throw DeltaException.Invalid(
                $"The column '{field.Name}' is NOT NULL, and {rows} rows of the query have no value for it. Nothing was written.");
        }
    }

    private AddFile Take(CopiedFile file)
    {
        var path = layout.NewPath(file.Partition);
        var target = LocalPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.Move(file.Path, target, overwrite: false);
        FlushToDevice(target);
        return new AddFile
        {
            Path = DataPath.Encode(path),
            PartitionValues = layout.PartitionValues(file.Partition),
            Size = file.Size,
            ModificationTime = table.Options.Time.GetUtcNow().ToUnixTimeMilliseconds(),
            DataChange = true,
            Stats = _statistics.ToJson(file.Rows, file.Statistics),
        };
    }

    private string LocalPath(string path) => layout.Store.TryGetLocalPath(path, out var local) ? local
        : throw DeltaException.Invalid("The table's store keeps no files on this machine, and DuckDB writes files.");

    /// <summary>
    /// DuckDB leaves a written file to the operating system; a commit may only name what is on the device, under its own name.
    /// </summary>
    private static void FlushToDevice(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
        stream.Flush(flushToDisk: true);
    }

    private sealed record CopiedFile(
        string Path, long Rows, long Size, Dictionary<string, Dictionary<string, string>> Statistics, string?[] Partition);
}
