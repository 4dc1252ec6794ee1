using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.DataFiles;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.DeltaLog.Checkpoints;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Snapshots;
using ParquetSharp.Arrow;

namespace DataPlatform.Lakehouse.Maintenance;

/// <summary>Writes log checkpoints: the whole state of a version in one file, so that readers need not replay the log from its start.</summary>
internal static class LogCheckpoint
{
    private const int BatchRows = 65_536;

    /// <summary>Writes the checkpoint of a version, the hint that points at it, and the version's checksum.</summary>
    public static async ValueTask WriteAsync(IObjectStore store, SnapshotState state, TimeProvider time, CancellationToken cancellationToken)
    {
        if (TableProperties.V2Checkpoints(state.Metadata))
        {
            await V2Checkpoint.WriteAsync(store, state, time, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await WriteClassicAsync(store, state, time, cancellationToken).ConfigureAwait(false);
        }

        await VersionChecksum.WriteAsync(store, state, cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask WriteClassicAsync(IObjectStore store, SnapshotState state, TimeProvider time, CancellationToken cancellationToken)
    {
        var rows = Rows(state, time).ToArray();
        var size = await WriteParquetAsync(store, LogPath.Checkpoint(state.Version), rows, v2: false, cancellationToken).ConfigureAwait(false);
        await LastCheckpointHint.WriteAsync(store, state.Version, rows.Length, size, state.Files.Count, cancellationToken).ConfigureAwait(false);
    }

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
        IObjectStore store, string path, DeltaAction[] rows, bool v2, CancellationToken cancellationToken)
    {
        var target = await store.OpenWriteAsync(path, cancellationToken).ConfigureAwait(false);
        await using (target.ConfigureAwait(false))
        {
            using var properties = ParquetProperties.ForCheckpoints();
            using (var first = CheckpointBatch.Of(rows[..Math.Min(BatchRows, rows.Length)], v2))
            using (var writer = new FileWriter(target.Stream, first.Schema, properties, null, leaveOpen: true))
            {
                writer.WriteRecordBatch(first, BatchRows);
                for (var start = BatchRows; start < rows.Length; start += BatchRows)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    using var batch = CheckpointBatch.Of(rows[start..Math.Min(start + BatchRows, rows.Length)], v2);
                    writer.WriteRecordBatch(batch, BatchRows);
                }

                writer.Close();
            }

            return await target.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
