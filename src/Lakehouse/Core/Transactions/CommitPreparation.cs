using System.Text.Json;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Snapshots;

namespace DataPlatform.Lakehouse.Transactions;

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
            OperationMetrics = CommitMetrics.Of(operation, transaction, transaction.Elapsed),
            ReadVersion = state.Version < 0 ? null : state.Version,
            IsolationLevel = isolation == IsolationLevel.Snapshot ? "SnapshotIsolation" : isolation.ToString(),
            IsBlindAppend = transaction.Reads.IsEmpty && actions.Where(a => a is FileAction).All(a => a is AddFile),
            EngineInfo = $"DataPlatform.Lakehouse/{typeof(CommitPreparation).Assembly.GetName().Version?.ToString(3)}",
            TxnId = Guid.NewGuid().ToString(),
            UserMetadata = transaction.UserMetadata,
            Tags = transaction.KeepsRowIds && Schemas.TableProperties.RowTracking(state.Metadata)
                ? new Dictionary<string, string?> { [RowTracking.PreservedTag] = "true" } : null,
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
            throw DeltaException.Invalid(
                $"The domain '{domain.Domain}' cannot be set: the table lacks the feature '{TableFeatures.DomainMetadata}'.");
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

        CheckFiles(actions);
    }

    /// <summary>
    /// Within a commit actions have no order, so a file may be spoken of once (protocol section "Action Reconciliation").
    /// </summary>
    private static void CheckFiles(IReadOnlyList<DeltaAction> actions)
    {
        HashSet<FileKey> keys = [];
        HashSet<string> added = new(StringComparer.Ordinal);
        foreach (var file in actions.OfType<FileAction>())
        {
            var key = file switch { AddFile add => add.Key, RemoveFile remove => remove.Key, _ => default };
            if (key.Path is null)
            {
                continue;
            }

            if (!keys.Add(key))
            {
                throw DeltaException.Invalid($"The file '{file.Path}' is added or removed twice in one commit.");
            }

            if (file is AddFile && !added.Add(key.Path))
            {
                throw DeltaException.Invalid($"The file '{file.Path}' is added with two deletion vectors in one commit.");
            }
        }
    }
}
