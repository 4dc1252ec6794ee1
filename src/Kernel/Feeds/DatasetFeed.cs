using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace DataPlatform.Kernel.Feeds;

/// <summary>The feed inside one process.</summary>
/// <remarks>
/// Thread-safe. A follower holds at most one pending version per dataset and <see cref="LineageBacklogMax"/> lineage events, so a follower
/// that never reads costs bounded memory.
/// </remarks>
public sealed class DatasetFeed : IDatasetFeed
{
    /// <summary>Lineage events kept for one slow follower; older ones are dropped first.</summary>
    public const int LineageBacklogMax = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<DatasetId, long> _latest = [];
    private readonly Dictionary<DatasetId, long> _latestData = [];
    private readonly List<VersionFollower> _versionFollowers = [];
    private readonly List<Channel<LineageEvent>> _lineageFollowers = [];

    /// <inheritdoc/>
    public void Publish(DatasetVersion version, bool changesData = true)
    {
        lock (_gate)
        {
            // Apart: upkeep of version 9 may be announced before the data of version 8, which is news all the same.
            Raise(_latest, version);
            if (!changesData || !Raise(_latestData, version))
            {
                return;
            }

            foreach (var follower in _versionFollowers)
            {
                follower.Offer(version);
            }
        }
    }

    /// <inheritdoc/>
    public void Publish(LineageEvent lineage)
    {
        ArgumentNullException.ThrowIfNull(lineage);
        lock (_gate)
        {
            foreach (var follower in _lineageFollowers)
            {
                follower.Writer.TryWrite(lineage);
            }
        }
    }

    /// <inheritdoc/>
    public DatasetVersion? Latest(DatasetId dataset) => Known(_latest, dataset);

    /// <inheritdoc/>
    public DatasetVersion? LatestData(DatasetId dataset) => Known(_latestData, dataset);

    /// <inheritdoc/>
    public async IAsyncEnumerable<DatasetVersion> FollowVersionsAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var follower = new VersionFollower();
        lock (_gate)
        {
            foreach (var (dataset, version) in _latestData)
            {
                follower.Offer(new DatasetVersion(dataset, version));
            }

            _versionFollowers.Add(follower);
        }

        try
        {
            while (true)
            {
                await follower.Arrived.WaitAsync(cancellationToken).ConfigureAwait(false);
                while (follower.TryTake(out var version))
                {
                    yield return version;
                }
            }
        }
        finally
        {
            lock (_gate)
            {
                _versionFollowers.Remove(follower);
            }

            follower.Arrived.Dispose();
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<LineageEvent> FollowLineageAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var channel = Channel.CreateBounded<LineageEvent>(
            new BoundedChannelOptions(LineageBacklogMax) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        lock (_gate)
        {
            _lineageFollowers.Add(channel);
        }

        try
        {
            await foreach (var lineage in channel.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return lineage;
            }
        }
        finally
        {
            lock (_gate)
            {
                _lineageFollowers.Remove(channel);
            }
        }
    }

    private static bool Raise(Dictionary<DatasetId, long> versions, DatasetVersion version)
    {
        var isNewer = !versions.TryGetValue(version.Dataset, out var known) || known < version.Version;
        if (isNewer)
        {
            versions[version.Dataset] = version.Version;
        }

        return isNewer;
    }

    private DatasetVersion? Known(Dictionary<DatasetId, long> versions, DatasetId dataset)
    {
        lock (_gate)
        {
            return versions.TryGetValue(dataset, out var version) ? new DatasetVersion(dataset, version) : null;
        }
    }

    /// <summary>Pending versions of one listener, one per dataset, in order of first arrival.</summary>
    private sealed class VersionFollower
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<DatasetId, long> _pending = [];
        private readonly Queue<DatasetId> _order = [];

        public SemaphoreSlim Arrived { get; } = new(0);

        public void Offer(DatasetVersion version)
        {
            lock (_gate)
            {
                if (!_pending.ContainsKey(version.Dataset))
                {
                    _order.Enqueue(version.Dataset);
                }

                _pending[version.Dataset] = version.Version;
                if (Arrived.CurrentCount == 0)
                {
                    Arrived.Release();
                }
            }
        }

        public bool TryTake(out DatasetVersion version)
        {
            lock (_gate)
            {
                if (!_order.TryDequeue(out var dataset))
                {
                    version = default;
                    return false;
                }

                _pending.Remove(dataset, out var number);
                version = new DatasetVersion(dataset, number);
                return true;
            }
        }
    }
}
