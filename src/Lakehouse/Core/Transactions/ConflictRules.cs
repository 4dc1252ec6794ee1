using DataPlatform.Lakehouse.DeltaLog;

namespace DataPlatform.Lakehouse.Transactions;

/// <summary>What a losing transaction is, as far as the conflict check looks at it.</summary>
/// <param name="Reads">What it read.</param>
/// <param name="Isolation">The isolation level it commits under.</param>
/// <param name="Actions">What it wants to commit.</param>
internal sealed record ConflictCandidate(ReadSet Reads, IsolationLevel Isolation, IReadOnlyList<DeltaAction> Actions);

/// <summary>Decides whether a transaction may still commit after another one won (section "Conflict checks" of the research; pure functions).</summary>
internal static class ConflictRules
{
    /// <returns>Null when both can stand, else the sentence that says why not.</returns>
    public static string? Check(ConflictCandidate ours, IReadOnlyList<DeltaAction> winner)
        => CheckProtocol(ours, winner)
            ?? CheckMetadata(winner)
            ?? CheckDomains(ours, winner)
            ?? CheckApplications(ours, winner)
            ?? CheckAppends(ours, winner)
            ?? CheckRemoves(ours, winner);

    private static string? CheckProtocol(ConflictCandidate ours, IReadOnlyList<DeltaAction> winner)
        => winner.Any(a => a is Protocol) && ours.Actions.Any(a => a is Protocol)
            ? "it changed the protocol, and so does this transaction" : null;

    private static string? CheckMetadata(IReadOnlyList<DeltaAction> winner)
        => winner.Any(a => a is Metadata) ? "it changed the table's metadata" : null;

    private static string? CheckDomains(ConflictCandidate ours, IReadOnlyList<DeltaAction> winner)
    {
        var touched = winner.OfType<DomainMetadata>().FirstOrDefault(theirs => ours.Actions.OfType<DomainMetadata>().Any(d => d.Domain == theirs.Domain));
        return touched is null ? null : $"it changed the domain '{touched.Domain}', and so does this transaction";
    }

    private static string? CheckApplications(ConflictCandidate ours, IReadOnlyList<DeltaAction> winner)
    {
        var marker = winner.OfType<TransactionMarker>().FirstOrDefault(m => ours.Reads.HoldsApplication(m.AppId));
        return marker is null ? null : $"it moved the application '{marker.AppId}' to version {marker.Version}, which this transaction relied on";
    }

    private static string? CheckAppends(ConflictCandidate ours, IReadOnlyList<DeltaAction> winner)
    {
        var blind = winner.OfType<CommitInfo>().FirstOrDefault()?.IsBlindAppend ?? false;
        var counts = ours.Isolation switch
        {
            IsolationLevel.Serializable => true,
            IsolationLevel.WriteSerializable => !blind || ours.Actions.Any(a => a is Metadata),
            _ => false,
        };
        var file = counts ? winner.OfType<AddFile>().FirstOrDefault(ours.Reads.MayMatch) : null;
        return file is null ? null : $"it added the file '{file.Path}' to what this transaction read";
    }

    private static string? CheckRemoves(ConflictCandidate ours, IReadOnlyList<DeltaAction> winner)
    {
        var removed = ours.Actions.OfType<RemoveFile>().Select(r => r.Key).ToHashSet();
        foreach (var remove in winner.OfType<RemoveFile>())
        {
            if (removed.Contains(remove.Key))
            {
                return $"it removed the file '{remove.Path}', and so does this transaction";
            }

            if (ours.Reads.WholeTable || ours.Reads.Holds(remove.Key))
            {
                return $"it removed the file '{remove.Path}', which this transaction read";
            }
        }

        return null;
    }
}
