namespace DataPlatform.ResourceScheduler.Diagnostics;

/// <summary>What one queue on the path of a request has left for it.</summary>
/// <param name="Queue">The queue's path.</param>
/// <param name="Used">What it holds.</param>
/// <param name="Max">What it may hold at most.</param>
/// <param name="IsBinding">Whether it leaves no room for the request.</param>
public readonly record struct PathLimit(string Queue, ResourceVector Used, ResourceVector Max, bool IsBinding);

/// <summary>Why an ask still waits.</summary>
/// <param name="AskId">The ask; 0 for an application's master.</param>
/// <param name="Application">The application that asked.</param>
/// <param name="Queue">Its leaf.</param>
/// <param name="Pending">Containers that wait.</param>
/// <param name="WaitedMs">Milliseconds since the ask.</param>
/// <param name="Limit">What stands in the way before any node is looked at: the life of the application, a stage before it, or a limit on
/// its queue
/// path; null when nothing does.</param>
/// <param name="NodesRejected">How many nodes are no answer now, by reason.</param>
/// <param name="SmallestChange">What least would let it start.</param>
/// <param name="EstimatedStartMs">When enough is expected to have ended on some node or in the limiting queue, by the run times that are
/// known; null when that cannot be told.</param>
public sealed record PendingExplanation(
    long AskId, string Application, string Queue, int Pending, long WaitedMs, string? Limit,
    IReadOnlyDictionary<string, int> NodesRejected, string SmallestChange, long? EstimatedStartMs)
{
    /// <summary>The application's number.</summary>
    public long ApplicationId { get; init; }

    /// <summary>What each container asks for.</summary>
    public ResourceVector Resources { get; init; }

    /// <summary>Every queue of its path, the root first.</summary>
    public IReadOnlyList<PathLimit> Path { get; init; } = [];

    /// <summary>Nodes kept free for it meanwhile.</summary>
    public IReadOnlyList<string> ReservedNodes { get; init; } = [];
}
