using System.Globalization;
using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;

namespace DataPlatform.Streaming.Checkpoints;

/// <summary>
/// The files of a job's checkpoints in an object store:
///   {job}/attempts/{attempt}                        a claim, one for each attempt ever made
///   {job}/state/{checkpoint}/{attempt}-{subtask}    state of one subtask
///   {job}/state/{checkpoint}/{attempt}-{subtask}-…  files of a database that belong to one checkpoint
///   {job}/shared/{checkpoint}/{attempt}-{subtask}-… files of a database, by the checkpoint that uploaded them; later ones may refer to
/// them
///   {job}/checkpoints/{checkpoint}                  the manifest, written last and only once
/// </summary>
internal sealed class CheckpointStorage(IObjectStore store, string jobName)
{
    // The shared files that a manifest names, so that each is read once.
    private readonly Dictionary<long, HashSet<string>> _shared = [];

    public string JobName => jobName;

    /// <summary>Takes the next attempt number. Two processes never get the same one.</summary>
    public async ValueTask<int> ClaimAttemptAsync(CancellationToken cancellationToken)
    {
        for (var attempt = await LastAttemptAsync(cancellationToken).ConfigureAwait(false) + 1; ; attempt++)
        {
            if (await store.TryPutIfAbsentAsync(AttemptPath(attempt), ReadOnlyMemory<byte>.Empty, cancellationToken).ConfigureAwait(false))
            {
                return attempt;
            }
        }
    }

    public async ValueTask<int> LastAttemptAsync(CancellationToken cancellationToken)
    {
        var last = 0;
        await foreach (var info in store.ListAsync($"{jobName}/attempts/", null, cancellationToken).ConfigureAwait(false))
        {
            last = Math.Max(last, int.Parse(NameOf(info.Path), CultureInfo.InvariantCulture));
        }

        return last;
    }

    /// <summary>The ids of complete checkpoints, oldest first.</summary>
    public async ValueTask<IReadOnlyList<long>> ListAsync(CancellationToken cancellationToken)
    {
        List<long> ids = [];
        await foreach (var info in store.ListAsync($"{jobName}/checkpoints/", null, cancellationToken).ConfigureAwait(false))
        {
            ids.Add(long.Parse(NameOf(info.Path), CultureInfo.InvariantCulture));
        }

        return ids;
    }

    public async ValueTask<CheckpointManifest> ReadAsync(long checkpointId, CancellationToken cancellationToken)
    {
        var path = ManifestPath(checkpointId);
        var bytes = await store.TryGetAsync(path, cancellationToken).ConfigureAwait(false)
            ?? throw new StreamJobException(ErrorKind.Invalid, $"Checkpoint {checkpointId} of job '{jobName}' is not in the store: '{path}' is missing.");
        var manifest = ManifestCodec.Decode(path, bytes.Span);
        return manifest.JobName.Equals(jobName, StringComparison.Ordinal)
            ? manifest
            : throw new StreamJobException(ErrorKind.Invalid, $"'{path}' is a checkpoint of job '{manifest.JobName}', not of '{jobName}'.");
    }

    /// <summary>
    /// Completes a checkpoint. Claims are looked at again afterwards: whoever has claimed the job meanwhile may have looked for checkpoints before
    /// this one was there, and then what it holds must not be committed. Who claims later finds it.
    /// </summary>
    /// <exception cref="StreamJobException">Another attempt has completed the same checkpoint: this one is a ghost and must end.</exception>
    public async ValueTask<int> CompleteAsync(CheckpointManifest manifest, CancellationToken cancellationToken)
    {
        var bytes = ManifestCodec.Encode(manifest);
        if (await LastAttemptAsync(cancellationToken).ConfigureAwait(false) > manifest.Attempt
            || !await store.TryPutIfAbsentAsync(ManifestPath(manifest.CheckpointId), bytes, cancellationToken).ConfigureAwait(false)
            || await LastAttemptAsync(cancellationToken).ConfigureAwait(false) > manifest.Attempt)
        {
            throw new StreamJobException(
                ErrorKind.Conflict, $"Job '{jobName}' runs elsewhere: checkpoint {manifest.CheckpointId} of attempt {manifest.Attempt} was refused. Only one instance may run.");
        }

        return bytes.Length;
    }

    /// <summary>Writes the state of one subtask.</summary>
    public ValueTask<IReadOnlyList<(string OperatorUid, StateSection Section)>> WriteStateAsync(
        long checkpointId, int attempt, int subtask, IReadOnlyList<StateSource> states, CancellationToken cancellationToken)
        => StateFile.WriteAsync(store, $"{StateFolder(checkpointId)}{attempt}-{subtask}", states, cancellationToken);

