namespace DataPlatform.ResourceScheduler.Preemption;

/// <summary>Why containers were stopped for another.</summary>
/// <param name="AskId">The ask they make room for.</param>
/// <param name="Queue">Its queue.</param>
/// <param name="Node">The node that is kept for it meanwhile.</param>
/// <param name="Victims">The containers, in the order they were chosen.</param>
/// <param name="Rule">What entitled the queue.</param>
/// <param name="Entitled">What the queue is entitled to.</param>
/// <param name="UsedBefore">What it held before.</param>
/// <param name="VictimQueues">What each paying queue held before and holds after, by path.</param>
public sealed record PreemptionClaim(
    long AskId,
    string Queue,
    string Node,
    IReadOnlyList<long> Victims,
    PreemptionTrigger Rule,
    ResourceVector Entitled,
    ResourceVector UsedBefore,
    IReadOnlyDictionary<string, PayingQueue> VictimQueues)
{
    /// <summary>When.</summary>
    public long TimeMs { get; init; }

    /// <summary>What the queue will hold with the container that this makes room for.</summary>
    public ResourceVector UsedAfter { get; init; }

    /// <summary>Nothing was stopped: it was only worked out.</summary>
    public bool IsObservedOnly { get; init; }
}

/// <summary>What a queue pays for another.</summary>
/// <param name="Before">What it held.</param>
/// <param name="After">What it is left with.</param>
/// <param name="Entitled">What it is entitled to, which it does not fall below.</param>
public readonly record struct PayingQueue(ResourceVector Before, ResourceVector After, ResourceVector Entitled);
