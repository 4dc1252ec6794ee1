using DataPlatform.Kernel.Storage;
using ParquetSharp;

namespace DataPlatform.Lakehouse.DeltaLog.Checkpoints;

/// <summary>Reads checkpoints of every kind: classic, multi-part, V2 as Parquet or JSON, with sidecars.</summary>
internal static class CheckpointReader
{
    /// <summary>Replays a complete checkpoint: its sidecars too.</summary>
    public static async ValueTask ReadAsync(
        IObjectStore store, IReadOnlyList<LogFile> files, ICheckpointTarget target, CancellationToken cancellationToken)
    {
        foreach (var file in files)
        {
            SidecarCatcher catcher = new(target);
            await ReadFileAsync(store, file.Path, catcher, cancellationToken).ConfigureAwait(false);
            foreach (var sidecar in catcher.Sidecars)
            {
                await ReadFileAsync(store, PathOf(sidecar), target, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The paths of the sidecars that a V2 checkpoint's top file refers to.</summary>
    public static async ValueTask<IEnumerable<string>> SidecarsAsync(IObjectStore store, string path, CancellationToken cancellationToken)
    {
        SidecarCatcher catcher = new(null);
        await ReadFileAsync(store, path, catcher, cancellationToken).ConfigureAwait(false);
        return catcher.Sidecars.Select(PathOf);
    }

    private static string PathOf(Sidecar sidecar)
        => sidecar.Path.Contains('/', StringComparison.Ordinal) ? DataPath.InStore(sidecar.Path) : LogPath.Sidecars + DataPath.InStore(sidecar.Path);

    private static async ValueTask ReadFileAsync(IObjectStore store, string path, ICheckpointTarget target, CancellationToken cancellationToken)
    {
        if (path.EndsWith(".json", StringComparison.Ordinal))
        {
            var content = await store.TryGetAsync(path, cancellationToken).ConfigureAwait(false)
                ?? throw DeltaException.Corrupt(path, "it is missing, though the log needs it");
            foreach (var action in CommitFile.Parse(content.Span, path))
            {
                target.Apply(action);
            }

            return;
        }

        var held = await HeldFile.OpenAsync(store, path, cancellationToken).ConfigureAwait(false);
        try
        {
            await ReadParquetAsync(CheckpointParquet.Open(held), target, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ParquetException or InvalidDataException or IOException or InvalidCastException)
        {
            throw DeltaException.Corrupt(path, $"it cannot be read as a log checkpoint: {e.Message}", e);
        }
    }

    /// <summary>The adds stay in their columns: the batches live on as long as the snapshot does. Row groups are decoded side by side.</summary>
    private static async ValueTask ReadParquetAsync(CheckpointParquet file, ICheckpointTarget target, CancellationToken cancellationToken)
    {
        Queue<Task<IReadOnlyList<CheckpointRows>>> ahead = new();
        for (var group = 0; group < file.Groups || ahead.Count > 0;)
        {
            while (group < file.Groups && ahead.Count < Environment.ProcessorCount)
            {
                var next = group++;
                ahead.Enqueue(Task.Run(() => file.ReadGroup(next), cancellationToken));
            }

            foreach (var rows in await ahead.Dequeue().ConfigureAwait(false))
            {
                Apply(rows, target);
            }
        }
    }

    private static void Apply(CheckpointRows rows, ICheckpointTarget target)
    {
        target.ApplyAdds(rows);
        for (var row = 0; row < rows.Length; row++)
        {
            if (!rows.IsAdd(row) && rows.Other(row) is { } action)
            {
                target.Apply(action);
            }
        }
    }

    /// <summary>Keeps the sidecars of a top file and passes on the rest.</summary>
    private sealed class SidecarCatcher(ICheckpointTarget? target) : ICheckpointTarget
    {
        public List<Sidecar> Sidecars { get; } = [];

        public void Apply(DeltaAction action)
        {
            if (action is Sidecar sidecar)
            {
                Sidecars.Add(sidecar);
            }
            else
            {
                target?.Apply(action);
            }
        }

        public void ApplyAdds(CheckpointRows rows) => target?.ApplyAdds(rows);
    }
}

/// <summary>What a checkpoint is read into.</summary>
internal interface ICheckpointTarget
{
    /// <summary>Takes an action.</summary>
    void Apply(DeltaAction action);

    /// <summary>Takes the adds of a batch, which may stay in its columns.</summary>
    void ApplyAdds(CheckpointRows rows);
}
