using DataPlatform.Kernel;
using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.Checkpoints;

/// <summary>The checkpoint that an attempt begins from.</summary>
/// <param name="storage">Where it is.</param>
/// <param name="manifest">What it consists of.</param>
/// <param name="options">Of the job that begins.</param>
/// <param name="isClaimed">
/// Whether its files belong to the job from now on, so that later checkpoints may refer to them. Otherwise the first checkpoint writes
/// everything
/// anew, and whoever owns the files may delete them after it.
/// </param>
internal sealed class RestoredCheckpoint(
    CheckpointStorage storage, CheckpointManifest manifest, StreamJobOptions options, bool isClaimed = true)
{
    public CheckpointManifest Manifest => manifest;

    /// <summary>Refuses a checkpoint that does not fit the job.</summary>
    public void Validate(IReadOnlySet<string> uids)
    {
        if (manifest.MaxParallelism != options.MaxParallelism)
        {
            throw new StreamJobException(
                ErrorKind.Invalid,
                $"Checkpoint {manifest.CheckpointId} has {manifest.MaxParallelism} key groups, the job {options.MaxParallelism}: MaxParallelism is fixed for the life of the state.");
        }

        if (manifest.KeyHashVersion != KeyHashers.Version)
        {
            throw new StreamJobException(
                ErrorKind.Invalid, $"Checkpoint {manifest.CheckpointId} was written with key hash version {manifest.KeyHashVersion}; this build has {KeyHashers.Version}.");
        }

        var removed = manifest.Operators.Where(static o => !o.IsEmpty).Select(static o => o.Uid)
            .Concat(manifest.Sinks.Where(s => s.Epochs.Count > 0).Select(static s => s.Uid))
            .Where(uid => !uids.Contains(uid)).ToList();
        if (removed.Count > 0 && !options.AllowRemovedOperators)
        {
            throw new StreamJobException(
                ErrorKind.Invalid,
                $"Checkpoint {manifest.CheckpointId} holds state of operators that the job lacks: {string.Join(", ", removed.Select(static u => $"'{u}'"))}. Keep their uids, or set {nameof(StreamJobOptions.AllowRemovedOperators)} to give the state up.");
        }
    }

    /// <summary>Reads what a subtask needs of an operator.</summary>
    public async ValueTask<RestoredOperator?> LoadAsync(string uid, KeyGroupRange groups, CancellationToken cancellationToken)
    {
        var state = manifest.Operators.FirstOrDefault(o => o.Uid.Equals(uid, StringComparison.Ordinal));
        if (state is null)
        {
            return null;
        }

        List<(StateSection, ReadOnlyMemory<byte>)> loaded = [];
        foreach (var section in state.Sections)
        {
            if (section.Kind != StateKind.Keyed || (section.FirstKeyGroup <= groups.Last && section.LastKeyGroup >= groups.First))
            {
                loaded.Add((section, await ReadAsync(uid, section, cancellationToken).ConfigureAwait(false)));
            }
        }

        return new RestoredOperator(uid, loaded, groups, await FetchAsync(state, groups, cancellationToken).ConfigureAwait(false));
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReadAsync(string uid, StateSection section, CancellationToken cancellationToken)
    {
        try
        {
            return await storage.ReadSectionAsync(section, cancellationToken).ConfigureAwait(false);
        }
        catch (StreamJobException e)
        {
            throw new StreamJobException(e.Kind, $"Operator '{uid}' cannot be restored from checkpoint {manifest.CheckpointId}: {e.Message}", e);
        }
    }

    private async ValueTask<IReadOnlyList<FetchedDatabase>> FetchAsync(
        OperatorState state, KeyGroupRange groups, CancellationToken cancellationToken)
    {
        List<FetchedDatabase> fetched = [];
        foreach (var database in state.Databases ?? [])
        {
            if (database.FirstKeyGroup <= groups.Last && database.LastKeyGroup >= groups.First)
            {
                var found = await options.StateBackend.FetchAsync(
                    storage, manifest.JobName, state.Uid, database, cancellationToken).ConfigureAwait(false);
                fetched.Add(found with { IsClaimed = isClaimed });
            }
        }

        return fetched;
    }
}
