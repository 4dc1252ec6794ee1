using Apache.Arrow;
using DataPlatform.Lakehouse.DataFiles;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Scans;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Snapshots;
using StructType = DataPlatform.Lakehouse.Schemas.StructType;

namespace DataPlatform.Lakehouse.Commands;

/// <summary>
/// Writes rows: append, overwrite, replaceWhere, dynamic partition overwrite, with schema evolution and the table's row rules.
/// </summary>
internal sealed class WriteCommand(DeltaTable table, WriteOptions options)
{
    private KeySelection? _keys;

    public async Task<long> RunAsync(IAsyncEnumerable<RecordBatch> batches, CancellationToken cancellationToken)
    {
        var snapshot = await table.RefreshAsync(cancellationToken).ConfigureAwait(false);
        if (Begin(snapshot) is not { } transaction)
        {
            return snapshot.Version;
        }

        transaction.Lineage ??= Scans.ScannedRows.LineageOf(batches, table.Options.Dataset, snapshot.Schema);
        var source = batches.GetAsyncEnumerator(cancellationToken);
        await using (source.ConfigureAwait(false))
        {
            var first = await source.MoveNextAsync().ConfigureAwait(false) ? source.Current : null;
            var shape = WriteShape.Of(snapshot, options, first?.Schema, table.Options.Time.GetUtcNow());
            _keys = options.Mode == WriteMode.Merge ? new KeySelection(snapshot, shape.Schema, options.MergeOn) : null;
            var added = await WriteAsync(transaction, shape, first, source, cancellationToken).ConfigureAwait(false);
            return await CommitAsync(transaction, shape, added, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>As <see cref="RunAsync"/>, with files that another engine writes.</summary>
    public async Task<long> RunFilesAsync(
        Snapshot snapshot, Func<CancellationToken, Task<IReadOnlyList<AddFile>>> write, CancellationToken cancellationToken)
    {
        if (options.Mode == WriteMode.Merge)
        {
            throw DeltaException.Invalid("Rows are merged by this engine, which must see their keys: write them as batches.");
        }

        if (Begin(snapshot) is not { } transaction)
        {
            return snapshot.Version;
        }

        var shape = WriteShape.Of(snapshot, options, null, table.Options.Time.GetUtcNow());
        return await CommitAsync(
            transaction, shape, await write(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The transaction; null where the table has the application's version already.</summary>
    private DeltaTransaction? Begin(Snapshot snapshot)
    {
        Validate();
        TableFeatures.CheckWritable(snapshot.Protocol);
        var transaction = table.BeginTransaction(snapshot);
        transaction.UserMetadata = options.UserMetadata;
        transaction.Lineage = options.Lineage;
        if (options.Transaction is var (appId, version))
        {
            if (snapshot.TransactionVersion(appId) >= version)
            {
                return null;
            }

            transaction.SetTransaction(appId, version);
        }

        return transaction;
    }

    private async Task<long> CommitAsync(
        DeltaTransaction transaction, WriteShape shape, IReadOnlyList<AddFile> added, CancellationToken cancellationToken)
    {
        await ReplaceAsync(transaction, shape, added, cancellationToken).ConfigureAwait(false);
        transaction.Add(added);
        if (shape.ChangedMetadata() is { } metadata)
        {
            transaction.SetMetadata(metadata);
        }

        return transaction.Actions.All(a => a is TransactionMarker) && options.Mode == WriteMode.Append && options.Transaction is null
            ? transaction.Snapshot.Version
            : await transaction.CommitAsync("WRITE", Parameters(transaction.Snapshot), cancellationToken).ConfigureAwait(false);
    }

    private void Validate()
    {
        if (options.ReplaceWhere is not null && options.Mode != WriteMode.Overwrite)
        {
            throw new ArgumentException("ReplaceWhere goes with the mode Overwrite.", nameof(options));
        }

        if (options.MergeOn.Count > 0 != (options.Mode == WriteMode.Merge))
        {
            throw new ArgumentException("MergeOn, one column or more, goes with the mode Merge.", nameof(options));
        }

        if (options.OverwriteSchema && (options.Mode != WriteMode.Overwrite || options.ReplaceWhere is not null))
        {
            throw new ArgumentException("OverwriteSchema goes with the mode Overwrite of the whole table.", nameof(options));
        }
    }

    private async ValueTask<IReadOnlyList<AddFile>> WriteAsync(
        DeltaTransaction transaction, WriteShape shape, RecordBatch? first, IAsyncEnumerator<RecordBatch> rest,
            CancellationToken cancellationToken)
    {
        if (first is null)
        {
            return [];
        }

        var layout = new DataFileLayout(
            table.Store, shape.Metadata, shape.Schema, table.Options, clustering: ClusteringColumns.PathsOf(transaction.Snapshot.Domains));
        var writer = new TableWriter(layout, dataChange: true);
        var changes = ChangeWriter.For(transaction.Snapshot, layout, options);
        await using (writer.ConfigureAwait(false))
        await using (changes.ConfigureAwait(false))
        {
            long firstRow = 0;
            do
            {
                var rows = shape.Rules.Apply(rest.Current, firstRow);
                CheckReplaced(rows, shape.Schema, firstRow);
                _keys?.Take(BatchShape.Conform(rows, shape.Schema, firstRow), firstRow);
                firstRow += rows.Length;
                await writer.WriteAsync(rows, cancellationToken).ConfigureAwait(false);
                await changes.WriteAsync(rows, "insert", cancellationToken).ConfigureAwait(false);
            }
            while (await rest.MoveNextAsync().ConfigureAwait(false));
            foreach (var file in await changes.CompleteAsync(cancellationToken).ConfigureAwait(false))
            {
                transaction.Add(file);
            }

            return await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private void CheckReplaced(RecordBatch rows, StructType schema, long firstRow)
    {
        if (options.ReplaceWhere is { } where)
        {
            var conformed = BatchShape.Conform(rows, schema, firstRow);
            var matching = RowFilter.Matching(conformed, where.Expression);
            if (matching.Length < conformed.Length)
            {
                var row = Enumerable.Range(0, conformed.Length).First(i => i >= matching.Length || matching[i] != i);
                throw DeltaException.Invalid(
                    $"Row {firstRow + row} of the rows to write does not satisfy replaceWhere ({where}), so that it would not be replaced next time. Nothing was written.");
            }
        }
    }

    private async ValueTask ReplaceAsync(
        DeltaTransaction transaction, WriteShape shape, IReadOnlyList<AddFile> added, CancellationToken cancellationToken)
    {
        var snapshot = transaction.Snapshot;
        switch (options)
        {
            case { Mode: WriteMode.Overwrite, ReplaceWhere: { } where }:
                await RowReplacement.RemoveAsync(
                    table, transaction, new ConditionSelection(snapshot, where), options, cancellationToken).ConfigureAwait(false);
                break;
            case { Mode: WriteMode.Overwrite }:
                transaction.ReadWholeTable();
                foreach (var file in snapshot.Files)
                {
                    transaction.Remove(file);
                }

                break;
            case { Mode: WriteMode.Merge } when _keys is { } keys:
                await RowReplacement.RemoveAsync(table, transaction, keys, options, cancellationToken).ConfigureAwait(false);
                break;
            case { Mode: WriteMode.OverwritePartitions }:
                ReplacePartitions(transaction, shape, added);
                break;
        }
    }

    private static void ReplacePartitions(DeltaTransaction transaction, WriteShape shape, IReadOnlyList<AddFile> added)
    {
        var columns = shape.Metadata.PartitionColumns.Select(c => ColumnMapping.PhysicalName(shape.Schema[c])).ToArray();
        if (columns.Length == 0)
        {
            throw DeltaException.Invalid("The table has no partition columns; overwrite it as a whole or with ReplaceWhere.");
        }

        string Key(AddFile file)
            => string.Join('\u001f', columns.Select(c => file.PartitionValues.GetValueOrDefault(c) is { Length: > 0 } v ? "=" + v : "-"));
        var partitions = added.Select(Key).ToHashSet(StringComparer.Ordinal);
        bool IsReplaced(AddFile file) => partitions.Contains(Key(file));
        transaction.Reads.Add(IsReplaced);
        foreach (var file in transaction.Snapshot.Files.Where(IsReplaced))
        {
            transaction.Remove(file);
        }
    }

    private Dictionary<string, string> Parameters(Snapshot snapshot)
    {
        Dictionary<string, string> parameters = new()
        {
            ["mode"] = options.Mode switch { WriteMode.Append => "Append", WriteMode.Merge => "Merge", _ => "Overwrite" },
            ["partitionBy"] = System.Text.Json.JsonSerializer.Serialize(snapshot.PartitionColumns),
        };
        if (options.ReplaceWhere is { } where)
        {
            parameters["predicate"] = where.ToString();
        }

        return parameters;
    }
}
