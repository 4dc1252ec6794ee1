using System.Runtime.CompilerServices;
using Apache.Arrow;
using DataPlatform.Lakehouse.DataFiles;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Scans.DeletionVectors;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Snapshots;
using ParquetSharp;
using FileReader = ParquetSharp.Arrow.FileReader;

namespace DataPlatform.Lakehouse.Scans;

/// <summary>Reads one data file as rows of the table's schema.</summary>
internal static class DataFileReader
{
    private const int RowsWithoutColumns = 65_536;

    /// <summary>The live rows of a file: columns by the schema, missing ones null, partition values filled in, deleted rows left out.</summary>
    /// <param name="snapshot">The version the file belongs to.</param>
    /// <param name="file">The file.</param>
    /// <param name="columns">The columns wanted, by logical name; null for all.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    public static async IAsyncEnumerable<RecordBatch> ReadAsync(
        Snapshot snapshot, AddFile file, IReadOnlyList<string>? columns, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var wanted = columns is null ? snapshot.Schema : new StructType([.. columns.Select(c => snapshot.Schema[c])]);
        var deleted = await DeletionVectorStore.ReadAsync(snapshot.Store, file.DeletionVector, cancellationToken).ConfigureAwait(false);
        await foreach (var batch in ReadAsync(snapshot, file, wanted, deleted, members: false, cancellationToken).ConfigureAwait(false))
        {
            yield return batch;
        }
    }

    /// <summary>The rows of a file that are, or are not, in a set.</summary>
    /// <param name="snapshot">Where partitioning and mapping come from.</param>
    /// <param name="file">The file: an add, or a change data file.</param>
    /// <param name="wanted">The columns; they need not be the snapshot's.</param>
    /// <param name="rows">The set of row positions.</param>
    /// <param name="members">Whether rows in the set are wanted, or those outside it.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    public static async IAsyncEnumerable<RecordBatch> ReadAsync(
        Snapshot snapshot, FileAction file, StructType wanted, RowSet rows, bool members, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var path = snapshot.PathOf(file);
        var source = await ParquetSource.OpenAsync(snapshot.Store, path, cancellationToken).ConfigureAwait(false);
        await using (source.ConfigureAwait(false))
        {
            using var reader = Guard(path, source.OpenArrow);
            var shape = new FileShape(snapshot, file, wanted, reader.Schema);
            long first = 0;
            foreach (var batch in Batches(reader, shape, path))
            {
                cancellationToken.ThrowIfCancellationRequested();
                var length = batch.Length;
                var kept = rows.Count == 0 && !members ? null : rows.Select(first, length, members);
                first += length;
                if (kept is null || kept.Length == length)
                {
                    yield return shape.Apply(batch);
                }
                else if (kept.Length > 0)
                {
                    yield return ArrowTake.Rows(shape.Apply(batch), kept);
                }
            }
        }
    }

    private static IEnumerable<RecordBatch> Batches(FileReader reader, FileShape shape, string path)
    {
        var columns = shape.LeafColumns(reader.ParquetReader.FileMetaData.Schema);
        if (columns.Length == 0)
        {
            // Nothing of the file itself is wanted; its row count is.
            for (var left = reader.ParquetReader.FileMetaData.NumRows; left > 0; left -= RowsWithoutColumns)
            {
                yield return new RecordBatch(new Schema([], null), [], (int)Math.Min(left, RowsWithoutColumns));
            }

            yield break;
        }

        using var stream = Guard(path, () => reader.GetRecordBatchReader(null, columns));
        while (Guard(path, () => ArrowStreams.Next(stream)) is { } batch)
        {
            yield return batch;
        }
    }

    internal static T Guard<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is ParquetException or InvalidDataException or IOException)
        {
            throw DeltaException.Corrupt(path, $"it cannot be read as Parquet: {e.Message}", e);
        }
    }
}
