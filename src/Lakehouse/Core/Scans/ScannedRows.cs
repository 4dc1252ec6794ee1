using Apache.Arrow;
using DataPlatform.Kernel;

namespace DataPlatform.Lakehouse.Scans;

/// <summary>The rows of a scan, which still know where they come from when they are handed to a write.</summary>
/// <param name="scan">The scan.</param>
/// <param name="columns">The columns it gives.</param>
/// <param name="stop">Stops between batches.</param>
internal sealed class ScannedRows(TableScan scan, IReadOnlyList<string> columns, CancellationToken stop) : IAsyncEnumerable<RecordBatch>
{
    /// <inheritdoc/>
    public IAsyncEnumerator<RecordBatch> GetAsyncEnumerator(CancellationToken cancellationToken = default)
        => scan.RowsAsync(stop).GetAsyncEnumerator(cancellationToken);

    /// <summary>What is known of rows that are written; null where they are not those of a scan of a table with a name.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="target">The table written; null without a name.</param>
    /// <param name="schema">Its columns.</param>
    public static CommitLineage? LineageOf(IAsyncEnumerable<RecordBatch> rows, DatasetId? target, Schemas.StructType schema)
        => rows is ScannedRows scanned && target is { } table ? scanned.LineageInto(table, schema) : null;

    private CommitLineage? LineageInto(DatasetId target, Schemas.StructType schema) => scan.Snapshot.DatasetVersion is not { } source ? null
        : new CommitLineage
        {
            Inputs = [new LineageDataset(source.Dataset, source.Version)],
            Columns =
            [
                .. columns.Select(column => new LineageColumn(
                    target, schema.Find(column)?.Name ?? column, [new LineageSource(source.Dataset, column)])),
            ],
        };
}
