namespace DataPlatform.ResourceScheduler.Nodes;

/// <summary>How a node stands.</summary>
public enum NodeState
{
    /// <summary>It reports and takes containers.</summary>
    Active,

    /// <summary>It has not reported for a while or reports itself sick: it keeps its containers and gets no more.</summary>
    Suspect,

    /// <summary>It takes no more containers and leaves when its last one has ended, or at its time limit.</summary>
    Decommissioning,

    /// <summary>It takes no more containers until maintenance is over; its containers stay.</summary>
    Maintenance,

    /// <summary>It has not reported for too long; its containers were given up.</summary>
    Lost,

    /// <summary>It has left.</summary>
    Decommissioned,
}
