using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.DeltaLog.Checkpoints;
using DataPlatform.Lakehouse.Snapshots;

namespace DataPlatform.Lakehouse.Maintenance;

/// <summary>
/// Writes V2 checkpoints (protocol section "V2 Spec"): file actions in sidecars, then a top file under a unique name that refers to them.
/// The top file makes the checkpoint visible; sidecars of one that was cut short are unreferenced and removed with expired logs.
/// </summary>
internal static class V2Checkpoint
{
    private const int SidecarRows = 200_000;

    public static async ValueTask WriteAsync(
        IObjectStore store, SnapshotState state, TimeProvider time, CancellationToken cancellationToken)
    {
        var rows = LogCheckpoint.Rows(state, time).ToArray();
        var shape = CheckpointShape.Of(state.Metadata, state.Schema);
        List<DeltaAction> top = [new CheckpointMetadata(state.Version)];
        top.AddRange(rows.Where(r => r is not FileAction));
        long bytes = 0;
        foreach (var chunk in rows.Where(r => r is FileAction).Chunk(SidecarRows))
        {
            var name = $"{Guid.NewGuid():D}.parquet";
            var size = await LogCheckpoint.WriteParquetAsync(
                store, LogPath.Sidecars + name, chunk, v2: false, shape, cancellationToken).ConfigureAwait(false);
            top.Add(new Sidecar(name, size, time.GetUtcNow().ToUnixTimeMilliseconds()));
            bytes += size;
        }

        var path = LogPath.V2Checkpoint(state.Version, Guid.NewGuid(), "parquet");
        bytes += await LogCheckpoint.WriteParquetAsync(store, path, [.. top], v2: true, shape, cancellationToken).ConfigureAwait(false);
        await LastCheckpointHint.WriteAsync(
            AdvisoryStore.Of(store), state.Version, rows.Length, bytes, state.Files.Count, cancellationToken).ConfigureAwait(false);
    }
}
