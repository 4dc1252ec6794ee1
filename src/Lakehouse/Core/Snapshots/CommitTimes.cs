using System.Globalization;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.DeltaLog;

namespace DataPlatform.Lakehouse.Snapshots;

/// <summary>When versions were committed, for time travel by timestamp.</summary>
internal static class CommitTimes
{
    /// <summary>The newest version at or before an instant.</summary>
    /// <remarks>
    /// In-commit timestamps decide where commits carry them. File times elsewhere are made to grow by at least 1 ms per version, because clocks
    /// and copies may have put them out of order.
    /// </remarks>
    public static async ValueTask<long> VersionAtAsync(IObjectStore store, DateTimeOffset instant, CancellationToken cancellationToken)
    {
        var listing = await LogListing.ReadAsync(store, 0, cancellationToken).ConfigureAwait(false);
        if (listing.Latest < 0)
        {
            throw DeltaException.Invalid("This folder is not a Delta table: there is no commit in its _delta_log.");
        }

        long? found = null;
        var previous = DateTimeOffset.MinValue;
        await foreach (var (version, time) in ReadAsync(store, listing, cancellationToken).ConfigureAwait(false))
        {
            var adjusted = time > previous ? time : previous.AddMilliseconds(1);
            if (adjusted > instant)
            {
                return found ?? throw DeltaException.Invalid(string.Create(
                    CultureInfo.InvariantCulture, $"The oldest version of the table is of {adjusted:O}, which is after {instant:O}."));
            }

            (found, previous) = (version, adjusted);
        }

        return found!.Value;
    }

    private static async IAsyncEnumerable<(long Version, DateTimeOffset Time)> ReadAsync(
        IObjectStore store, LogListing listing, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var (version, commit) in listing.Commits)
        {
            var content = await store.TryGetAsync(commit.File.Path, cancellationToken).ConfigureAwait(false);
            yield return (version, FirstInCommitTimestamp(content, commit.File.Path) ?? Truncate(commit.Time));
        }
    }

    /// <summary>The in-commit timestamp must be in the first action, so one line decides.</summary>
    private static DateTimeOffset? FirstInCommitTimestamp(ReadOnlyMemory<byte>? content, string path)
    {
        var bytes = content ?? default;
        var end = bytes.Span.IndexOf((byte)'\n');
        var first = end < 0 ? bytes : bytes[..end];
        return first.Span.IndexOf("inCommitTimestamp"u8) >= 0
            && CommitFile.Parse(first.Span, path) is [CommitInfo { InCommitTimestamp: { } time }] ? DateTimeOffset.FromUnixTimeMilliseconds(time) : null;
    }

    private static DateTimeOffset Truncate(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());
}
