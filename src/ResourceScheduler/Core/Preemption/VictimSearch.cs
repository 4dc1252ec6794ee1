using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;
using DataPlatform.ResourceScheduler.Nodes;
using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler.Preemption;

/// <summary>Finds, for one request, the node on which the least has to be stopped, and what. One search lives for one round: it counts as
/// gone what is
/// already stopping, and as held what nodes are kept free for, so that nobody is asked twice for the same debt.</summary>
internal sealed class VictimSearch(Entitlements entitlements, PreemptionOptions options, Evictions evictions, long nowMs)
{
    private readonly Dictionary<Queue, ResourceVector> _takenFromQueue = [];
    private readonly Dictionary<Application, ResourceVector> _takenFrom = [];
    private readonly Dictionary<Application, bool> _payers = [];
    private SortedDictionary<int, List<Container>>? _candidates;
    private readonly HashSet<(ResourceVector Size, Queue? Fence, int Priority)> _inVain = [];
    private int _searches;

    /// <summary>Searches of one round, so that a round cannot hold up everything else. What is left over comes next round.</summary>
    private const int SearchesMax = 16;

    /// <summary>Nodes looked at once one answer is known.</summary>
    private const int NodesMax = 128;

    /// <summary>The victims on one node after which the request fits there, none where enough ends anyway; null when no node gives
    /// enough.</summary>
    /// <param name="ask">The request.</param>
    /// <param name="nodes">All nodes.</param>
    /// <param name="filter">What else a node must fulfil.</param>
    /// <param name="fence">The queue that has to pay itself, as it holds all it is entitled to; null when anybody may.</param>
    public (Node Node, List<Container> Victims)? Find(Ask ask, IEnumerable<Node> nodes, in NodeFilter filter, Queue? fence)
    {
        // Within a round there is less and less to take: what was in vain once stays so.
        var kind = (ask.Definition.Resources, fence, ask.Application.Definition.Priority);
        if (_searches++ >= SearchesMax || _inVain.Contains(kind))
        {
            return null;
        }

        _candidates ??= Collect(nodes);
        (Node Node, List<Container> Victims)? best = null;
        var looked = 0;
        foreach (var node in nodes)
        {
            if (best is not null && looked++ > NodesMax)
            {
                break;
            }

            if (best is { Victims.Count: <= 1 } && !best.Value.Victims.Exists(victim => victim.Ask.IsMaster))
            {
                break;
            }

            if (!_candidates.ContainsKey(node.Id) || !ask.Definition.Resources.FitsIn(node.Capacity) || !filter.Passes(node)
                || (node.ReservedFor is not null && node.ReservedFor != ask))
            {
                continue;
            }

            if (OnNode(ask, node, fence) is { } victims && (best is null || IsBetter(victims, best.Value.Victims)))
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

    public void Take(IEnumerable<Container> victims)
    {
        foreach (var victim in victims)
        {
            Take(victim.Application, victim.Resources, 1);
        }
    }

    /// <summary>Counts containers that are sure to come as held.</summary>
    public void Give(Application application, in ResourceVector resources) => Take(application, resources, -1);

    /// <summary>What an application will hold when everything on its way has happened.</summary>
    public ResourceVector Expected(Application application) => application.Used - Taken(_takenFrom, application);

    /// <summary>What a queue will hold when everything on its way has happened.</summary>
    public ResourceVector Expected(Queue queue) => queue.Used - Taken(_takenFromQueue, queue);

    private static bool IsBetter(List<Container> victims, List<Container> others)
    {
        var (masters, otherMasters) = (victims.Count(victim => victim.Ask.IsMaster), others.Count(victim => victim.Ask.IsMaster));
        return masters != otherMasters ? masters < otherMasters : victims.Count < others.Count;
    }

    private List<Container>? OnNode(Ask ask, Node node, Queue? fence)
    {
        var need = ask.Definition.Resources;
        var free = FreeSoon(node);
        if (need.FitsIn(free))
        {
            // Enough is already on its way out: nothing more has to be stopped, here or elsewhere.
            return [];
        }

        var chosen = new List<Container>();
        foreach (var candidate in Candidates(ask, node, fence))
        {
            if (need.FitsIn(free))
            {
                break;
            }

            var group = Group(candidate);
            if (group.Exists(chosen.Contains) || !group.TrueForAll(victim => MayTake(ask, victim)))
            {
                continue;
            }

            Take(group);
            chosen.AddRange(group);
            free = group.Where(victim => victim.Node == node).Aggregate(free, (sum, victim) => sum + victim.Resources);
        }

        var isEnough = need.FitsIn(free);
        if (isEnough)
        {
            PutBack(chosen, need, free, node);
        }

        chosen.ForEach(victim => Take(victim.Application, victim.Resources, -1));
        return isEnough ? chosen : null;
    }

    /// <summary>What will be free when those already stopping have ended, less what is promised.</summary>
    private static ResourceVector FreeSoon(Node node)
    {
        var free = node.Containers.Where(static container => container.IsStopping).Aggregate(node.Free, (sum, container) => sum
            + container.Resources);
        return node.ReservedFor is { } reserved ? free - (reserved.Definition.Resources * node.ReservedCount) : free;
    }

    private IEnumerable<Container> Candidates(Ask ask, Node node, Queue? fence)
    {
        var beneficiary = ask.Application;
        var candidates = _candidates![node.Id]
            .Where(container => !container.IsStopping && container.Application != beneficiary
                && container.Application.Definition.Priority <= beneficiary.Definition.Priority
                && nowMs - container.PlacedAtMs >= options.RunTimeMinMs
                && (fence is null || IsAbove(fence, container.Application.Leaf))
                && IsInScope(container.Application.Leaf, beneficiary.Leaf)
                && !evictions.WouldClose(beneficiary.Id, container.Application.Id, nowMs));
        return Victims
            .Order(candidates.Select(container => new Victim<Container>(
                container, Importance(container), container.PlacedAtMs, 1, container.Ask.IsMaster)))
            .Select(victim => victim.Id);
    }

    /// <summary>Per node, the containers of applications that hold more than they are entitled to, and nodes where enough is already
    /// stopping.</summary>
    private SortedDictionary<int, List<Container>> Collect(IEnumerable<Node> nodes)
    {
        var candidates = new SortedDictionary<int, List<Container>>();
        foreach (var node in nodes)
        {
            var payers = node.Containers.Where(container => container.IsStopping || IsPayer(container.Application));
            if (payers.Count > 0)
            {
                candidates.Add(node.Id, payers);
            }
        }

        return candidates;
    }

    /// <summary>Whether an application holds more than it is entitled to; asked often, so remembered for the round.</summary>
    private bool IsPayer(Application application)
    {
        if (!_payers.TryGetValue(application, out var pays))
        {
            var unit = new ResourceVector(1, 1, 1);
            pays = !entitlements.IsWithin(Expected(application), unit, resource => Entitlements.Of(application, resource));
            _payers.Add(application, pays);
        }

        return pays;
    }

    private static int Importance(Container container)
        => (Math.Clamp(container.Application.Definition.Priority, -1000, 1000) * 10_000)
            + Math.Clamp(container.Ask.Definition.Priority, -5000, 4999);

    /// <summary>A gang that loses a member is of no use, so it goes whole or not at all.</summary>
    private static List<Container> Group(Container container)
        => container.Ask.Definition.IsGang
            ? [.. container.Application.Running.InOrder().Where(other => other.Ask == container.Ask && !other.IsStopping)]
            : [container];

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
        var left = Expected(application) - size;
        if (!entitlements.KeepsAll(left, size, resource => Entitlements.Of(application, resource)))
        {
            return false;
        }

        for (var queue = application.Leaf; queue is not null && !IsAbove(queue, ask.Application.Leaf); queue = queue.Parent)
        {
            var keeper = queue;
            if (!entitlements.KeepsAll(Expected(queue) - size, size, resource => Entitlements.Of(keeper, resource)))
            {
                return false;
            }
        }

        return IsWithinBudget(application.Leaf);
    }

    /// <summary>A budget is an amount, a container is a whole thing: the last one may go beyond the budget by a part of itself.</summary>
    private bool IsWithinBudget(Queue leaf)
    {
        if (entitlements.Budgets is not { } budgets)
        {
            return true;
        }

        var resource = Array.IndexOf(entitlements.Contended, true);
        return resource >= 0 && Entitlements.Amount(Taken(_takenFromQueue, leaf), resource) < budgets.GetValueOrDefault(leaf.Path);
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
                Take(victim.Application, victim.Resources, -1);
                free = without;
            }
        }
    }

    private void Take(Application application, in ResourceVector resources, int direction)
    {
        Change(_takenFrom, application, resources, direction);
        for (var queue = application.Leaf; queue is not null; queue = queue.Parent)
        {
            Change(_takenFromQueue, queue, resources, direction);
        }
    }

    private static ResourceVector Taken<T>(Dictionary<T, ResourceVector> table, T key)
        where T : notnull
        => table.GetValueOrDefault(key);

    private static void Change<T>(Dictionary<T, ResourceVector> table, T key, in ResourceVector amount, int direction)
        where T : notnull
        => table[key] = direction > 0 ? Taken(table, key) + amount : Taken(table, key) - amount;
}
