namespace DataPlatform.ResourceScheduler.Preemption;

/// <summary>When a queue is starved, and how often something is done about it.</summary>
public sealed record FairPreemptionRules
{
    /// <summary>A queue is starved when it holds less than this fraction of its fair share. Default 0.9: a dead zone of 10 %.</summary>
    public double FairShareThreshold { get; init; } = 0.9;

    /// <summary>Nothing is taken while the most used resource of the cluster is below this fraction. Default 0.8, as in YARN.</summary>
    public double UtilisationThreshold { get; init; } = 0.8;

    /// <summary>Between two rounds for one starved queue. Default 30 s.</summary>
    public TimeSpan CoolDown { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether a queue is starved: it waits for something and holds too little of its share.</summary>
    /// <param name="fairShare">Its fair share.</param>
    /// <param name="used">What it holds.</param>
    /// <param name="pending">What it waits for.</param>
    public bool IsStarved(double fairShare, double used, double pending) => pending > 0 && used < (FairShareThreshold * fairShare) - 1e-9;

    /// <summary>Whether the cluster is used enough for preemption to make sense.</summary>
    /// <param name="utilisation">The largest used fraction over all resources.</param>
    public bool ActsAt(double utilisation) => utilisation >= UtilisationThreshold;
}
