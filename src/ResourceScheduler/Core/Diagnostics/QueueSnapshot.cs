namespace DataPlatform.ResourceScheduler.Diagnostics;

/// <summary>One queue at one moment. Numbers of a parent include everything below it.</summary>
/// <param name="Path">Its full path.</param>
/// <param name="Used">What its running containers hold.</param>
/// <param name="FairShare">What it is entitled to now, given everybody's demand.</param>
/// <param name="PendingResources">What its pending containers ask for.</param>
/// <param name="Pending">Containers that wait.</param>
/// <param name="Running">Containers that run.</param>
/// <param name="Applications">Applications in it; only leaves hold any.</param>
/// <param name="Waits">How long its containers waited so far.</param>
public sealed record QueueSnapshot(
    string Path, ResourceVector Used, ResourceVector FairShare, ResourceVector PendingResources, int Pending, int Running, int Applications,
        WaitStatistics Waits)
{
    /// <summary>What it is entitled to were every queue busy: by weights and guarantees alone.</summary>
    public ResourceVector SteadyShare { get; init; }

    /// <summary>What it may hold at most.</summary>
    public ResourceVector Max { get; init; }

    /// <summary>What pending containers of each user of a leaf ask for.</summary>
    public IReadOnlyDictionary<string, ResourceVector> UsersPending { get; init; } = new Dictionary<string, ResourceVector>(StringComparer.Ordinal);

    /// <summary>What is guaranteed in a cluster of this size.</summary>
    public ResourceVector Guarantee { get; init; }

    /// <summary>What each user of a leaf holds.</summary>
    public IReadOnlyDictionary<string, ResourceVector> Users { get; init; } = new Dictionary<string,
        ResourceVector>(StringComparer.Ordinal);
}
