using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Apache.Arrow;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Scans;
using DataPlatform.Lakehouse.Scans.DeletionVectors;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Snapshots;
using DataPlatform.Lakehouse.Transactions;
using StructType = DataPlatform.Lakehouse.Schemas.StructType;

namespace DataPlatform.Lakehouse.DataFiles;

/// <summary>
/// Reads rows that are to be written again elsewhere. On tables with row tracking each row brings its id and commit version along in the
/// materialised columns: those it had there already, or the file's first id plus the row's position.
/// </summary>
internal static class TrackedRows
{
    /// <summary>The layout of files that take such rows.</summary>
    public static DataFileLayout Layout(Snapshot snapshot, DeltaTableOptions options)
        => RowTracking.ColumnsOf(snapshot.Metadata) is var (id, version) ? DataFileLayout.Of(snapshot, options).WithRowIds(id, version)
            : DataFileLayout.Of(snapshot, options);

    /// <summary>The live rows of a file, with their ids where the table tracks rows.</summary>
    public static async IAsyncEnumerable<RecordBatch> ReadAsync(
        Snapshot snapshot, AddFile file, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (RowTracking.ColumnsOf(snapshot.Metadata) is not var (id, version))
        {
            await foreach (var batch in DataFileReader.ReadAsync(snapshot, file, null, cancellationToken).ConfigureAwait(false))
            {
                yield return batch;
            }

            yield break;
        }

        var firstId = file.BaseRowId ?? throw NotTracked(file);
        var commit = file.DefaultRowCommitVersion ?? throw NotTracked(file);
        var deleted = await DeletionVectorStore.ReadAsync(snapshot.Store, file.DeletionVector, cancellationToken).ConfigureAwait(false);
        var wanted = new StructType(
            [.. snapshot.Schema.Fields, new StructField(id, DeltaType.Long), new StructField(version, DeltaType.Long)]);
        long position = 0;
        await foreach (var batch in DataFileReader.ReadAsync(
            snapshot, file, wanted, RowSet.Empty, members: false, cancellationToken).ConfigureAwait(false))
        {
            var start = position;
            position += batch.Length;
            var filled = Fill(batch, i => firstId + start + i, _ => commit);
            var kept = deleted.Count == 0 ? null : deleted.Select(start, batch.Length, members: false);
            if (kept is null || kept.Length == batch.Length)
            {
                yield return filled;
            }
            else if (kept.Length > 0)
            {
                yield return ArrowTake.Rows(filled, kept);
            }
        }
    }

    /// <summary>Fills the last two columns where the file had no value of its own.</summary>
    private static RecordBatch Fill(RecordBatch batch, Func<int, long> id, Func<int, long> version)
    {
        var columns = Enumerable.Range(0, batch.ColumnCount).Select(batch.Column).ToArray();
        columns[^2] = Fill((Int64Array)columns[^2], id);
        columns[^1] = Fill((Int64Array)columns[^1], version);
        return new RecordBatch(batch.Schema, columns, batch.Length);
    }

    private static Int64Array Fill(Int64Array given, Func<int, long> otherwise)
    {
        var values = new long[given.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = given.GetValue(i) ?? otherwise(i);
        }

        return new Int64Array(new ArrowBuffer(MemoryMarshal.AsBytes(values.AsSpan()).ToArray()), ArrowBuffer.Empty, values.Length, 0, 0);
    }

    private static DeltaException NotTracked(AddFile file)
        => DeltaException.Invalid(
            $"'{file.Path}' has no row ids, though the table tracks rows; set delta.enableRowTracking to true again to give it some.");
}
