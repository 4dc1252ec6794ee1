using DataPlatform.ResourceScheduler.Policies;

namespace DataPlatform.ResourceScheduler.Diagnostics;

/// <summary>What a queue, or a user of one, got of what it was entitled to while it waited. Shares are of the cluster's scarcest resource
/// to it,
/// summed over time.</summary>
/// <param name="Queue">The queue's path.</param>
/// <param name="User">The user; empty for the queue as a whole.</param>
/// <param name="UsedShareSeconds">What it held.</param>
/// <param name="DeficitShareSeconds">What it was short of its fair share while it waited for something.</param>
/// <param name="SurplusShareSeconds">What it held beyond its fair share while others waited.</param>
/// <param name="WaitingSeconds">How long it waited for something.</param>
public readonly record struct FairnessRecord(
    string Queue, string User, double UsedShareSeconds, double DeficitShareSeconds, double SurplusShareSeconds, double WaitingSeconds);

/// <summary>Sums up, over time, how fairly queues and users were treated. Feed it snapshots; what one says holds until the next. Not
/// thread-safe.</summary>
public sealed class FairnessAudit
{
    private readonly SortedDictionary<(string Queue, string User), Totals> _totals = new(Comparer<(string Queue, string User)>.Create(
        static (left, right) => string.CompareOrdinal(left.Queue, right.Queue) is var byQueue and not 0 ? byQueue
            : string.CompareOrdinal(left.User, right.User)));

    private ClusterSnapshot? _last;

    /// <summary>By queue, then by user.</summary>
    public IReadOnlyList<FairnessRecord> Records
        => [.. _totals.Select(pair => new FairnessRecord(pair.Key.Queue, pair.Key.User, pair.Value.Used, pair.Value.Deficit,
            pair.Value.Surplus,
            pair.Value.Waiting))];

    /// <summary>Counts the time since the last snapshot as it was then.</summary>
    /// <param name="snapshot">The state now; one that is not later than the last changes nothing.</param>
    public void Observe(ClusterSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        if (_last is { } last && snapshot.TimeMs > last.TimeMs)
        {
            var seconds = (snapshot.TimeMs - last.TimeMs) / 1000.0;
            var othersWait = last.Queues.Count > 0 && last.Queues.Any(queue => queue.Pending > 0);
            foreach (var queue in last.Queues)
            {
                var share = queue.FairShare.DominantShare(last.Capacity);
                Count((queue.Path, ""), queue.Used.DominantShare(last.Capacity), share, queue.Pending > 0, othersWait, seconds);
                CountUsers(queue, share, last.Capacity, othersWait, seconds);
            }
        }

        _last = _last is null || snapshot.TimeMs >= _last.TimeMs ? snapshot : _last;
    }

    /// <summary>The users of a leaf are entitled to equal parts of its share, up to what each wants.</summary>
    private void CountUsers(QueueSnapshot queue, double share, in ResourceVector capacity, bool othersWait, double seconds)
    {
        var names = queue.Users.Keys.Union(queue.UsersPending.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        if (names.Length == 0)
        {
            return;
        }

        var (claims, shares) = (new FairShareClaim[names.Length], new double[names.Length]);
        for (var i = 0; i < names.Length; i++)
        {
            var wanted = queue.Users.GetValueOrDefault(names[i]) + queue.UsersPending.GetValueOrDefault(names[i]);
            claims[i] = new FairShareClaim(1, 0, wanted.DominantShare(capacity));
        }

        FairShares.Fill(share, claims, shares);
        for (var i = 0; i < names.Length; i++)
        {
            Count((queue.Path, names[i]), queue.Users.GetValueOrDefault(names[i]).DominantShare(capacity), shares[i],
                queue.UsersPending.ContainsKey(names[i]), othersWait, seconds);
        }
    }

    private void Count((string Queue, string User) key, double used, double share, bool waits, bool othersWait, double seconds)
    {
        if (!_totals.TryGetValue(key, out var totals))
        {
            _totals[key] = totals = new Totals();
        }

        totals.Used += used * seconds;
        totals.Deficit += waits ? Math.Max(0, share - used) * seconds : 0;
        totals.Surplus += othersWait ? Math.Max(0, used - share) * seconds : 0;
        totals.Waiting += waits ? seconds : 0;
    }

    private sealed class Totals
    {
        public double Used { get; set; }

        public double Deficit { get; set; }

        public double Surplus { get; set; }

        public double Waiting { get; set; }
    }
}
