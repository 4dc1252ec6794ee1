using System.Globalization;
using Apache.Arrow;
using DataPlatform.Kernel;
using DataPlatform.Lakehouse.Commands;
using DataPlatform.Lakehouse.DataFiles;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Snapshots;
using DuckDB.NET.Data;

namespace DataPlatform.Lakehouse.DuckDb;

/// <summary>
/// Writes a query's rows into a table. Where the table asks nothing of its rows, DuckDB writes the data file itself and states its statistics
/// (<c>COPY ... RETURN_STATS</c>); elsewhere the rows pass through the table's own write path.
/// </summary>
internal sealed class QueryWriter(LakeQuery query, DeltaTable table)
{
    public async Task<long> RunAsync(string sql, WriteOptions options, CancellationToken cancellationToken)
    {
        var snapshot = await table.RefreshAsync(cancellationToken).ConfigureAwait(false);
        TableFeatures.CheckWritable(snapshot.Protocol);
        var columns = await DescribeAsync(sql, cancellationToken).ConfigureAwait(false);
        if (!CanCopy(snapshot, options))
        {
            var casts = columns.Select(c => snapshot.Schema.Find(c) is { } field ? $"CAST({Sql.Name(c)} AS {Sql.Type(field.Type)}) AS {Sql.Name(field.Name)}" : Sql.Name(c));
            return await table.WriteAsync(Arrow($"SELECT {string.Join(", ", casts)} FROM ({sql})", cancellationToken), options, cancellationToken).ConfigureAwait(false);
        }

        var file = await CopyAsync(snapshot, sql, columns, cancellationToken).ConfigureAwait(false);
        return await CommitAsync(snapshot, file, options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>DuckDB can write the file where columns keep their names and nothing has to be computed, checked or placed by partition.</summary>
    private bool CanCopy(Snapshot snapshot, WriteOptions options)
        => options is { ReplaceWhere: null, MergeSchema: false, OverwriteSchema: false, Transaction: null } && options.Mode != WriteMode.OverwritePartitions
            && snapshot.PartitionColumns.Count == 0
            && ColumnMapping.ModeOf(snapshot.Metadata.Configuration) == ColumnMappingMode.None
            && snapshot.Schema.Fields.All(f => f.Nullable && f.Type is PrimitiveType { Kind: not (PrimitiveKind.Void or PrimitiveKind.Variant) } or DecimalType)
            && RowRules.Of(snapshot.Protocol, snapshot.Metadata, snapshot.Schema, table.Options.Time.GetUtcNow()).IsEmpty
            && table.Store.TryGetLocalPath("x", out _);

    private async Task<AddFile?> CopyAsync(Snapshot snapshot, string sql, IReadOnlyList<string> columns, CancellationToken cancellationToken)
    {
        if (columns.FirstOrDefault(c => snapshot.Schema.Find(c) is null) is { } unknown)
        {
            throw DeltaException.Invalid($"The column '{unknown}' is not in the table; its columns are {string.Join(", ", snapshot.Schema.Fields.Select(f => f.Name))}.");
        }

        var layout = DataFileLayout.Of(snapshot, table.Options);
        var path = layout.NewPath([]);
        table.Store.TryGetLocalPath(path, out var local);
        var select = snapshot.Schema.Fields.Select(f => columns.Any(c => string.Equals(c, f.Name, StringComparison.OrdinalIgnoreCase))
            ? $"CAST({Sql.Name(f.Name)} AS {Sql.Type(f.Type)}) AS {Sql.Name(f.Name)}" : $"CAST(NULL AS {Sql.Type(f.Type)}) AS {Sql.Name(f.Name)}");
        var copy = $"COPY (SELECT {string.Join(", ", select)} FROM ({sql})) TO {Sql.Text(local)} (FORMAT PARQUET, COMPRESSION ZSTD, COMPRESSION_LEVEL 1, RETURN_STATS)";
        var reader = await query.QueryAsync(copy, cancellationToken).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            if (!await reader.ReadAsync(cancellationToken).ConfigureAwait(false) || Convert.ToInt64(reader.GetValue(1), CultureInfo.InvariantCulture) == 0)
            {
                await table.Store.DeleteAsync(path, cancellationToken).ConfigureAwait(false);
                return null;
            }

            FlushToDevice(local);
            return new AddFile
            {
                Path = DataPath.Encode(path),
                Size = Convert.ToInt64(reader.GetValue(2), CultureInfo.InvariantCulture),
                ModificationTime = table.Options.Time.GetUtcNow().ToUnixTimeMilliseconds(),
                DataChange = true,
                Stats = CopyStatistics.ToJson(
                    snapshot.Schema, Convert.ToInt64(reader.GetValue(1), CultureInfo.InvariantCulture),
                    (Dictionary<string, Dictionary<string, string>>)reader.GetValue(4), layout.IndexedColumns, layout.StatsColumns),
            };
        }
    }

    private async Task<long> CommitAsync(Snapshot snapshot, AddFile? file, WriteOptions options, CancellationToken cancellationToken)
    {
        var transaction = table.BeginTransaction(snapshot);
        transaction.UserMetadata = options.UserMetadata;
        if (options.Mode == WriteMode.Overwrite)
        {
            transaction.ReadWholeTable();
            foreach (var old in snapshot.Files)
            {
                transaction.Remove(old);
            }
        }

        if (file is not null)
        {
            transaction.Add(file);
        }

        return transaction.Actions.Count == 0 ? snapshot.Version : await transaction.CommitAsync("WRITE", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>DuckDB leaves a written file to the operating system; a commit may only name what is on the device.</summary>
    private static void FlushToDevice(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
        stream.Flush(flushToDisk: true);
    }

    private async Task<IReadOnlyList<string>> DescribeAsync(string sql, CancellationToken cancellationToken)
    {
        List<string> columns = [];
        var reader = await query.QueryAsync($"DESCRIBE {sql}", cancellationToken).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                columns.Add(reader.GetString(0));
            }
        }

        return columns;
    }

    private async IAsyncEnumerable<RecordBatch> Arrow(
        string sql, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var batches = query.QueryArrowAsync(sql, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using (batches.ConfigureAwait(false))
        {
            while (await NextAsync(batches, sql).ConfigureAwait(false))
            {
                yield return batches.Current;
            }
        }
    }

    private static async ValueTask<bool> NextAsync(IAsyncEnumerator<RecordBatch> batches, string sql)
    {
        try
        {
            return await batches.MoveNextAsync().ConfigureAwait(false);
        }
        catch (DuckDBException e)
        {
            throw new DeltaException(ErrorKind.Invalid, $"DuckDB refused the query: {e.Message.Trim()} (query: {sql})", e);
        }
    }
}
