using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;
using DataPlatform.ResourceScheduler.Nodes;
using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler.Preemption;

/// <summary>Finds, for one request, the node on which the least has to be stopped, and what. One search lives for one round: it counts as
/// gone what is
/// already stopping, and as held what nodes are kept free for, so that nobody is asked twice for the same debt.</summary>
internal sealed class VictimSearch
{
    /// <summary>Searches of one round, so that a round cannot hold up everything else. What is left over comes next round.</summary>
    private const int SearchesMax = 16;

    /// <summary>Room for the numbers of the searches of a round, each member of a gang one.</summary>
    private const int SearchBits = 24;

    /// <summary>Nodes looked at once one answer is known.</summary>
    private const int NodesMax = 128;

    private readonly Entitlements _entitlements;
    private readonly PreemptionOptions _options;
    private readonly Evictions _evictions;
    private readonly long _round;
    private readonly long _nowMs;
    private readonly HashSet<(ResourceVector Size, Queue? Fence, int Priority)> _inVain = [];
    private readonly List<Container> _candidates = [];
    private int _searches;
    private long _search;

    /// <summary>Starts a round: who pays is settled now.</summary>
    /// <param name="entitlements">What everybody is entitled to.</param>
    /// <param name="options">How running work is stopped.</param>
    /// <param name="evictions">Who was stopped for whom lately.</param>
    /// <param name="round">The number of this round, unique in the scheduler.</param>
    /// <param name="nowMs">The time.</param>
    public VictimSearch(Entitlements entitlements, PreemptionOptions options, Evictions evictions, long round, long nowMs)
        => (_entitlements, _options, _evictions, _round, _nowMs, _search) = (entitlements, options, evictions, round, nowMs,
            round << SearchBits);

    /// <summary>Settles who holds more than it is entitled to; only those pay in this round.</summary>
    public void SettlePayers(IEnumerable<Application> applications)
    {
        var unit = new ResourceVector(1, 1, 1);
        foreach (var application in applications)
        {
            application.IsPayer = application.Running.Count > 0
                && !_entitlements.IsWithin(Expected(application), unit, application.Entitled);
        }
    }

    /// <summary>The victims on one node after which the request fits there, none where enough ends anyway; null when no node gives
    /// enough.</summary>
    /// <param name="ask">The request.</param>
    /// <param name="nodes">All nodes.</param>
    /// <param name="filter">What else a node must fulfil.</param>
    /// <param name="fence">The queue that has to pay itself, as it holds all it is entitled to; null when anybody may.</param>
    /// <param name="gang">The plan this is a member of; room that is free counts too then, as it is of no use without the rest.</param>
    public (Node Node, List<Container> Victims)? Find(Ask ask, Node[] nodes, in NodeFilter filter, Queue? fence, GangPlan? gang = null)
    {
        // Within a round there is less and less to take: what was in vain once stays so.
        var kind = (ask.Definition.Resources, fence, ask.Application.Definition.Priority);
        if (_inVain.Contains(kind) || (gang is not { Members.Count: > 0 } && _searches++ >= SearchesMax))
        {
            return null;
        }

        _search++;
        if (fence is not null)
        {
            MarkNodesOf(ask, fence);
        }

        (Node Node, List<Container> Victims)? best = null;
        var looked = 0;
        foreach (var node in nodes)
        {
            if (best is not null && (looked++ > NodesMax || IsLeast(best.Value.Victims)))
            {
                break;
            }

            if ((fence is null || node.MarkedIn == _search || gang is not null || !node.Stopping.IsZero)
                && (node.ReservedFor is null || node.ReservedFor == ask) && ask.Definition.Resources.FitsIn(node.Capacity)
                && filter.Passes(node) && OnNode(ask, node, fence, gang is not null) is { } victims
                && (best is null || IsBetter(victims, best.Value.Victims)))
            {
                best = (node, victims);
            }
        }

        if (best is null)
        {
            _inVain.Add(kind);
        }

        return best;
    }

    public void Take(Container victim) => Change(victim.Application, victim.Resources, ResourceVector.Zero);

    public void PutBack(Container victim) => Change(victim.Application, ResourceVector.Zero - victim.Resources, ResourceVector.Zero);

    /// <summary>Counts containers that are sure to come as held.</summary>
    public void Promise(Application application, in ResourceVector resources) => Change(application, ResourceVector.Zero, resources);

