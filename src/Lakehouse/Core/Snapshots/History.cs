using DataPlatform.Lakehouse.DeltaLog;

namespace DataPlatform.Lakehouse.Snapshots;

/// <summary>One version in a table's history.</summary>
/// <param name="Version">The version.</param>
/// <param name="Timestamp">When it was committed, UTC.</param>
/// <param name="Info">What its writer said about it; null where it said nothing.</param>
public sealed record CommitRecord(long Version, DateTimeOffset Timestamp, CommitInfo? Info);

/// <summary>Reads the history from the commits that are still in the log.</summary>
internal static class History
{
    public static async Task<IReadOnlyList<CommitRecord>> ReadAsync(DeltaTable table, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        var listing = await LogListing.ReadAsync(table.Store, 0, cancellationToken).ConfigureAwait(false);
        List<CommitRecord> records = [];
        foreach (var (version, commit) in listing.Commits.Reverse().Take(limit))
        {
            var actions = await table.Loader.ReadCommitAsync(version, cancellationToken).ConfigureAwait(false);
            var info = actions?.OfType<CommitInfo>().FirstOrDefault();
            var time = info?.InCommitTimestamp is { } inCommit ? DateTimeOffset.FromUnixTimeMilliseconds(inCommit) : commit.Time;
            records.Add(new CommitRecord(version, time, info));
        }

        return records;
    }
}
