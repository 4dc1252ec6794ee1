namespace DataPlatform.ResourceScheduler.Nodes;

/// <summary>Which of the nodes with room is taken.</summary>
public enum NodeChoice
{
    /// <summary>The one with the least left over, so that large requests still find room.</summary>
    Pack,

    /// <summary>The one with the most left over, so that a lost node hurts little.</summary>
    Spread,
}
