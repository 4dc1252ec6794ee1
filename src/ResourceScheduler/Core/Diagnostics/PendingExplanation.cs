namespace DataPlatform.ResourceScheduler.Diagnostics;

/// <summary>Why an ask still waits.</summary>
/// <param name="AskId">The ask.</param>
/// <param name="Application">The application that asked.</param>
/// <param name="Queue">Its leaf.</param>
/// <param name="Pending">Containers that wait.</param>
/// <param name="WaitedMs">Milliseconds since the ask.</param>
/// <param name="Limit">What stands in the way before any node is looked at: the life of the application, a stage before it, or a limit on
/// its queue
/// path; null when nothing does.</param>
/// <param name="NodesRejected">How many nodes are no answer now, by reason.</param>
/// <param name="SmallestChange">What least would let it start.</param>
/// <param name="EstimatedStartMs">When enough is expected to have ended on some node, by the run times that are known; null when that
/// cannot be told.</param>
public sealed record PendingExplanation(
    long AskId, string Application, string Queue, int Pending, long WaitedMs, string? Limit,
    IReadOnlyDictionary<string, int> NodesRejected, string SmallestChange, long? EstimatedStartMs);
