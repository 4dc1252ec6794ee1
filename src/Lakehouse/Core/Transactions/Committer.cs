using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Diagnostics;
using DataPlatform.Lakehouse.Snapshots;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Lakehouse.Transactions;

/// <summary>
/// Commits transactions: put-if-absent of the next version, the conflict check against each winner, then the next number.
/// </summary>
/// <remarks>Thread-safe. Holds no lock across a call to the store.</remarks>
internal sealed class Committer(DeltaTable table)
{
    private readonly ILogger _logger = table.Options.LoggerFactory.CreateLogger<Committer>();

    /// <summary>Checksums and checkpoints.</summary>
    public PostCommit Following { get; } = new(table);

    public async Task<long> CommitAsync(
        DeltaTransaction transaction, string operation, IReadOnlyDictionary<string, string>? parameters,
            CancellationToken cancellationToken)
    {
        using var activity = LakehouseTelemetry.Activities.StartActivity("lakehouse.commit");
        var started = table.Options.Time.GetTimestamp();
        var prepared = CommitPreparation.Prepare(transaction, table.Options, operation, parameters);
        var state = transaction.Snapshot.State;
        for (var attempt = 0; attempt < table.Options.CommitAttemptsMax; attempt++)
        {
            var version = state.Version + 1;
            var actions = prepared.For(state);
            if (await table.Store.TryPutIfAbsentAsync(
                LogPath.Commit(version), ActionWriter.Encode(actions), cancellationToken).ConfigureAwait(false))
            {
                var seconds = table.Options.Time.GetElapsedTime(started).TotalSeconds;
                LakehouseTelemetry.CommitDuration.Record(seconds);
                _logger.Committed(version, operation, actions.Count, attempt);
                await AfterCommitAsync(transaction.Lineage, version, state, actions).ConfigureAwait(false);
                return version;
            }

            // The winner may have changed what this transaction read: the next number is tried only after every winner passed the check.
            state = await PassWinnersAsync(prepared.Candidate, state, cancellationToken).ConfigureAwait(false);
        }

        throw DeltaException.Conflict(
            $"The commit lost {table.Options.CommitAttemptsMax} races in a row; try again when fewer writers are busy.");
    }

    private async ValueTask<SnapshotState> PassWinnersAsync(
        ConflictCandidate ours, SnapshotState state, CancellationToken cancellationToken)
    {
        while (await table.Loader.ReadCommitAsync(state.Version + 1, cancellationToken).ConfigureAwait(false) is { } winner)
        {
            var version = state.Version + 1;
            if (ConflictRules.Check(ours, winner, state) is { } reason)
            {
                LakehouseTelemetry.CommitConflicts.Add(1);
                throw DeltaException.Conflict($"Version {version} won the race: {reason}. Read the table again and repeat the change.");
            }

            var info = await table.Store.TryStatAsync(LogPath.Commit(version), cancellationToken).ConfigureAwait(false);
            state = state.Next(winner, info?.LastModified ?? state.Timestamp);
            TableFeatures.CheckWritable(state.Protocol);
        }

        return state;
    }

    private async ValueTask AfterCommitAsync(
        CommitLineage? lineage, long version, SnapshotState before, IReadOnlyList<DeltaAction> actions)
    {
        var after = before.Next(actions, table.Options.Time.GetUtcNow());
        table.Offer(after);
        CommitNews.Tell(table, lineage, version, actions);
        await Following.RunAsync(after, (actions[0] as CommitInfo)?.TxnId).ConfigureAwait(false);
    }
}
