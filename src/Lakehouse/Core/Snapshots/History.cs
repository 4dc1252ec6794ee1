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
    /// <param name="table">The table.</param>
    /// <param name="before">Only versions below this one; null for all.</param>
    /// <param name="limit">How many versions at most, the newest ones.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public static async Task<IReadOnlyList<CommitRecord>> ReadAsync(DeltaTable table, long? before, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        var latest = await table.RefreshAsync(cancellationToken).ConfigureAwait(false);
        var times = await CommitTimes.ReadAsync(table.Store, latest.Metadata, cancellationToken).ConfigureAwait(false);
        List<CommitRecord> records = [];
        for (var i = times.Versions.Count - 1; i >= 0 && records.Count < limit; i--)
        {
            if (times.Versions[i] < (before ?? long.MaxValue))
            {
                var actions = await table.Loader.ReadCommitAsync(times.Versions[i], cancellationToken).ConfigureAwait(false);
                var time = await times.TimeOfAsync(i, cancellationToken).ConfigureAwait(false);
                records.Add(new CommitRecord(times.Versions[i], time, actions?.OfType<CommitInfo>().FirstOrDefault()));
            }
        }

        return records;
    }
}
