using DataPlatform.Lakehouse.Commands;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Snapshots;

namespace DataPlatform.Lakehouse.Transactions;

/// <summary>What a losing transaction is, as far as the conflict check looks at it.</summary>
/// <param name="Reads">What it read.</param>
/// <param name="Isolation">The isolation level it commits under.</param>
/// <param name="Actions">What it wants to commit.</param>
internal sealed record ConflictCandidate(ReadSet Reads, IsolationLevel Isolation, IReadOnlyList<DeltaAction> Actions);

/// <summary>
/// Decides whether a transaction may still commit after another one won. Pure functions, in the order of Spark's checks: protocol,
/// metadata, domains, applications, appends, removals. Row ids and in-commit timestamps never conflict: they are given anew at each
/// attempt.
/// </summary>
internal static class ConflictRules
{
    /// <param name="ours">The loser.</param>
    /// <param name="winner">The commit that took its version.</param>
    /// <param name="before">The state that the winner changed.</param>
    /// <returns>Null when both can stand, else the sentence that says why not.</returns>
    public static string? Check(ConflictCandidate ours, IReadOnlyList<DeltaAction> winner, SnapshotState before)
        => CheckProtocol(ours, winner)
            ?? CheckMetadata(ours, winner, before)
            ?? CheckDomains(ours, winner)
            ?? CheckApplications(ours, winner)
            ?? CheckAppends(ours, winner)
            ?? CheckRemoves(ours, winner, before);

    private static string? CheckProtocol(ConflictCandidate ours, IReadOnlyList<DeltaAction> winner)
        => winner.Any(a => a is Protocol) && ours.Actions.Any(a => a is Protocol)
            ? "it changed the protocol, and so does this transaction" : null;

    /// <summary>
    /// Files were written for the schema and properties that were read. Raised identity marks alone concern only those who raise them too.
    /// </summary>
    private static string? CheckMetadata(ConflictCandidate ours, IReadOnlyList<DeltaAction> winner, SnapshotState before)
    {
        if (winner.OfType<Metadata>().FirstOrDefault() is not { } changed)
        {
            return null;
        }

        return ours.Actions.Any(a => a is Metadata) || !IsMarkOnly(before.Metadata, changed) ? "it changed the table's metadata" : null;
    }

    private static bool IsMarkOnly(Metadata before, Metadata after)
        => before.SchemaString is { } old && after.SchemaString is { } fresh
            && (old == fresh || WithoutMarks(StructType.FromJson(old)).Equals(WithoutMarks(StructType.FromJson(fresh))))
            && before.PartitionColumns.SequenceEqual(after.PartitionColumns)
            && before.Configuration.Count == after.Configuration.Count
            && before.Configuration.All(c => after.Configuration.TryGetValue(c.Key, out var value) && value == c.Value);

    private static StructType WithoutMarks(StructType schema) => new([.. schema.Fields.Select(f => f with
    {
        Metadata = f.Metadata.Where(m => m.Key != IdentityColumn.HighWaterMarkKey).ToDictionary(),
    })]);

    private static string? CheckDomains(ConflictCandidate ours, IReadOnlyList<DeltaAction> winner)
    {
        var touched = winner.OfType<DomainMetadata>().FirstOrDefault(theirs =>
            theirs.Domain != RowTracking.Domain && ours.Actions.OfType<DomainMetadata>().Any(d => d.Domain == theirs.Domain));
        return touched is null ? null : $"it changed the domain '{touched.Domain}', and so does this transaction";
    }

    private static string? CheckApplications(ConflictCandidate ours, IReadOnlyList<DeltaAction> winner)
    {
        var marker = winner.OfType<TransactionMarker>().FirstOrDefault(m => ours.Reads.HoldsApplication(m.AppId));
        return marker is null ? null
            : $"it moved the application '{marker.AppId}' to version {marker.Version}, which this transaction relied on";
    }

    /// <summary>Rows that came into what was read. Files that only rearrange rows, as a compaction's, bring none.</summary>
    private static string? CheckAppends(ConflictCandidate ours, IReadOnlyList<DeltaAction> winner)
    {
        var blind = winner.OfType<CommitInfo>().FirstOrDefault()?.IsBlindAppend ?? false;
        var counts = ours.Isolation switch
        {
            IsolationLevel.Serializable => true,
            IsolationLevel.WriteSerializable => !blind || ours.Actions.Any(a => a is Metadata),
            _ => false,
        };
        var file = counts ? winner.OfType<AddFile>().FirstOrDefault(a => a.DataChange && ours.Reads.MayMatch(a)) : null;
        return file is null ? null : $"it added the file '{file.Path}' to what this transaction read";
    }

    private static string? CheckRemoves(ConflictCandidate ours, IReadOnlyList<DeltaAction> winner, SnapshotState before)
    {
        var removed = ours.Actions.OfType<RemoveFile>().Select(r => r.Key).ToHashSet();
        var readded = ours.Actions.OfType<AddFile>().Select(a => a.Key).ToHashSet();
        foreach (var remove in winner.OfType<RemoveFile>())
        {
            if (removed.Contains(remove.Key))
            {
                return $"it removed the file '{remove.Path}', and so does this transaction";
            }

            if (readded.Contains(remove.Key))
            {
                return $"it removed the file '{remove.Path}', whose entry this transaction rewrites";
            }

            if (ours.Reads.WholeTable || ours.Reads.Holds(remove.Key)
                || (remove.DataChange && before.Files.TryGet(remove.Key, out var file) && ours.Reads.MayMatch(file)))
            {
                return $"it removed the file '{remove.Path}', which this transaction read";
            }
        }

        return null;
    }
}
