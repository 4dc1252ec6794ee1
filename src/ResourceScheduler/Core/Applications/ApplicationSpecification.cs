namespace DataPlatform.ResourceScheduler.Applications;

/// <summary>What an application is when it is submitted.</summary>
/// <param name="Name">Its name, for people.</param>
/// <param name="Queue">The full path of the leaf queue it runs in.</param>
/// <param name="User">On whose behalf it runs.</param>
public sealed record ApplicationSpecification(string Name, string Queue, string User)
{
    /// <summary>Higher is served first in a first-come queue. Default 0.</summary>
    public int Priority { get; init; }
}
