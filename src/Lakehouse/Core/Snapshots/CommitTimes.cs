using System.Globalization;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Lakehouse.Snapshots;

/// <summary>When versions were committed, for time travel by timestamp and for history.</summary>
/// <remarks>
/// From the version that enabled in-commit timestamps on, those decide; they grow, so that a search reads only as many commits as it halves the
/// range. Before it the times of the log's files do, made to grow by at least 1 ms per version, because clocks and copies may have put them
/// out of order; no commit is read for them (protocol section "In-Commit Timestamps").
/// </remarks>
internal sealed class CommitTimes
{
    private const string EnablementVersion = "delta.inCommitTimestampEnablementVersion";
    private readonly IObjectStore _store;
    private readonly long[] _versions;
    private readonly DateTimeOffset[] _fileTimes;
    private readonly Dictionary<long, DateTimeOffset> _inCommit = [];

    private CommitTimes(IObjectStore store, long[] versions, DateTimeOffset[] fileTimes, long? inCommitFrom)
    {
        _store = store;
        _versions = versions;
        _fileTimes = fileTimes;
        InCommitFrom = inCommitFrom;
    }

    /// <summary>The versions whose commits are in the log, in growing order and without a gap.</summary>
    public IReadOnlyList<long> Versions => _versions;

    private long? InCommitFrom { get; }

    /// <summary>Lists the log.</summary>
    /// <param name="store">The table's store.</param>
    /// <param name="latest">The metadata of the latest version, which says since when commits carry their time.</param>
    /// <param name="cancellationToken">Stops the listing.</param>
    public static async ValueTask<CommitTimes> ReadAsync(IObjectStore store, Metadata latest, CancellationToken cancellationToken)
    {
        var listing = await LogListing.ReadAsync(store, 0, cancellationToken).ConfigureAwait(false);
        long[] all = [.. listing.Commits.Keys];
        var first = all.Length;
        while (first > 0 && (first == all.Length || all[first - 1] == all[first] - 1))
        {
            first--;
        }

        var versions = all[first..];
        var times = new DateTimeOffset[versions.Length];
        for (var i = 0; i < times.Length; i++)
        {
            var time = DateTimeOffset.FromUnixTimeMilliseconds(listing.TimeOf(versions[i]).ToUnixTimeMilliseconds());
            times[i] = i > 0 && time <= times[i - 1] ? times[i - 1].AddMilliseconds(1) : time;
        }

        long? inCommitFrom = !TableProperties.InCommitTimestamps(latest) ? null
            : latest.Configuration.TryGetValue(EnablementVersion, out var text)
                && long.TryParse(text, CultureInfo.InvariantCulture, out var version) ? version : 0;
        return new CommitTimes(store, versions, times, inCommitFrom);
    }

    /// <summary>When a version was committed.</summary>
    /// <param name="index">Its place in <see cref="Versions"/>.</param>
    /// <param name="cancellationToken">Stops the reading of its commit, where that is needed.</param>
    public async ValueTask<DateTimeOffset> TimeOfAsync(int index, CancellationToken cancellationToken)
    {
        var version = _versions[index];
        if (version < (InCommitFrom ?? long.MaxValue))
        {
            return _fileTimes[index];
        }

        if (!_inCommit.TryGetValue(version, out var time))
        {
            var path = LogPath.Commit(version);
            var content = await _store.TryGetAsync(path, cancellationToken).ConfigureAwait(false);
            time = FirstInCommitTimestamp(content ?? default, path)
                ?? throw DeltaException.Corrupt(path, "it lacks the in-commit timestamp that the table's properties promise in its first action");
            _inCommit[version] = time;
        }

        return time;
    }

    /// <summary>The newest version at or before an instant.</summary>
    /// <param name="oldest">The oldest version that can still be rebuilt.</param>
    /// <param name="instant">The instant.</param>
    /// <param name="cancellationToken">Stops the reading of commits.</param>
    /// <exception cref="DeltaException">Every version is younger.</exception>
    public async ValueTask<long> LastAtOrBeforeAsync(long oldest, DateTimeOffset instant, CancellationToken cancellationToken)
    {
        var next = await FirstAfterAsync(instant, cancellationToken).ConfigureAwait(false);
        if (next > 0 && _versions[next - 1] >= oldest)
        {
            return _versions[next - 1];
        }

        var first = Math.Max(0, Array.BinarySearch(_versions, oldest));
        var time = await TimeOfAsync(first, cancellationToken).ConfigureAwait(false);
        throw DeltaException.Invalid(string.Create(
            CultureInfo.InvariantCulture, $"The oldest version of the table is of {time:O}, which is after {instant:O}."));
    }

    /// <summary>The oldest version at or after an instant; null where every version is older.</summary>
    public async ValueTask<long?> FirstAtOrAfterAsync(DateTimeOffset instant, CancellationToken cancellationToken)
    {
        var next = await FirstAfterAsync(instant.AddTicks(-1), cancellationToken).ConfigureAwait(false);
        return next < _versions.Length ? _versions[next] : null;
    }

    /// <summary>The place of the first version after an instant. The two kinds of times are searched apart: one may begin before the other ends.</summary>
    private async ValueTask<int> FirstAfterAsync(DateTimeOffset instant, CancellationToken cancellationToken)
    {
        var border = Array.FindIndex(_versions, v => v >= (InCommitFrom ?? long.MaxValue));
        border = border < 0 ? _versions.Length : border;
        var inLate = border < _versions.Length && await TimeOfAsync(border, cancellationToken).ConfigureAwait(false) <= instant;
        var (low, high) = inLate ? (border, _versions.Length) : (0, border);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (await TimeOfAsync(middle, cancellationToken).ConfigureAwait(false) <= instant)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    /// <summary>The in-commit timestamp must be in the first action, so one line decides.</summary>
    private static DateTimeOffset? FirstInCommitTimestamp(ReadOnlyMemory<byte> content, string path)
    {
        var end = content.Span.IndexOf((byte)'\n');
        var first = end < 0 ? content : content[..end];
        return CommitFile.Parse(first.Span, path) is [CommitInfo { InCommitTimestamp: { } time }] ? DateTimeOffset.FromUnixTimeMilliseconds(time) : null;
    }
}
