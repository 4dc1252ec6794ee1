using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;

namespace DataPlatform.Streaming.Checkpoints;

/// <summary>
/// The savepoints of a job. Each is a folder of its own that nothing but its disposal ever removes:
///   {job}/savepoints/{name}/state/{attempt}-{subtask}    state of one subtask
///   {job}/savepoints/{name}/manifest                     written last
/// A savepoint is a checkpoint too, whose manifest is written first: what it holds to be committed is committed like any other.
/// </summary>
internal sealed class SavepointStorage(IObjectStore store, string jobName)
{
    /// <summary>Refuses a name that is no folder, or that is taken.</summary>
    public async ValueTask CheckFreeAsync(string name, CancellationToken cancellationToken)
    {
        CheckName(name);
        await foreach (var info in store.ListAsync(Folder(name), null, cancellationToken).ConfigureAwait(false))
        {
            throw new StreamJobException(ErrorKind.Conflict, $"Savepoint '{name}' of job '{jobName}' is there already ('{info.Path}'): give another name, or dispose it.");
        }
    }

    public ValueTask<IReadOnlyList<(string OperatorUid, StateSection Section)>> WriteStateAsync(
        string name, int attempt, int subtask, IReadOnlyList<StateSource> states, CancellationToken cancellationToken)
        => StateFile.WriteAsync(store, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Folder(name)}state/{attempt}-{subtask}"), states, cancellationToken);

    public async ValueTask CompleteAsync(string name, CheckpointManifest manifest, CancellationToken cancellationToken)
    {
        if (!await store.TryPutIfAbsentAsync(ManifestPath(name), ManifestCodec.Encode(manifest), cancellationToken).ConfigureAwait(false))
        {
            throw new StreamJobException(ErrorKind.Conflict, $"Savepoint '{name}' of job '{jobName}' was taken by someone else meanwhile.");
        }
    }

    public async ValueTask<CheckpointManifest> ReadAsync(string name, CancellationToken cancellationToken)
    {
        CheckName(name);
        var path = ManifestPath(name);
        var bytes = await store.TryGetAsync(path, cancellationToken).ConfigureAwait(false)
            ?? throw new StreamJobException(ErrorKind.Invalid, $"Job '{jobName}' has no savepoint '{name}': '{path}' is missing.");
        var manifest = ManifestCodec.Decode(path, bytes.Span);
        return manifest.JobName.Equals(jobName, StringComparison.Ordinal)
            ? manifest
            : throw new StreamJobException(ErrorKind.Invalid, $"'{path}' is a savepoint of job '{manifest.JobName}', not of '{jobName}'.");
    }

    /// <summary>The names of complete savepoints, in ordinal order.</summary>
    public async ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken)
    {
        List<string> names = [];
        await foreach (var info in store.ListAsync($"{jobName}/savepoints/", null, cancellationToken).ConfigureAwait(false))
        {
            if (info.Path.Split('/') is [.., var name, "manifest"])
            {
                names.Add(name);
            }
        }

        names.Sort(StringComparer.Ordinal);
        return names;
    }

    /// <summary>Removes a savepoint, manifest first: it is whole or not there.</summary>
    /// <param name="name">Its name; one that is not there, or only in part, is removed as far as it is there.</param>
    /// <param name="retained">The manifests of the checkpoints that the job keeps.</param>
    /// <param name="cancellationToken">Stops between two files.</param>
    public async ValueTask DisposeAsync(string name, IReadOnlyList<CheckpointManifest> retained, CancellationToken cancellationToken)
    {
        CheckName(name);
        var user = retained.FirstOrDefault(m => m.Operators.SelectMany(static o => o.Sections).Any(s => s.File.StartsWith(Folder(name), StringComparison.Ordinal)));
        if (user is not null)
        {
            throw new StreamJobException(
                ErrorKind.Conflict, $"Checkpoint {user.CheckpointId} of job '{jobName}' still lives in savepoint '{name}': let the job complete newer checkpoints before it is disposed.");
        }

        await store.DeleteAsync(ManifestPath(name), cancellationToken).ConfigureAwait(false);
        List<string> paths = [];
        await foreach (var info in store.ListAsync(Folder(name), null, cancellationToken).ConfigureAwait(false))
        {
            paths.Add(info.Path);
        }

        foreach (var path in paths)
        {
            await store.DeleteAsync(path, cancellationToken).ConfigureAwait(false);
        }
    }

    internal static void CheckName(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (name.StartsWith('.') || !name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            throw new ArgumentException($"'{name}' is no name of a savepoint: letters, digits, '-', '_' and '.' only, not beginning with '.'.", nameof(name));
        }
    }

    private string Folder(string name) => $"{jobName}/savepoints/{name}/";

    private string ManifestPath(string name) => $"{Folder(name)}manifest";
}
