using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.DataFiles;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.DeltaLog.Checkpoints;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Snapshots;
using ParquetSharp.Arrow;

namespace DataPlatform.Lakehouse.Maintenance;

/// <summary>
/// Writes log checkpoints: the whole state of a version in one file, so that readers need not replay the log from its start.
/// </summary>
internal static class LogCheckpoint
{
    private const int BatchRows = 65_536;

    /// <summary>Writes the checkpoint of a version, the hint that points at it, and the version's checksum.</summary>
    public static async ValueTask WriteAsync(
        IObjectStore store, SnapshotState state, DeltaTableOptions options, CancellationToken cancellationToken)
    {
        if (TableProperties.V2Checkpoints(state.Metadata))
        {
            await V2Checkpoint.WriteAsync(store, state, options.Time, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await WriteClassicAsync(store, state, options, cancellationToken).ConfigureAwait(false);
        }

        await VersionChecksum.WriteAsync(store, state, txnId: null, cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask WriteClassicAsync(
        IObjectStore store, SnapshotState state, DeltaTableOptions options, CancellationToken cancellationToken)
    {
        var rows = Rows(state, options.Time).ToArray();
        var shape = CheckpointShape.Of(state.Metadata, state.Schema);

        // The number of parts and what falls into each depend on the version alone, so that two writers of one checkpoint write the same
        // parts.
        var parts = TableFeatures.Has(state.Protocol, TableFeatures.V2Checkpoint) ? 1
            : (int)(((long)state.Files.Count + options.CheckpointPartFiles - 1) / options.CheckpointPartFiles);
        long size = 0;
        if (parts <= 1)
        {
            size = await WriteParquetAsync(
                store, LogPath.Checkpoint(state.Version), rows, v2: false, shape, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            // A part without rows is written too: readers count parts.
            var byPart = rows.ToLookup(r => PartOf(r, parts));
            for (var part = 0; part < parts; part++)
            {
                var path = LogPath.CheckpointPart(state.Version, part + 1, parts);
                size += await WriteParquetAsync(store, path, [.. byPart[part]], v2: false, shape, cancellationToken).ConfigureAwait(false);
            }
        }

        await LastCheckpointHint.WriteAsync(
            AdvisoryStore.Of(store), state.Version, rows.Length, size, state.Files.Count, cancellationToken, parts > 1 ? parts
                : null).ConfigureAwait(false);
    }

    /// <summary>Files are spread by the hash of their path; everything else is in the first part.</summary>
    private static int PartOf(DeltaAction row, int parts)
        => row is FileAction file ? (PathHash.Of(System.Text.Encoding.UTF8.GetBytes(file.Path)) & int.MaxValue) % parts : 0;

    /// <summary>What a checkpoint must hold: protocol, metadata, live files, unexpired removals, applications, domains.</summary>
    public static IEnumerable<DeltaAction> Rows(SnapshotState state, TimeProvider time)
    {
        yield return state.Protocol;
        yield return state.Metadata;
        foreach (var marker in state.Transactions.Values)
        {
            yield return marker;
        }

        foreach (var domain in state.Domains.Values)
        {
            yield return domain;
        }

        var oldest = (time.GetUtcNow() - TableProperties.DeletedFileRetention(state.Metadata)).ToUnixTimeMilliseconds();
        foreach (var remove in state.Tombstones.Values)
        {
            if ((remove.DeletionTimestamp ?? 0) > oldest)
            {
                yield return remove;
            }
        }

        foreach (var add in state.Files)
        {
            yield return add;
        }
    }

    public static async ValueTask<long> WriteParquetAsync(
        IObjectStore store, string path, DeltaAction[] rows, bool v2, CheckpointShape shape, CancellationToken cancellationToken)
    {
        var target = await store.OpenWriteAsync(path, cancellationToken).ConfigureAwait(false);
        await using (target.ConfigureAwait(false))
        {
            using var properties = ParquetProperties.ForCheckpoints();
            using (var first = CheckpointBatch.Of(rows[..Math.Min(BatchRows, rows.Length)], v2, shape))
            using (var writer = new FileWriter(target.Stream, first.Schema, properties, null, leaveOpen: true))
            {
                writer.WriteRecordBatch(first, BatchRows);
                for (var start = BatchRows; start < rows.Length; start += BatchRows)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    using var batch = CheckpointBatch.Of(rows[start..Math.Min(start + BatchRows, rows.Length)], v2, shape);
                    writer.WriteRecordBatch(batch, BatchRows);
                }

                writer.Close();
            }

            return await target.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
