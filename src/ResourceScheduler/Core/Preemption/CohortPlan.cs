namespace DataPlatform.ResourceScheduler.Preemption;

/// <summary>Chooses whom a newcomer displaces in a cohort of queues that lend to each other.</summary>
/// <remarks>
/// A queue's share is what it borrows over the sum of all guarantees and its weight. First pass: a victim may go when the newcomer's queue
/// then has at most the share the victim's queue is left with. Second pass, one victim a queue: when it has strictly less than the
/// victim's queue
/// had before. Under these rules a victim that comes back can never displace who displaced it. Last, victims that turn out not to be
/// needed are put back.
/// </remarks>
public sealed class CohortPlan
{
    private const double Slack = 1e-9;
    private readonly SortedDictionary<string, (CohortQueue Queue, double Used)> _queues = new(StringComparer.Ordinal);
    private readonly CohortWork _incoming;
    private readonly double _total;
    private readonly List<CohortVictim> _victims = [];

    private CohortPlan(IReadOnlyList<CohortQueue> queues, IReadOnlyList<CohortWork> running, CohortWork incoming)
    {
        _incoming = incoming;
        _total = queues.Sum(queue => queue.Guaranteed);
        foreach (var queue in queues)
        {
            var used = running.Where(work => work.Queue == queue.Id).Sum(work => work.Size);
            _queues[queue.Id] = (queue, used + (queue.Id == incoming.Queue ? incoming.Size : 0));
        }
    }

    /// <summary>The smallest set of victims the rules find; empty when the newcomer fits without, or may not be served at all.</summary>
    /// <param name="queues">The cohort.</param>
    /// <param name="running">What runs in it.</param>
    /// <param name="incoming">Who wants in.</param>
    public static IReadOnlyList<CohortVictim> Choose(IReadOnlyList<CohortQueue> queues, IReadOnlyList<CohortWork> running,
        CohortWork incoming)
    {
        ArgumentNullException.ThrowIfNull(queues);
        ArgumentNullException.ThrowIfNull(running);
        ArgumentNullException.ThrowIfNull(incoming);
        var plan = new CohortPlan(queues, running, incoming);
        if (plan.Fits || !(plan.First(plan.Candidates(running), out var retry) || plan.Second(retry)))
        {
            return [];
        }

        plan.PutBack();
        return plan._victims;
    }

    private bool Fits => _queues.Values.Sum(queue => queue.Used) <= _total + Slack;

    private CohortQueue Home => _queues[_incoming.Queue].Queue;

    private bool IsWithinGuarantee => _queues[_incoming.Queue].Used <= Home.Guaranteed + Slack;

    private Dictionary<string, Queue<CohortWork>> Candidates(IReadOnlyList<CohortWork> running)
        => Group(running.Where(MayDisplace).OrderBy(work => work.Priority).ThenByDescending(work => work.Start).ThenBy(work => work.Id,
            StringComparer.Ordinal));

    private bool MayDisplace(CohortWork work)
    {
        if (work.Queue == _incoming.Queue)
        {
            return Home.WithinQueue != WithinQueuePreemption.Never
                && (work.Priority < _incoming.Priority
                    || (Home.WithinQueue == WithinQueuePreemption.LowerOrNewerEqualPriority && work.Priority == _incoming.Priority
                        && work.Start > _incoming.Start));
        }

        var (queue, used) = _queues[work.Queue];
        return used > queue.Guaranteed + Slack
            && (Home.Reclaim == CohortReclaim.Any || (Home.Reclaim == CohortReclaim.LowerPriority && work.Priority < _incoming.Priority));
    }

    private bool First(Dictionary<string, Queue<CohortWork>> candidates, out List<CohortWork> retry)
    {
        retry = [];
        while (Next(candidates) is { } queue)
        {
            if (queue == _incoming.Queue)
            {
                Displace(candidates[queue].Dequeue(), CohortReason.Within);
            }
            else if (!TryFirst(candidates[queue], retry))
            {
                continue;
            }

            if (Fits)
            {
                return true;
            }
        }

        return false;
    }

    private bool TryFirst(Queue<CohortWork> candidates, List<CohortWork> retry)
    {
        while (candidates.TryDequeue(out var work))
        {
            if (Share(_incoming.Queue) <= Share(work.Queue, work.Size) + Slack)
            {
                Displace(work, IsWithinGuarantee ? CohortReason.Reclaim : CohortReason.Fair);
                return true;
            }

            retry.Add(work);
        }

        return false;
    }

    private bool Second(List<CohortWork> retry)
    {
        var candidates = Group(retry);
        while (Next(candidates) is { } queue)
        {
            if (Share(_incoming.Queue) < Share(queue) - Slack)
            {
                Displace(candidates[queue].Dequeue(), IsWithinGuarantee ? CohortReason.Reclaim : CohortReason.Fair);
                if (Fits)
                {
                    return true;
                }
            }

            candidates.Remove(queue);
        }

        return false;
    }

    /// <summary>The queue with the largest share that still borrows and has a candidate; the newcomer's own before others that are
    /// equal.</summary>
    private string? Next(Dictionary<string, Queue<CohortWork>> candidates)
        => candidates
            .Where(pair => pair.Value.Count > 0
                && (pair.Key == _incoming.Queue || _queues[pair.Key].Used > _queues[pair.Key].Queue.Guaranteed + Slack))
            .Select(pair => pair.Key)
            .OrderByDescending(queue => Math.Round(Share(queue), 9))
            .ThenByDescending(queue => queue == _incoming.Queue)
            .ThenBy(queue => queue, StringComparer.Ordinal)
            .FirstOrDefault();

    private double Share(string id, double without = 0)
    {
        var (queue, used) = _queues[id];
        var borrowed = Math.Max(0, used - without - queue.Guaranteed);
        return borrowed <= Slack ? 0 : queue.Weight <= 0 || _total <= 0 ? double.PositiveInfinity : borrowed / _total / queue.Weight;
    }

    private void Displace(CohortWork work, CohortReason reason)
    {
        _victims.Add(new CohortVictim(work, reason));
        Change(work, -work.Size);
    }

    private void PutBack()
    {
        for (var i = _victims.Count - 2; i >= 0; i--)
        {
            var work = _victims[i].Work;
            Change(work, work.Size);
            if (Fits)
            {
                _victims.RemoveAt(i);
            }
            else
            {
                Change(work, -work.Size);
            }
        }
    }

    private void Change(CohortWork work, double amount)
        => _queues[work.Queue] = (_queues[work.Queue].Queue, _queues[work.Queue].Used + amount);

    private static Dictionary<string, Queue<CohortWork>> Group(IEnumerable<CohortWork> works)
        => works.GroupBy(work => work.Queue).ToDictionary(group => group.Key, group => new Queue<CohortWork>(group),
            StringComparer.Ordinal);
}
