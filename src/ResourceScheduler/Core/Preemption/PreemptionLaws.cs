using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;
using DataPlatform.ResourceScheduler.Nodes;
using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler.Preemption;

/// <summary>What no preemption may do, whatever found its victims. Worked out anew from the state, not from the search that is checked, and
/// summed over all victims. After YuniKorn's laws of preemption.</summary>
internal sealed class PreemptionLaws(Entitlements entitlements, Evictions evictions, long nowMs)
{
    /// <summary>The law that stopping these containers for the request would break, in words; null when it breaks none.</summary>
    public string? Broken(Ask ask, Node node, IReadOnlyList<Container> victims)
    {
        if (victims.Count == 0)
        {
            return null;
        }

        return BrokenByVictims(ask, node, victims) ?? BrokenByApplications(ask, victims) ?? BrokenByQueues(ask, victims)
            ?? BrokenByMuch(ask, node, victims);
    }

    private static string? BrokenByVictims(Ask ask, Node node, IReadOnlyList<Container> victims)
    {
        foreach (var victim in victims)
        {
            var (mine, theirs) = (ask.Application.Definition.Priority, victim.Application.Definition.Priority);
            var reason = victim.Application == ask.Application ? "stops a container of the application it is for"
                : theirs > mine ? $"stops work of priority {theirs} for work of priority {mine}"
                : IsFenced(victim.Application.Leaf, ask.Application.Leaf)
                    ? $"stops work of queue '{victim.Application.Leaf.Path}', which is exempt"
                : victim.Node != node && !victim.Ask.Definition.IsGang ? "stops a container on another node"
                : victim.IsStopping ? "stops a container that is stopping already"
                : null;
            if (reason is not null)
            {
                return $"it {reason} (container {victim.Id})";
            }
        }

        foreach (var gang in victims.Where(victim => victim.Ask.Definition.IsGang).Select(victim => victim.Ask).Distinct())
        {
            var left = gang.Application.Running.CountOf(other => other.Ask == gang && !other.IsStopping && !victims.Contains(other));
            if (left > 0)
            {
                return $"it leaves {left} members of the gang of ask {gang.Id} behind";
            }
        }

        return null;
    }

    private string? BrokenByApplications(Ask ask, IReadOnlyList<Container> victims)
    {
        foreach (var group in victims.GroupBy(victim => victim.Application))
        {
            var (application, size) = (group.Key, group.Aggregate(ResourceVector.Zero, static (sum, victim) => sum + victim.Resources));
            if (evictions.WouldClose(ask.Application.Id, application.Id, nowMs))
            {
                return $"it stops work of application {application.Id}, for which work of application {ask.Application.Id} was stopped";
            }

            var held = application.Used - Stopping(application);
            if (!entitlements.KeepsAll(held - size, size, application.Entitled))
            {
                return $"it leaves application {application.Id} with ({held - size}), less than it is entitled to";
            }
        }

        return null;
    }

    private string? BrokenByQueues(Ask ask, IReadOnlyList<Container> victims)
    {
        var taken = new Dictionary<Queue, ResourceVector>();
        foreach (var victim in victims)
        {
            for (var queue = victim.Application.Leaf; queue is not null && !IsAbove(queue, ask.Application.Leaf); queue = queue.Parent)
            {
                taken[queue] = taken.GetValueOrDefault(queue) + victim.Resources;
            }
        }

        foreach (var (queue, size) in taken.OrderBy(pair => pair.Key.Id))
        {
            var left = queue.Used - Stopping(queue) - size;
            if (!entitlements.KeepsAll(left, size, queue.Entitled))
            {
                return $"it leaves queue '{queue.Path}' with ({left}), less than it is entitled to";
            }
        }

        return null;
    }

    /// <summary>No victim more than the request needs: with any one of them kept, it would not fit.</summary>
    private static string? BrokenByMuch(Ask ask, Node node, IReadOnlyList<Container> victims)
    {
        var (need, free) = (ask.Definition.Resources, node.Free);
        foreach (var container in node.Containers)
        {
            free = container.IsStopping || victims.Contains(container) ? free + container.Resources : free;
        }

        if (node.ReservedFor is { } reserved)
        {
            free -= reserved.Definition.Resources * node.ReservedCount;
        }

        if (!need.FitsIn(free) && !ask.Definition.IsGang)
        {
            return $"it frees too little on node '{node.Name}'";
        }

        foreach (var victim in victims)
        {
            if (!victim.Ask.Definition.IsGang && !ask.Definition.IsGang && need.FitsIn(free - victim.Resources))
            {
                return $"it stops container {victim.Id} without need";
            }
        }

        return null;
    }

    private static ResourceVector Stopping(Application application)
    {
        var stopping = ResourceVector.Zero;
        foreach (var container in application.Running)
        {
            stopping = container.IsStopping ? stopping + container.Resources : stopping;
        }

        return stopping;
    }

    private static ResourceVector Stopping(Queue queue)
    {
        var stopping = ResourceVector.Zero;
        foreach (var application in queue.Members)
        {
            stopping += Stopping(application);
        }

        foreach (var child in queue.Children)
        {
            stopping += Stopping(child);
        }

        return stopping;
    }

    private static bool IsFenced(Queue victim, Queue beneficiary)
    {
        for (var queue = victim; queue is not null; queue = queue.Parent)
        {
            if (queue.Options.Preemption == PreemptionScope.Never
                || (queue.Options.Preemption == PreemptionScope.WithinQueue && victim != beneficiary))
            {
                return true;
            }
        }

        return false;
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
}
