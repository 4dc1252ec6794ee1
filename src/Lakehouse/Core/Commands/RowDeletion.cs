using System.Text;
using System.Text.Json;
using DataPlatform.Lakehouse.DataFiles;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Scans;
using DataPlatform.Lakehouse.Scans.DeletionVectors;
using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Lakehouse.Commands;

/// <summary>
/// Marks rows as deleted without rewriting their files (protocol section "Deletion Vectors"): a file whose rows are all deleted leaves the
/// table, of every other one the same file is added again with a vector of its old and new deleted rows.
/// </summary>
internal static class RowDeletion
{
    public static async ValueTask<long> MarkAsync(
        DeltaTransaction transaction, IEnumerable<RowPositions> deletions, CancellationToken cancellationToken)
    {
        var snapshot = transaction.Snapshot;
        CheckAllowed(snapshot);
        List<(AddFile File, RowSet Rows)> marked = [];
        long count = 0;
        foreach (var (file, rows) in Merge(deletions))
        {
            _ = snapshot.State.Files.TryGet(file.Key, out _) ? true
                : throw DeltaException.Invalid(
                    $"The file '{file.Path}' is not live in version {snapshot.Version}; take the files of the transaction's snapshot.");
            var known = await DeletionVectorStore.ReadAsync(snapshot.Store, file.DeletionVector, cancellationToken).ConfigureAwait(false);
            var all = known.Union(rows);
            if (all.Count == known.Count)
            {
                continue;
            }

            var physical = file.NumRecords ?? await CountAsync(snapshot, file, cancellationToken).ConfigureAwait(false);
            if (all.Rows[0] < 0 || all.Rows[^1] >= physical)
            {
                throw DeltaException.Invalid($"Row {(all.Rows[0] < 0 ? all.Rows[0] : all.Rows[^1])} cannot be deleted: '{file.Path}' has the rows 0 to {physical - 1}.");
            }

            count += all.Count - known.Count;
            transaction.Remove(file);
            if (all.Count < physical)
            {
                marked.Add((file with { Stats = Loosened(file.Stats, physical), DataChange = true }, all));
            }
        }

        var vectors = await DeletionVectorStore.WriteAsync(
            snapshot.Store, [.. marked.Select(m => m.Rows)], cancellationToken).ConfigureAwait(false);
        transaction.Add(marked.Select((m, i) => m.File with { DeletionVector = vectors[i] }));
        transaction.CountDeletedRows(count);
        return count;
    }

    private static void CheckAllowed(Snapshots.Snapshot snapshot)
    {
        TableFeatures.CheckWritable(snapshot.Protocol);
        if (!TableFeatures.Has(snapshot.Protocol, TableFeatures.DeletionVectors) || !TableProperties.DeletionVectors(snapshot.Metadata))
        {
            throw DeltaException.Invalid(
                "Rows cannot be marked as deleted: the table does not take deletion vectors. Set delta.enableDeletionVectors to true, or rewrite the files.");
        }
    }

    /// <summary>One set of rows for each file, though it may be named more than once.</summary>
    private static IEnumerable<(AddFile File, RowSet Rows)> Merge(IEnumerable<RowPositions> deletions)
        => deletions.GroupBy(d => d.File.Key).Select(g => (g.First().File, RowSet.Of(g.SelectMany(d => d.Positions))));

    private static async ValueTask<long> CountAsync(Snapshots.Snapshot snapshot, AddFile file, CancellationToken cancellationToken)
    {
        var path = snapshot.PathOf(file);
        var source = await ParquetSource.OpenAsync(snapshot.Store, path, cancellationToken).ConfigureAwait(false);
        await using (source.ConfigureAwait(false))
        {
            using var reader = DataFileReader.Guard(path, source.OpenArrow);
            return reader.ParquetReader.FileMetaData.NumRows;
        }
    }

    /// <summary>The statistics of a file beside a vector: the row count is mandatory, and the bounds are no longer tight.</summary>
    private static string Loosened(string? stats, long physical)
    {
        using var document = StatisticsJson.Parse(stats);
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, ActionWriter.Options))
        {
            writer.WriteStartObject();
            writer.WriteNumber("numRecords", physical);
            foreach (var property in document?.RootElement.EnumerateObject().Where(p => p.Name is not "numRecords" and not "tightBounds")
                ?? [])
            {
                property.WriteTo(writer);
            }

            writer.WriteBoolean("tightBounds", false);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }
}
