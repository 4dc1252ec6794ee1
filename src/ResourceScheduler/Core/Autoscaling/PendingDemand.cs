namespace DataPlatform.ResourceScheduler.Autoscaling;

/// <summary>Equal containers that wait for nothing but room.</summary>
/// <param name="Queue">Their leaf.</param>
/// <param name="Size">What each needs.</param>
/// <param name="Count">How many.</param>
/// <param name="Label">The node label they need; empty for unlabelled nodes.</param>
/// <param name="WaitedMs">How long the oldest has waited.</param>
public sealed record PendingDemand(string Queue, ResourceVector Size, int Count, string Label, long WaitedMs)
{
    /// <summary>Attributes a node must have.</summary>
    public IReadOnlyList<Applications.AttributeRule> Attributes { get; init; } = [];
}
