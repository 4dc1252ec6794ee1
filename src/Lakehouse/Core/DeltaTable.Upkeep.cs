using DataPlatform.Lakehouse.Maintenance;

namespace DataPlatform.Lakehouse;

/// <content>Compaction, clean-up, checks, checkpoints.</content>
public sealed partial class DeltaTable
{
    /// <summary>Merges small files of each partition into larger ones. Readers see the same rows before and after.</summary>
    /// <param name="options">Sizes and limits.</param>
    /// <param name="cancellationToken">Stops between two groups of files; finished groups stay.</param>
    public Task<CompactResult> CompactAsync(CompactOptions? options = null, CancellationToken cancellationToken = default)
        => new Compaction(this, options ?? new CompactOptions()).RunAsync(cancellationToken);

    /// <summary>
    /// Deletes files that no version within the retention refers to: removed ones and those of writers that died (vacuum).
    /// </summary>
    /// <param name="options">Retention, dry run.</param>
    /// <param name="cancellationToken">Stops between two deletions.</param>
    public Task<CleanUpResult> CleanUpAsync(CleanUpOptions? options = null, CancellationToken cancellationToken = default)
        => new CleanUp(this, options ?? new CleanUpOptions()).RunAsync(cancellationToken);

    /// <summary>
    /// Checks the latest version against all that it states: checksum file, file lengths, statistics against every value, deletion vectors.
    /// </summary>
    /// <param name="cancellationToken">Stops between two files.</param>
    public Task<IntegrityReport> CheckAsync(CancellationToken cancellationToken = default)
        => new IntegrityCheck(this).RunAsync(cancellationToken);

    /// <summary>Puts the outcome of a range of commits into one log file, which spares readers the commits.</summary>
    /// <param name="firstVersion">The first commit.</param>
    /// <param name="lastVersion">The last commit, above the first.</param>
    /// <param name="cancellationToken">Stops the reading; a half-written file is never visible.</param>
    /// <returns>False when there was such a file already.</returns>
    public async Task<bool> CompactLogAsync(long firstVersion, long lastVersion, CancellationToken cancellationToken = default)
        => await LogCompaction.WriteAsync(Store, firstVersion, lastVersion, cancellationToken).ConfigureAwait(false);

    /// <summary>Writes a log checkpoint of the latest version now.</summary>
    /// <param name="cancellationToken">Stops the writing; a half-written checkpoint is never visible.</param>
    /// <returns>The version it holds.</returns>
    public async Task<long> CheckpointAsync(CancellationToken cancellationToken = default)
    {
        var snapshot = await RefreshAsync(cancellationToken).ConfigureAwait(false);
        await LogCheckpoint.WriteAsync(Store, snapshot.State, Options, cancellationToken).ConfigureAwait(false);
        return snapshot.Version;
    }

    /// <summary>
    /// Waits for checkpoints that are being written in the background (<see cref="DeltaTableOptions.BackgroundCheckpoints"/>).
    /// </summary>
    public Task WaitForCheckpointsAsync() => Committer.Following.IdleAsync();
}
