namespace DataPlatform.ResourceScheduler.Autoscaling;

/// <summary>What the autoscaler decided, for its loop to carry out.</summary>
public abstract record AutoscalerAction
{
    private AutoscalerAction()
    {
    }

    /// <summary>A node is to be started. It will register under this name.</summary>
    /// <param name="Node">Its name.</param>
    /// <param name="Group">What it is.</param>
    /// <param name="Reason">Why, for people.</param>
    public sealed record Start(string Node, NodeGroup Group, string Reason) : AutoscalerAction;

    /// <summary>A node is to take no more containers and leave when it is empty, or at the deadline.</summary>
    /// <param name="Node">Its name.</param>
    /// <param name="DeadlineMs">When the rest is stopped.</param>
    /// <param name="Reason">Why, for people.</param>
    public sealed record Drain(string Node, long DeadlineMs, string Reason) : AutoscalerAction;

    /// <summary>A node that has left the cluster is to be given back.</summary>
    /// <param name="Node">Its name.</param>
    public sealed record GiveBack(string Node) : AutoscalerAction;
}
