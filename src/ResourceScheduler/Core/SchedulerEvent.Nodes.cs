using DataPlatform.ResourceScheduler.Containers;
using DataPlatform.ResourceScheduler.Nodes;

namespace DataPlatform.ResourceScheduler;

/// <content>What happens to nodes.</content>
public abstract partial record SchedulerEvent
{
    /// <summary>A node offers its resources. One that registers again takes the new capacity; of its containers those it still runs are
    /// kept.</summary>
    /// <param name="TimeMs">When.</param>
    /// <param name="Node">Its unique name.</param>
    /// <param name="Capacity">All it has for containers.</param>
    public sealed record NodeRegistered(long TimeMs, string Node, ResourceVector Capacity) : SchedulerEvent(TimeMs)
    {
        /// <summary>Label, attributes and rack.</summary>
        public NodeProperties Properties { get; init; } = NodeProperties.None;

        /// <summary>Grows with each start of the node's agent. Reports of an older one are refused.</summary>
        public long Epoch { get; init; }

        /// <summary>The containers it runs; null for a node that says nothing about them, whose containers are all kept.</summary>
        public IReadOnlyList<long>? Running { get; init; }
    }

    /// <summary>A node is gone; its containers are lost.</summary>
    /// <param name="TimeMs">When.</param>
    /// <param name="Node">Its name.</param>
    public sealed record NodeRemoved(long TimeMs, string Node) : SchedulerEvent(TimeMs);

    /// <summary>A node reports what changed since its last report.</summary>
    /// <param name="TimeMs">When.</param>
    /// <param name="Node">Its name.</param>
    /// <param name="Epoch">The epoch it registered with.</param>
    /// <param name="Ended">Containers that ended. A repeated report of the same end changes nothing.</param>
    /// <param name="IsHealthy">Whether it finds itself fit for new containers.</param>
    public sealed record NodeReported(long TimeMs, string Node, long Epoch, IReadOnlyList<EndedContainer> Ended, bool IsHealthy = true)
        : SchedulerEvent(TimeMs);

    /// <summary>A node is to leave once its containers have ended.</summary>
    /// <param name="TimeMs">When.</param>
    /// <param name="Node">Its name.</param>
    /// <param name="DeadlineMs">When the rest of its containers is stopped.</param>
    public sealed record NodeDecommissioned(long TimeMs, string Node, long DeadlineMs) : SchedulerEvent(TimeMs)
    {
        /// <summary>Whether the node is taken away at the deadline whatever still runs, as a spot node is: its containers are told to save
        /// what they have done, and what is stopped runs again elsewhere without using a retry.</summary>
        public bool IsInterruption { get; init; }
    }

    /// <summary>Maintenance begins or ends: during it a node gets no new containers.</summary>
    /// <param name="TimeMs">When.</param>
    /// <param name="Node">Its name.</param>
    /// <param name="IsOn">Whether it begins.</param>
    public sealed record NodeMaintenance(long TimeMs, string Node, bool IsOn) : SchedulerEvent(TimeMs);

    /// <summary>A node's label, attributes or rack change while it runs. Its containers stay.</summary>
    /// <param name="TimeMs">When.</param>
    /// <param name="Node">Its name.</param>
    /// <param name="Properties">What holds from now on.</param>
    public sealed record NodePropertiesChanged(long TimeMs, string Node, NodeProperties Properties) : SchedulerEvent(TimeMs);
}