    public void TakePromiseBack(Application application, in ResourceVector resources)
        => Change(application, ResourceVector.Zero, ResourceVector.Zero - resources);

    /// <summary>What an application will hold when everything on its way has happened.</summary>
    public ResourceVector Expected(Application application)
        => application.TakenIn == _round ? application.Used - application.Taken + application.Promised : application.Used;

    /// <summary>What a queue will hold when everything on its way has happened.</summary>
    public ResourceVector Expected(Queue queue)
        => queue.TakenIn == _round ? queue.Used - queue.Taken + queue.Promised : queue.Used;

    private static bool IsLeast(List<Container> victims) => victims.Count == 0 || (victims.Count == 1 && !victims[0].Ask.IsMaster);

    private static bool IsBetter(List<Container> victims, List<Container> others)
    {
        var (masters, otherMasters) = (Masters(victims), Masters(others));
        return masters != otherMasters ? masters < otherMasters : victims.Count < others.Count;
    }

    private static int Masters(List<Container> victims)
    {
        var masters = 0;
        foreach (var victim in victims)
        {
            masters += victim.Ask.IsMaster ? 1 : 0;
        }

        return masters;
    }

    private List<Container>? OnNode(Ask ask, Node node, Queue? fence, bool freeCounts)
    {
        var need = ask.Definition.Resources;
        var free = node.FreeSoon;
        if (need.FitsIn(free))
        {
            // Enough is already on its way out: nothing more has to be stopped, here or elsewhere. Where nothing is on its way, the
            // node has room that placement could not use, so it is no answer.
            return node.Stopping.IsZero && !freeCounts ? null : [];
        }

        if ((fence is not null && node.MarkedIn != _search) || !CollectCandidates(ask, node, fence, need, free))
        {
            return null;
        }

        _candidates.Sort(static (left, right) => Victims.Compare(left, right));
        var chosen = Choose(ask, node, need, ref free);
        var isEnough = need.FitsIn(free);
        if (isEnough)
        {
            PutBack(chosen, need, free, node);
        }

        foreach (var victim in chosen)
        {
            PutBack(victim);
        }

        return isEnough ? chosen : null;
    }

    private List<Container> Choose(Ask ask, Node node, in ResourceVector need, ref ResourceVector free)
    {
        var chosen = new List<Container>();
        foreach (var candidate in _candidates)
        {
            if (need.FitsIn(free))
            {
                break;
            }

            if (candidate.Ask.Definition.IsGang)
            {
                TakeGang(ask, node, candidate, chosen, ref free);
            }
            else if (MayTake(ask, candidate))
            {
                Take(candidate);
                chosen.Add(candidate);
                free += candidate.Resources;
            }
        }

        return chosen;
    }

    /// <summary>A gang that loses a member is of no use, so it goes whole or not at all.</summary>
    private void TakeGang(Ask ask, Node node, Container member, List<Container> chosen, ref ResourceVector free)
    {
        if (chosen.Contains(member))
        {
            return;
        }

        var first = chosen.Count;
        foreach (var other in member.Application.Running)
        {
            if (other.Ask != member.Ask || other.IsStopping || other.IsPlanned)
            {
                continue;
            }

            // Each member is judged with those before it gone, so that the whole gang leaves its queue what that is entitled to.
            if (!MayTake(ask, other))
            {
                chosen.GetRange(first, chosen.Count - first).ForEach(PutBack);
                chosen.RemoveRange(first, chosen.Count - first);
                return;
            }

            Take(other);
            chosen.Add(other);
        }

        for (var i = first; i < chosen.Count; i++)
        {
            free = chosen[i].Node == node ? free + chosen[i].Resources : free;
        }
    }

    /// <summary>Most searches are fenced: few nodes hold anything of the queue that has to pay itself, and only those are looked
    /// at.</summary>
    private void MarkNodesOf(Ask ask, Queue payer)
    {
        foreach (var child in payer.Children)
        {
            MarkNodesOf(ask, child);
        }

        foreach (var application in payer.Members)
        {
            if (application.IsPayer && IsPayerFor(ask, application, null))
            {
                foreach (var container in application.Running)
                {
                    container.Node.MarkedIn = _search;
                }
            }
        }
    }

