using System.Text.Json;
using DataPlatform.Kernel;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Diagnostics;
using DataPlatform.Lakehouse.Maintenance;
using DataPlatform.Lakehouse.Snapshots;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Lakehouse.Transactions;

/// <summary>Commits transactions: put-if-absent of the next version, the conflict check against each winner, then the next number.</summary>
/// <remarks>Thread-safe. Holds no lock across a call to the store.</remarks>
internal sealed class Committer(DeltaTable table)
{
    private readonly ILogger _logger = table.Options.LoggerFactory.CreateLogger<Committer>();

    public async Task<long> CommitAsync(
        DeltaTransaction transaction, string operation, IReadOnlyDictionary<string, string>? parameters, CancellationToken cancellationToken)
    {
        using var activity = LakehouseTelemetry.Activities.StartActivity("lakehouse.commit");
        var started = table.Options.Time.GetTimestamp();
        var prepared = CommitPreparation.Prepare(transaction, table.Options, operation, parameters);
        var state = transaction.Snapshot.State;
        for (var attempt = 0; attempt < table.Options.CommitAttemptsMax; attempt++)
        {
            var version = state.Version + 1;
            var actions = prepared.For(state);
            if (await table.Store.TryPutIfAbsentAsync(LogPath.Commit(version), ActionWriter.Encode(actions), cancellationToken).ConfigureAwait(false))
            {
                var seconds = table.Options.Time.GetElapsedTime(started).TotalSeconds;
                LakehouseTelemetry.CommitDuration.Record(seconds);
                _logger.Committed(version, operation, actions.Count, attempt);
                await AfterCommitAsync(version, state, actions).ConfigureAwait(false);
                return version;
            }

            // The winner may have changed what this transaction read: the next number is tried only after every winner passed the check.
            state = await PassWinnersAsync(prepared.Candidate, state, cancellationToken).ConfigureAwait(false);
        }

        throw DeltaException.Conflict($"The commit lost {table.Options.CommitAttemptsMax} races in a row; try again when fewer writers are busy.");
    }

    private async ValueTask<SnapshotState> PassWinnersAsync(ConflictCandidate ours, SnapshotState state, CancellationToken cancellationToken)
    {
        while (await table.Loader.ReadCommitAsync(state.Version + 1, cancellationToken).ConfigureAwait(false) is { } winner)
        {
            var version = state.Version + 1;
            if (ConflictRules.Check(ours, winner) is { } reason)
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

    /// <summary>What follows a commit is best effort: the commit stands whatever happens here, and cancellation no longer counts.</summary>
    private async ValueTask AfterCommitAsync(long version, SnapshotState before, IReadOnlyList<DeltaAction> actions)
    {
        var after = before.Next(actions, table.Options.Time.GetUtcNow());
        table.Offer(after);
        if (table.Options is { Feed: { } feed, Dataset: { } dataset })
        {
            feed.Publish(new DatasetVersion(dataset, version));
        }

        var interval = Schemas.TableProperties.CheckpointInterval(after.Metadata) ?? table.Options.CheckpointInterval;
        if (version > 0 && version % interval == 0)
        {
            try
            {
                await LogCheckpoint.WriteAsync(table.Store, after, table.Options.Time, CancellationToken.None).ConfigureAwait(false);
                if (Schemas.TableProperties.ExpiredLogCleanup(after.Metadata))
                {
                    await LogCleanUp.RunAsync(table.Store, after, table.Options.Time, CancellationToken.None).ConfigureAwait(false);
                }
            }
#pragma warning disable CA1031 // The commit is durable: whatever goes wrong with the checkpoint must not make it look failed. It is logged.
            catch (Exception e)
#pragma warning restore CA1031
            {
                _logger.CheckpointFailed(e, version);
            }
        }
    }
}

/// <summary>A transaction made ready: its actions, and the commitInfo that depends on where in the log it lands.</summary>
internal sealed class CommitPreparation
{
    private readonly CommitInfo _info;
    private readonly TimeProvider _time;

    private CommitPreparation(ConflictCandidate candidate, CommitInfo info, TimeProvider time)
    {
        Candidate = candidate;
        _info = info;
        _time = time;
    }

    public ConflictCandidate Candidate { get; }

    public static CommitPreparation Prepare(
        DeltaTransaction transaction, DeltaTableOptions options, string operation, IReadOnlyDictionary<string, string>? parameters)
    {
        var state = transaction.Snapshot.State;
        var actions = transaction.Actions;
        Check(state, actions);
        var changes = actions.OfType<FileAction>().Any(a => a.DataChange);
        var isolation = changes || actions.Any(a => a is Metadata) ? transaction.Isolation ?? options.Isolation : IsolationLevel.Snapshot;
        var info = new CommitInfo
        {
            Operation = operation,
            OperationParameters = JsonSerializer.SerializeToElement(parameters ?? new Dictionary<string, string>()),
            OperationMetrics = CommitMetrics.Of(actions, transaction.Metrics),
            ReadVersion = state.Version < 0 ? null : state.Version,
            IsolationLevel = isolation == IsolationLevel.Snapshot ? "SnapshotIsolation" : isolation.ToString(),
            IsBlindAppend = transaction.Reads.IsEmpty && actions.Where(a => a is FileAction).All(a => a is AddFile),
            EngineInfo = $"DataPlatform.Lakehouse/{typeof(CommitPreparation).Assembly.GetName().Version?.ToString(3)}",
            TxnId = Guid.NewGuid().ToString(),
            UserMetadata = transaction.UserMetadata,
        };
        return new CommitPreparation(new ConflictCandidate(transaction.Reads, isolation, actions), info, options.Time);
    }

    /// <summary>The lines of the commit that follows a state; commitInfo comes first.</summary>
    public IReadOnlyList<DeltaAction> For(SnapshotState before)
    {
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        var metadata = Candidate.Actions.OfType<Metadata>().LastOrDefault() ?? before.Metadata;
        long? inCommit = Schemas.TableProperties.InCommitTimestamps(metadata) ? Math.Max(now, (before.InCommitTimestamp ?? -1) + 1) : null;
        return [_info with { Timestamp = now, InCommitTimestamp = inCommit }, .. RowTracking.Assign(before, Candidate.Actions)];
    }

    private static void CheckDomains(Protocol protocol, IReadOnlyList<DeltaAction> actions)
    {
        if (actions.OfType<DomainMetadata>().FirstOrDefault() is { } domain && !TableFeatures.Has(protocol, TableFeatures.DomainMetadata))
        {
            throw DeltaException.Invalid($"The domain '{domain.Domain}' cannot be set: the table lacks the feature '{TableFeatures.DomainMetadata}'.");
        }
    }

    private static void Check(SnapshotState state, IReadOnlyList<DeltaAction> actions)
    {
        var protocol = actions.OfType<Protocol>().LastOrDefault() ?? state.Protocol;
        var metadata = actions.OfType<Metadata>().LastOrDefault() ?? state.Metadata;
        TableFeatures.CheckReadable(protocol);
        TableFeatures.CheckWritable(protocol);
        CheckDomains(protocol, actions);
        if (Schemas.TableProperties.AppendOnly(metadata) && actions.OfType<RemoveFile>().Any(r => r.DataChange))
        {
            throw DeltaException.Invalid("The table is append-only (delta.appendOnly = true): rows cannot be removed from it.");
        }

        HashSet<FileKey> keys = [];
        foreach (var add in actions.OfType<AddFile>())
        {
            if (!keys.Add(add.Key))
            {
                throw DeltaException.Invalid($"The file '{add.Path}' is added twice in one commit.");
            }
        }
    }
}
