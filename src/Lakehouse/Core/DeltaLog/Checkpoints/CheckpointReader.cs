using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.DataFiles;
using ParquetSharp;

namespace DataPlatform.Lakehouse.DeltaLog.Checkpoints;

/// <summary>Reads checkpoints of every kind: classic, multi-part, V2 as Parquet or JSON, with sidecars.</summary>
internal static class CheckpointReader
{
    private static readonly HashSet<string> Unread = new(StringComparer.Ordinal) { "add.partitionValues_parsed", "remove.tags", "remove.stats" };

    /// <summary>The actions of a complete checkpoint.</summary>
    public static async IAsyncEnumerable<DeltaAction> ReadAsync(
        IObjectStore store, IReadOnlyList<LogFile> files, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var file in files)
        {
            foreach (var action in await ReadFileAsync(store, file.Path, cancellationToken).ConfigureAwait(false))
            {
                if (action is not Sidecar sidecar)
                {
                    yield return action;
                    continue;
                }

                foreach (var inner in await ReadFileAsync(store, PathOf(sidecar), cancellationToken).ConfigureAwait(false))
                {
                    yield return inner;
                }
            }
        }
    }

    /// <summary>The paths of the sidecars that a V2 checkpoint's top file refers to.</summary>
    public static async ValueTask<IEnumerable<string>> SidecarsAsync(IObjectStore store, string path, CancellationToken cancellationToken)
        => (await ReadFileAsync(store, path, cancellationToken).ConfigureAwait(false)).OfType<Sidecar>().Select(PathOf);

    private static string PathOf(Sidecar sidecar)
        => sidecar.Path.Contains('/', StringComparison.Ordinal) ? DataPath.InStore(sidecar.Path) : LogPath.Sidecars + DataPath.InStore(sidecar.Path);

    private static async ValueTask<List<DeltaAction>> ReadFileAsync(IObjectStore store, string path, CancellationToken cancellationToken)
    {
        if (path.EndsWith(".json", StringComparison.Ordinal))
        {
            var content = await store.TryGetAsync(path, cancellationToken).ConfigureAwait(false)
                ?? throw DeltaException.Corrupt(path, "it is missing, though the log needs it");
            return CommitFile.Parse(content.Span, path);
        }

        var source = await ParquetSource.OpenAsync(store, path, cancellationToken).ConfigureAwait(false);
        await using (source.ConfigureAwait(false))
        {
            try
            {
                return ReadParquet(source, cancellationToken);
            }
            catch (Exception e) when (e is ParquetException or InvalidDataException or IOException or InvalidCastException)
            {
                throw DeltaException.Corrupt(path, $"it cannot be read as a log checkpoint: {e.Message}", e);
            }
        }
    }

    private static List<DeltaAction> ReadParquet(ParquetSource source, CancellationToken cancellationToken)
    {
        List<DeltaAction> actions = [];
        using var reader = source.OpenArrow();
        using var batches = reader.GetRecordBatchReader(null, Columns(reader.ParquetReader.FileMetaData.Schema));
        while (ArrowStreams.Next(batches) is { } batch)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using (batch)
            {
                actions.AddRange(new CheckpointRows(batch).Actions());
            }
        }

        return actions;
    }

    /// <summary>The leaf columns worth reading: parsed statistics only where the JSON form is not there.</summary>
    private static int[] Columns(SchemaDescriptor schema)
    {
        var paths = Enumerable.Range(0, schema.NumColumns).Select(i => schema.Column(i).Path.ToDotString()).ToArray();
        var hasStats = paths.Contains("add.stats");
        return [.. Enumerable.Range(0, paths.Length).Where(i =>
            !Unread.Any(u => paths[i] == u || paths[i].StartsWith(u + ".", StringComparison.Ordinal))
            && !(hasStats && paths[i].StartsWith("add.stats_parsed.", StringComparison.Ordinal)))];
    }
}
