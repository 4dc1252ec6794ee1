using DataPlatform.ResourceScheduler.Applications;

namespace DataPlatform.ResourceScheduler.Nodes;

/// <summary>What, besides room, lets an ask use a node. Each refusal has a reason, so that placement and explanation cannot
/// disagree.</summary>
internal readonly struct NodeFilter(Ask ask, long nowMs, bool ignoreReservations = false, Dictionary<int, int>? held = null,
    bool noGuests = false)
{
    private readonly bool _isPlain = !ask.Definition.IsPersonal && ask.Definition.Attributes.Count == 0 && !ask.Application.HasAvoidedNodes;

    public bool Passes(Node node)
        => node.State == NodeState.Active
            && (node.ReservedFor is null || node.ReservedFor == ask || ignoreReservations || MayBackfill(node))
            && (node.Properties.Label.Length == 0 || IsLabelAllowed(node))
            && (_isPlain || WhyNotPersonal(node) is null);

    /// <summary>Why the node is no answer, whatever its room; null when it is one.</summary>
    public string? WhyNot(Node node)
        => node.State != NodeState.Active ? $"node is {node.State}"
            : !IsLabelAllowed(node) ? "other node label"
            : node.ReservedFor is not null && node.ReservedFor != ask && !ignoreReservations && !MayBackfill(node)
                ? "kept free for another request"
            : WhyNotPersonal(node);

    private bool IsLabelAllowed(Node node)
        => node.Properties.Label == ask.Definition.NodeLabel
            || (ask.Definition.NodeLabel.Length == 0 && node.Properties.IsShareable && !noGuests);

    private string? WhyNotPersonal(Node node)
    {
        var wish = ask.Definition;
        foreach (var rule in wish.Attributes)
        {
            if (!rule.Holds(node.Properties.Attributes))
            {
                return "attribute rule";
            }
        }

        var application = ask.Application;
        return application.Avoids(node) ? "avoided after failures"
            : wish.PerNodeMax > 0 && Held(node) + node.Containers.CountOf(other => other.Application == application) >= wish.PerNodeMax
                ? "enough of the application there"
            : wish.NearTag is { } near && node.Containers.CountOf(other => other.Application.Definition.Tags.Contains(near)) == 0
                ? "nothing to be near to there"
            : wish.AwayFromTag is { } away && node.Containers.CountOf(other => other.Application.Definition.Tags.Contains(away)) > 0
                ? "something to be away from there"
            : wish.HasPreference && !IsLocalEnough(node) ? "not local enough yet"
            : null;
    }

    /// <summary>Containers of a gang that is being put together, already meant for the node.</summary>
    private int Held(Node node) => held?.GetValueOrDefault(node.Id) ?? 0;

    /// <summary>Preferred nodes at once, preferred racks after the delay, any node after twice the delay.</summary>
    private bool IsLocalEnough(Node node)
    {
        var wish = ask.Definition;
        var waited = nowMs - ask.AskedAtMs;
        return wish.PreferredNodes.Contains(node.Name, StringComparer.Ordinal)
            || ((waited >= wish.LocalityDelayMs || wish.PreferredNodes.Count == 0)
                && wish.PreferredRacks.Contains(node.Properties.Rack, StringComparer.Ordinal))
            || (!wish.IsStrictlyLocal && waited >= 2 * wish.LocalityDelayMs);
    }

    /// <summary>A node that is kept free may still be used by what surely ends before the reserved request could start.</summary>
    private bool MayBackfill(Node node)
    {
        var reserved = node.ReservedFor!;
        var size = reserved.Definition.Resources * node.ReservedCount;
        if (ask.Definition.Resources.FitsIn(node.Free - size))
        {
            return true;
        }

        return ask.Definition.ExpectedRunMs > 0 && nowMs + ask.Definition.ExpectedRunMs <= Reservations.EarliestStartMs(node, size);
    }
}
