using System.Numerics;
using DataPlatform.ResourceScheduler.Nodes;

namespace DataPlatform.ResourceScheduler.Applications;

/// <summary>What tells requests apart to a node.</summary>
/// <param name="Size">What is asked.</param>
/// <param name="Label">The node label.</param>
/// <param name="Constraint">Attribute rules as text.</param>
/// <param name="OwnAsk">The ask itself where the answer depends on who asks; else 0.</param>
/// <param name="IsPersonal">Whether a node's answer can change with what happens on others.</param>
internal readonly record struct ShapeKey(ResourceVector Size, string Label, string Constraint, long OwnAsk, bool IsPersonal)
{
    public static ShapeKey Of(long askId, Application application, ContainerAsk ask, bool isReservedFor) => new(
        ask.Resources,
        ask.NodeLabel,
        ask.Attributes.Count == 0 && ask.ExpectedRunMs == 0 ? "" : $"{string.Join(';', ask.Attributes)} {RunClass(ask.ExpectedRunMs)}",
        ask.IsPersonal || application.HasAvoidedNodes || isReservedFor ? askId : 0,
        ask.IsPersonal || application.HasAvoidedNodes);

    /// <summary>How long a container runs decides what it may pass; the order of magnitude in seconds is fine enough to tell shapes
    /// apart.</summary>
    private static int RunClass(long expectedRunMs) => expectedRunMs <= 0 ? 0 : 1 + BitOperations.Log2((ulong)(expectedRunMs / 1000) + 1);
}

/// <summary>Requests that look the same to a node. What no node has room for now is remembered once for all of them.</summary>
internal sealed class RequestShape(int index, ShapeKey key)
{
    public int Index { get; } = index;

    public ShapeKey Key { get; } = key;

    /// <summary>The bit queues and nodes know this shape by. Shapes 64 apart share one, which costs a retry, never a wrong
    /// answer.</summary>
    public ulong Bit { get; } = 1UL << (index & 63);

    /// <summary>Asks with something pending.</summary>
    public int Waiting { get; set; }

    /// <summary>No node has room, until one frees enough.</summary>
    public bool Exhausted { get; set; }

    /// <summary>The only nodes that can have room: those that freed some since none had. Null while that is not known.</summary>
    public List<Node>? Candidates { get; private set; }

    /// <summary>Found no room but as a guest on labelled nodes, whose owners are served first; it comes again in the same pass.</summary>
    public bool IsDeferred { get; set; }

    private readonly List<Node> _candidates = [];

    /// <summary>Any node may have room.</summary>
    public void Widen() => Candidates = null;

    /// <summary>Only this node can have room.</summary>
    public void NarrowTo(Node node)
    {
        _candidates.Clear();
        _candidates.Add(node);
        Candidates = _candidates;
    }

    /// <summary>When a request of the shape was placed last, or when the shape first appeared.</summary>
    public long ServedAtMs { get; set; }
}
