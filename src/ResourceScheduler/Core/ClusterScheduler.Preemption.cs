using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;
using DataPlatform.ResourceScheduler.Nodes;
using DataPlatform.ResourceScheduler.Preemption;
using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler;

/// <content>Stopping running work so that others get their share. A phase of its own, at most once an interval.</content>
public sealed partial class ClusterScheduler
{
    private Evictions? _evictions;
    private CoolDowns? _coolDowns;
    private long _preemptedAtMs = long.MinValue / 2;
    private long _preemptionRounds;

    private void PreemptIfDue()
    {
        var options = _options.Preemption;
        if (options.Trigger == PreemptionTrigger.Never || _nowMs - _preemptedAtMs < options.IntervalMs || _root.PendingContainers == 0)
        {
            return;
        }

        _preemptedAtMs = _nowMs;
        _evictions ??= new Evictions(options.EvictionMemoryMs);
        _coolDowns ??= new CoolDowns(options.Fair.CoolDown);
        _evictions.Forget(_nowMs);
        if (!options.Fair.ActsAt(Utilisation()))
        {
            return;
        }

        // What fits now is placed now; nothing is stopped for it.
        PlaceAll();
        var entitlements = options.Trigger == PreemptionTrigger.Capacity
            ? Entitlements.Capacity(_root, _nodes.Total, options.Capacity)
            : Entitlements.Fair(_root, _nodes.Total);
        var search = NewSearch(entitlements);
        foreach (var leaf in Starved(entitlements))
        {
            if (_nowMs - leaf.StarvedSinceMs >= leaf.PreemptionTimeoutMs(options.TimeoutMs) && _coolDowns.TryBegin(leaf.Path, _nowMs)
                && !PreemptFor(leaf, entitlements, search))
            {
                _coolDowns.Forget(leaf.Path);
            }
        }
    }

    /// <summary>The largest used fraction of any resource.</summary>
    private double Utilisation() => _nodes.Used.DominantShare(_nodes.Total);

    /// <summary>Leaves that wait and hold too little, the worst off first.</summary>
    private List<Queue> Starved(Entitlements entitlements)
    {
        var starved = new List<Queue>();
        foreach (var leaf in _queues.Values.Where(queue => queue.IsLeaf))
        {
            if (leaf.PendingContainers > 0 && IsStarved(leaf, entitlements))
            {
                leaf.StarvedSinceMs = leaf.StarvedSinceMs < 0 ? _nowMs : leaf.StarvedSinceMs;
                starved.Add(leaf);
            }
            else
            {
                leaf.StarvedSinceMs = -1;
            }
        }

        return [.. starved.OrderByDescending(leaf => leaf.Options.Priority).ThenBy(leaf => Satisfaction(leaf,
            entitlements)).ThenBy(leaf => leaf.Id)];
    }

    private static double Satisfaction(Queue leaf, Entitlements entitlements)
        => Enumerable.Range(0, Entitlements.Resources)
            .Where(resource => entitlements.Contended[resource] && Entitlements.Of(leaf, resource) > 0)
            .Select(resource => Entitlements.Amount(leaf.Used, resource) / Entitlements.Of(leaf, resource))
            .DefaultIfEmpty(1).Min();

    private bool IsStarved(Queue leaf, Entitlements entitlements)
        => _options.Preemption.Trigger switch
        {
            PreemptionTrigger.MinimumShare => entitlements.IsShort(leaf.Used, Minima(leaf), 1),
            PreemptionTrigger.Capacity => entitlements.IsShort(leaf.Used, leaf.Entitled, 1),
            _ => IsAnyStarved(leaf, entitlements),
        };

