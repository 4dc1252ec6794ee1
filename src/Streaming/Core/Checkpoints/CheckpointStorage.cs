using System.Globalization;
using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;

namespace DataPlatform.Streaming.Checkpoints;

/// <summary>
/// The files of a job's checkpoints in an object store:
///   {job}/attempts/{attempt}                        a claim, one for each attempt ever made
///   {job}/state/{checkpoint}/{attempt}-{subtask}    state of one subtask
///   {job}/checkpoints/{checkpoint}                  the manifest, written last and only once
/// </summary>
internal sealed class CheckpointStorage(IObjectStore store, string jobName)
{
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

    public ValueTask<ReadOnlyMemory<byte>> ReadSectionAsync(StateSection section, CancellationToken cancellationToken)
        => StateFile.ReadAsync(store, section, cancellationToken);

    /// <summary>Removes all but the newest checkpoints, and state files that no checkpoint owns.</summary>
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
    }

    private static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    private string AttemptPath(int attempt) => string.Create(CultureInfo.InvariantCulture, $"{jobName}/attempts/{attempt:D10}");

    private string ManifestPath(long id) => string.Create(CultureInfo.InvariantCulture, $"{jobName}/checkpoints/{id:D20}");

    private string StateFolder(long id) => string.Create(CultureInfo.InvariantCulture, $"{jobName}/state/{id:D20}/");
}