    /// <summary>Uploads the databases of one subtask.</summary>
    public async ValueTask<IReadOnlyList<UploadedDatabase>> UploadAsync(
        long checkpointId, int attempt, int subtask, IReadOnlyList<StateUpload> uploads, CancellationToken cancellationToken)
    {
        List<UploadedDatabase> uploaded = [];
        foreach (var upload in uploads)
        {
            var prefix = string.Create(CultureInfo.InvariantCulture, $"{attempt}-{subtask}-{uploaded.Count}-");
            var target = new StateUploadTarget(store, SharedFolder(checkpointId) + prefix, StateFolder(checkpointId) + prefix);
            try
            {
                uploaded.Add(await upload.UploadAsync(target, cancellationToken).ConfigureAwait(false));
            }
            catch (StorageException e)
            {
                throw new StreamJobException(e.Kind, $"State of operator '{upload.OperatorUid}' could not be uploaded: {e.Message} The last checkpoint is whole.", e);
            }
        }

        return uploaded;
    }

    public ValueTask<ReadOnlyMemory<byte>> ReadSectionAsync(StateSection section, CancellationToken cancellationToken)
        => StateFile.ReadAsync(store, section, cancellationToken);

    /// <summary>Brings a file of a database to this machine.</summary>
    public ValueTask FetchAsync(string operatorUid, DatabaseFile file, string localPath, CancellationToken cancellationToken)
        => StateFileCopy.FetchAsync(store, operatorUid, file, localPath, cancellationToken);

    /// <summary>
    /// Removes all but the newest checkpoints, and state files that no checkpoint owns or refers to. A shared file that was uploaded up to
    /// checkpoint <paramref name="below"/> and that a later one will refer to is in the manifest of <paramref name="below"/> too, because a
    /// subtask refers to one upload of a file as long as it has the file.
    /// </summary>
    /// <param name="retained">How many to keep.</param>
    /// <param name="below">State above this checkpoint may be in the making and is left alone.</param>
    /// <param name="cancellationToken">Stops between two files.</param>
    public async ValueTask RemoveOldAsync(int retained, long below, CancellationToken cancellationToken)
    {
        var ids = await ListAsync(cancellationToken).ConfigureAwait(false);
        var kept = ids.TakeLast(retained).ToHashSet();
        foreach (var id in ids.Where(id => !kept.Contains(id)))
        {
            // The manifest goes first: a checkpoint is whole or not there.
            await store.DeleteAsync(ManifestPath(id), cancellationToken).ConfigureAwait(false);
        }

        await foreach (var info in store.ListAsync($"{jobName}/state/", null, cancellationToken).ConfigureAwait(false))
        {
            var id = long.Parse(info.Path.Split('/')[^2], CultureInfo.InvariantCulture);
            if (id <= below && !kept.Contains(id))
            {
                await store.DeleteAsync(info.Path, cancellationToken).ConfigureAwait(false);
            }
        }

        await RemoveSharedAsync(kept, below, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask RemoveSharedAsync(HashSet<long> kept, long below, CancellationToken cancellationToken)
    {
        HashSet<string>? named = null;
        await foreach (var info in store.ListAsync($"{jobName}/shared/", null, cancellationToken).ConfigureAwait(false))
        {
            if (long.Parse(info.Path.Split('/')[^2], CultureInfo.InvariantCulture) > below)
            {
                continue;
            }

            named ??= await NamedByAsync(kept, cancellationToken).ConfigureAwait(false);
            if (!named.Contains(info.Path))
            {
                await store.DeleteAsync(info.Path, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async ValueTask<HashSet<string>> NamedByAsync(HashSet<long> kept, CancellationToken cancellationToken)
    {
        foreach (var gone in _shared.Keys.Where(id => !kept.Contains(id)).ToList())
        {
            _shared.Remove(gone);
        }

        HashSet<string> named = new(StringComparer.Ordinal);
        foreach (var id in kept)
        {
            if (!_shared.TryGetValue(id, out var files))
            {
                var manifest = await ReadAsync(id, cancellationToken).ConfigureAwait(false);
                _shared.Add(
                    id,
                    files = [.. manifest.Operators.SelectMany(static o => o.Databases ?? []).SelectMany(static d => d.Files).Select(static f => f.File)]);
            }

            named.UnionWith(files);
        }

        return named;
    }

    private static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    private string AttemptPath(int attempt) => string.Create(CultureInfo.InvariantCulture, $"{jobName}/attempts/{attempt:D10}");

    private string ManifestPath(long id) => string.Create(CultureInfo.InvariantCulture, $"{jobName}/checkpoints/{id:D20}");

    private string SharedFolder(long id) => string.Create(CultureInfo.InvariantCulture, $"{jobName}/shared/{id:D20}/");

    private string StateFolder(long id) => string.Create(CultureInfo.InvariantCulture, $"{jobName}/state/{id:D20}/");
}
