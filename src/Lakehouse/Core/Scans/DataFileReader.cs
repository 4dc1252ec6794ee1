using System.Runtime.CompilerServices;
using Apache.Arrow;
using DataPlatform.Lakehouse.DataFiles;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Expressions;
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
    /// <param name="condition">Row groups in which it cannot hold are left out, by their statistics; other rows are given unfiltered.</param>
    public static async IAsyncEnumerable<RecordBatch> ReadAsync(
        Snapshot snapshot, AddFile file, IReadOnlyList<string>? columns, [EnumeratorCancellation] CancellationToken cancellationToken,
        Expression? condition = null)
    {
        var wanted = columns is null ? snapshot.Schema : new StructType([.. columns.Select(c => snapshot.Schema[c])]);
        var deleted = await DeletionVectorStore.ReadAsync(snapshot.Store, file.DeletionVector, cancellationToken).ConfigureAwait(false);
        await foreach (var batch in ReadAsync(snapshot, file, wanted, deleted, members: false, cancellationToken, condition).ConfigureAwait(false))
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
    /// <param name="condition">Row groups in which it cannot hold are left out.</param>
    public static async IAsyncEnumerable<RecordBatch> ReadAsync(
        Snapshot snapshot, FileAction file, StructType wanted, RowSet rows, bool members, [EnumeratorCancellation] CancellationToken cancellationToken,
        Expression? condition = null)
    {
        var path = snapshot.PathOf(file);
        var source = await ParquetSource.OpenAsync(snapshot.Store, path, cancellationToken).ConfigureAwait(false);
        await using (source.ConfigureAwait(false))
        {
            using var reader = Guard(path, source.OpenArrow);
            var shape = new FileShape(snapshot, file, wanted, reader.Schema);
            foreach (var (first, batch) in Batches(reader, shape, path, condition))
            {
                cancellationToken.ThrowIfCancellationRequested();
                var length = batch.Length;
                var kept = rows.Count == 0 && !members ? null : rows.Select(first, length, members);
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

    /// <summary>Batches with the position of their first row in the file.</summary>
    private static IEnumerable<(long First, RecordBatch Rows)> Batches(FileReader reader, FileShape shape, string path, Expression? condition)
    {
        var schema = reader.ParquetReader.FileMetaData.Schema;
        var columns = shape.LeafColumns(schema);
        foreach (var (first, groups, count) in Guard(path, () => Groups(reader, shape, schema, condition)))
        {
            if (columns.Length == 0)
            {
                // Nothing of the file itself is wanted; its row count is.
                for (long at = 0; at < count; at += RowsWithoutColumns)
                {
                    yield return (first + at, new RecordBatch(new Schema([], null), [], (int)Math.Min(count - at, RowsWithoutColumns)));
                }

                continue;
            }

            var next = first;
            using var stream = Guard(path, () => reader.GetRecordBatchReader(groups, columns));
            while (Guard(path, () => ArrowStreams.Next(stream)) is { } batch)
            {
                yield return (next, batch);
                next += batch.Length;
            }
        }
    }

    /// <summary>Row groups that may hold wanted rows: runs of neighbours, each with the position of its first row.</summary>
    private static List<(long First, int[] Groups, long Rows)> Groups(FileReader reader, FileShape shape, SchemaDescriptor schema, Expression? condition)
    {
        List<(long First, int[] Groups, long Rows)> runs = [];
        Expression[] conjuncts = condition is null ? [] : [.. condition.Conjuncts()];
        long first = 0;
        var continues = false;
        for (var group = 0; group < reader.NumRowGroups; group++)
        {
            using var rowGroup = reader.ParquetReader.RowGroup(group);
            var rows = rowGroup.MetaData.NumRows;
            var bounds = shape.BoundsIn(schema, rowGroup.MetaData);
            var mayHold = System.Array.TrueForAll(conjuncts, c => TruthRules.Of(c, bounds).HasFlag(Truths.True));
            if (mayHold && continues)
            {
                runs[^1] = (runs[^1].First, [.. runs[^1].Groups, group], runs[^1].Rows + rows);
            }
            else if (mayHold)
            {
                runs.Add((first, [group], rows));
            }

            continues = mayHold;
            first += rows;
        }

        return runs;
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