    /// <summary>Gathers what may go from the node and says whether all of it together would do.</summary>
    private bool CollectCandidates(Ask ask, Node node, Queue? fence, in ResourceVector need, ResourceVector free)
    {
        _candidates.Clear();
        var anyGang = false;
        foreach (var container in node.Containers)
        {
            if (!container.IsStopping && !container.IsPlanned && container.Application.IsPayer
                && _nowMs - container.PlacedAtMs >= _options.RunTimeMinMs
                && IsPayerFor(ask, container.Application, fence))
            {
                _candidates.Add(container);
                free += container.Resources;
                anyGang |= container.Ask.Definition.IsGang;
            }
        }

        return anyGang || need.FitsIn(free);
    }

    /// <summary>What holds for an application holds for all its containers, so each search asks once.</summary>
    private bool IsPayerFor(Ask ask, Application victim, Queue? fence)
    {
        if (victim.JudgedIn != _search)
        {
            var beneficiary = ask.Application;
            victim.JudgedIn = _search;
            victim.IsJudgedPayer = victim != beneficiary
                && victim.Definition.Priority <= beneficiary.Definition.Priority
                && (fence is null || IsAbove(fence, victim.Leaf))
                && IsInScope(victim.Leaf, beneficiary.Leaf)
                && !_evictions.WouldClose(beneficiary.Id, victim.Id, _nowMs);
        }

        return victim.IsJudgedPayer;
    }

    private static bool IsInScope(Queue victim, Queue beneficiary)
    {
        for (var queue = victim; queue is not null; queue = queue.Parent)
        {
            if (queue.Options.Preemption == PreemptionScope.Never
                || (queue.Options.Preemption == PreemptionScope.WithinQueue && victim != beneficiary))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether the victim's application, and every queue of its path that the beneficiary is not under, keeps all it is entitled
    /// to.</summary>
    private bool MayTake(Ask ask, Container victim)
    {
        var (application, size) = (victim.Application, victim.Resources);
        // What is promised is not there yet: nobody is left with promises instead of what it is entitled to.
        var left = (application.TakenIn == _round ? application.Used - application.Taken : application.Used) - size;
        if (!_entitlements.KeepsAll(left, size, application.Entitled))
        {
            return false;
        }

        for (var queue = application.Leaf; queue is not null && !IsAbove(queue, ask.Application.Leaf); queue = queue.Parent)
        {
            var kept = (queue.TakenIn == _round ? queue.Used - queue.Taken : queue.Used) - size;
            if (!_entitlements.KeepsAll(kept, size, queue.Entitled))
            {
                return false;
            }
        }

        return IsWithinBudget(application.Leaf);
    }

    /// <summary>A budget is an amount, a container is a whole thing: the last one may go beyond the budget by a part of itself.</summary>
    private bool IsWithinBudget(Queue leaf)
    {
        if (_entitlements.Budgets is not { } budgets)
        {
            return true;
        }

        var resource = Array.IndexOf(_entitlements.Contended, true);
        var taken = leaf.TakenIn == _round ? leaf.Taken : ResourceVector.Zero;
        return resource >= 0 && Entitlements.Amount(taken, resource) < budgets.GetValueOrDefault(leaf.Path);
    }

    private static bool IsAbove(Queue queue, Queue leaf)
    {
        for (var other = leaf; other is not null; other = other.Parent)
        {
            if (other == queue)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Victims that turn out not to be needed stay, the most important first.</summary>
    private void PutBack(List<Container> chosen, in ResourceVector need, ResourceVector free, Node node)
    {
        for (var i = chosen.Count - 2; i >= 0; i--)
        {
            var victim = chosen[i];
            var without = victim.Node == node ? free - victim.Resources : free;
            if (!victim.Ask.Definition.IsGang && need.FitsIn(without))
            {
                chosen.RemoveAt(i);
                PutBack(victim);
                free = without;
            }
        }
    }

    private void Change(Application application, in ResourceVector taken, in ResourceVector promised)
    {
        if (application.TakenIn != _round)
        {
            (application.TakenIn, application.Taken, application.Promised) = (_round, ResourceVector.Zero, ResourceVector.Zero);
        }

        application.Taken += taken;
        application.Promised += promised;
        for (var queue = application.Leaf; queue is not null; queue = queue.Parent)
        {
            if (queue.TakenIn != _round)
            {
                (queue.TakenIn, queue.Taken, queue.Promised) = (_round, ResourceVector.Zero, ResourceVector.Zero);
            }

            queue.Taken += taken;
            queue.Promised += promised;
        }
    }
}