    /// <summary>An application that holds too little is starved only if one container more is still within its share: shares are no whole
    /// containers.</summary>
    private bool IsStarved(Application application, Entitlements entitlements)
    {
        if (!entitlements.IsShort(application.Used, application.Entitled,
            application.Leaf.FairShareThreshold(_options.Preemption.Fair.FairShareThreshold)))
        {
            return false;
        }

        foreach (var ask in application.Waiting)
        {
            var size = ask.Definition.Resources * ask.Batch;
            if (entitlements.IsWithin(application.Used + size, size, application.Entitled))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsAnyStarved(Queue leaf, Entitlements entitlements)
    {
        foreach (var application in leaf.Waiting)
        {
            if (IsStarved(application, entitlements))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What a leaf is owed by its minimum: no more than it wants.</summary>
    private static double[] Minima(Queue leaf)
    {
        var minima = new double[Entitlements.Resources];
        for (var resource = 0; resource < minima.Length; resource++)
        {
            minima[resource] = Math.Min(Entitlements.Amount(leaf.Guarantee, resource),
                Entitlements.Amount(leaf.Used, resource) + Entitlements.Amount(leaf.Pending, resource));
        }

        return minima;
    }

    /// <summary>One round for one leaf. Says whether anything was stopped.</summary>
    private bool PreemptFor(Queue leaf, Entitlements entitlements, VictimSearch search)
    {
        var any = false;
        foreach (var application in leaf.Waiting.ByPriority())
        {
            foreach (var ask in application.Waiting.ToArray())
            {
                any |= ask.Definition.IsGang ? PreemptForGang(ask, entitlements, search) : PreemptForEach(ask, entitlements, search);
            }
        }

        return any;
    }

    private bool PreemptForEach(Ask ask, Entitlements entitlements, VictimSearch search)
    {
        var (any, size) = (false, ask.Definition.Resources);
        for (var i = ask.Reserved.Sum(node => node.ReservedCount); i < ask.Pending
            && IsEntitled(ask.Application, size, entitlements, search); i++)
        {
            var fence = Fence(ask.Application.Leaf, size, entitlements, search);
            if (LimitOf(ask) is not null || search.Find(ask, _nodes.All, new NodeFilter(ask, _nowMs), fence) is not { } found
                || !MayStop(ask, found.Node, found.Victims, entitlements))
            {
                break;
            }

            any = true;
            Stop(ask, found.Node, found.Victims);
            found.Victims.ForEach(search.Take);
            search.Promise(ask.Application, size);
        }

        return any;
    }

    /// <summary>Room for all of a gang or none of it: nothing is stopped before every member has its place.</summary>
    private bool PreemptForGang(Ask ask, Entitlements entitlements, VictimSearch search)
    {
        var (application, size) = (ask.Application, ask.Definition.Resources);
        if (ask.Reserved.Count > 0 || ask.Stopping > 0 || !IsEntitled(application, size * ask.Pending, entitlements, search)
            || LimitOf(ask) is not null)
        {
            return false;
        }

        var plan = new GangPlan(search);
        while (plan.Members.Count < ask.Pending
            && search.Find(ask, _nodes.All, new NodeFilter(ask, _nowMs, held: plan.Held), Fence(application.Leaf, size, entitlements,
                search), plan)
                is { } found)
        {
            plan.Add(found.Node, found.Victims, size);
            search.Promise(application, size);
        }

        var isComplete = plan.Members.Count == ask.Pending;
        plan.Clear();
        if (!isComplete || !plan.Members.All(member => MayStop(ask, member.Node, member.Victims, entitlements)))
        {
            plan.GiveBack();
            search.TakePromiseBack(application, size * plan.Members.Count);
            return false;
        }

        foreach (var (node, victims) in plan.Members)
        {
            Stop(ask, node, victims);
        }

        return true;
    }

    /// <summary>The laws are checked before anything is stopped. A plan that breaks one is dropped and named, as it shows an error in the
    /// search.</summary>
    private bool MayStop(Ask ask, Node node, List<Container> victims, Entitlements entitlements)
    {
        if (new PreemptionLaws(entitlements, _evictions!, _nowMs).Broken(ask, node, victims) is not { } law)
        {
            return true;
        }

        _decisions.Add(new SchedulerDecision.PreemptionRejected(ask.Id, node.Name, law));
        return false;
    }

    /// <summary>Whether the application stays within what it is entitled to with one more container; by minimum, whether its leaf
    /// does.</summary>
    private bool IsEntitled(Application application, in ResourceVector size, Entitlements entitlements, VictimSearch search)
    {
        var leaf = application.Leaf;
        return entitlements.Contended.Contains(true)
            && (_options.Preemption.Trigger == PreemptionTrigger.MinimumShare
                ? entitlements.IsWithin(search.Expected(leaf) + size, size, Minima(leaf))
                : entitlements.IsWithin(search.Expected(application) + size, size, application.Entitled));
    }

    /// <summary>The lowest queue on the path that would hold more than it is entitled to: what is stopped must be its own.</summary>
    private static Queue? Fence(Queue leaf, in ResourceVector size, Entitlements entitlements, VictimSearch search)
    {
        for (var queue = leaf; queue is not null; queue = queue.Parent)
        {
            if (!entitlements.IsWithin(search.Expected(queue) + size, size, queue.Entitled))
            {
                return queue;
            }
        }

        return null;
    }

    /// <summary>What is already stopping counts as gone, and what nodes are kept free for as held.</summary>
    private VictimSearch NewSearch(Entitlements entitlements)
    {
        var search = new VictimSearch(entitlements, _options.Preemption, _evictions!, ++_preemptionRounds, _nowMs);
        foreach (var node in _nodes.All)
        {
            foreach (var container in node.Containers)
            {
                if (container.IsStopping)
                {
                    search.Take(container);
                }
            }

            if (node.ReservedFor is { } ask)
            {
                search.Promise(ask.Application, ask.Definition.Resources * node.ReservedCount);
            }
        }

        search.SettlePayers(_applications.Values);
        return search;
    }

    /// <summary>First the node is kept for the beneficiary, then the victims are asked to go.</summary>
    private void Stop(Ask ask, Node node, List<Container> victims)
    {
        if (victims.Count == 0)
        {
            if (!_options.Preemption.ObservesOnly)
            {
                Reserve(node, ask);
            }

            return;
        }

        var paying = victims.Select(victim => victim.Application.Leaf).Distinct().OrderBy(leaf => leaf.Id).ToDictionary(
            leaf => leaf.Path,
            leaf => new PayingQueue(leaf.Used,
                leaf.Used - victims.Where(victim => victim.Application.Leaf == leaf).Aggregate(ResourceVector.Zero, (sum, victim) => sum
                    + victim.Resources), Entitlements.Vector(leaf)),
            StringComparer.Ordinal);
        var leafOf = ask.Application.Leaf;
        var claim = new PreemptionClaim(
            ask.Id, leafOf.Path, node.Name, [.. victims.Select(victim => victim.Id)], _options.Preemption.Trigger,
                Entitlements.Vector(leafOf), leafOf.Used, paying)
        {
            TimeMs = _nowMs,
            UsedAfter = leafOf.Used + ask.Definition.Resources,
            IsObservedOnly = _options.Preemption.ObservesOnly,
        };
        _decisions.Add(new SchedulerDecision.Preempted(claim));
        Remember(claim);
        if (_options.Preemption.ObservesOnly)
        {
            return;
        }

        Reserve(node, ask);
        foreach (var victim in victims)
        {
            victim.IsVictim = true;
            _evictions!.Record(ask.Application.Id, victim.Application.Id, _nowMs);
            RequestStop(victim, $"its resources are owed to queue '{leafOf.Path}'", _options.Preemption.GraceMs);
        }
    }
}
