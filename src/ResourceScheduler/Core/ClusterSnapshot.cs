using DataPlatform.ResourceScheduler.Diagnostics;

namespace DataPlatform.ResourceScheduler;

/// <summary>The state of a cluster at one moment. Immutable.</summary>
/// <param name="TimeMs">The time of the newest event in it.</param>
/// <param name="Capacity">What all nodes have together.</param>
/// <param name="Used">What running containers hold.</param>
/// <param name="Queues">Every queue, by path.</param>
/// <param name="Nodes">Every node, by name.</param>
public sealed record ClusterSnapshot(
    long TimeMs, ResourceVector Capacity, ResourceVector Used, IReadOnlyList<QueueSnapshot> Queues, IReadOnlyList<NodeSnapshot> Nodes)
{
    /// <summary>Every application that is not over, by number.</summary>
    public IReadOnlyList<ApplicationSnapshot> Applications { get; init; } = [];

    /// <summary>Applications that wait for their queue to let them run.</summary>
    public int ParkedApplications { get; init; }

    /// <summary>The queue at a path.</summary>
    /// <param name="path">A full path such as <c>root.flights.gate</c>.</param>
    /// <exception cref="KeyNotFoundException">There is no such queue.</exception>
    public QueueSnapshot Queue(string path)
        => Queues.FirstOrDefault(queue
            => queue.Path == path) ?? throw new KeyNotFoundException($"There is no queue '{path}' in the snapshot.");
}
