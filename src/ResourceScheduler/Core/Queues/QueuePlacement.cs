namespace DataPlatform.ResourceScheduler.Queues;

/// <summary>Into which queue an application goes, and how many of one user run at once anywhere. Immutable.</summary>
public sealed record QueuePlacement
{
    /// <summary>No rules: an application goes where it says; no bound per user.</summary>
    public static QueuePlacement None { get; } = new();

    /// <summary>Tried in order; the first that gives a queue decides. None: the queue that the application names.</summary>
    public IReadOnlyList<QueuePlacementRule> Rules { get; init; } = [];

    /// <summary>Applications of one user that may run at once in all queues together. Default no bound.</summary>
    public int RunningApplicationsPerUserMax { get; init; } = int.MaxValue;

    /// <summary>Other bounds for some users, by name.</summary>
    public IReadOnlyDictionary<string, int> RunningApplicationsByUser { get; init; } = new Dictionary<string, int>(StringComparer.Ordinal);

    /// <summary>How many applications of a user may run at once.</summary>
    /// <param name="user">The user.</param>
    public int RunningApplicationsMax(string user) => RunningApplicationsByUser.GetValueOrDefault(user, RunningApplicationsPerUserMax);

    /// <summary>The queue of an application, or why there is none.</summary>
    /// <param name="application">What the application says of itself; its queue may be empty where a rule gives one.</param>
    /// <param name="exists">Whether a path is a queue now.</param>
    internal (string? Path, string? Reason) Place(Applications.ApplicationSpecification application, Func<string, bool> exists)
    {
        if (Rules.Count == 0)
        {
            return (application.Queue, null);
        }

        foreach (var rule in Rules)
        {
            if (rule.Kind == QueuePlacementKind.Reject)
            {
                return (null, $"no placement rule before 'reject' takes it in (queue '{application.Queue}', user '{application.User}')");
            }

            if (rule.PathFor(application, exists) is { } path && (rule.Creates || exists(path)))
            {
                return (path, null);
            }
        }

        return (null, $"none of the {Rules.Count} placement rules gives a queue (queue '{application.Queue}', user '{application.User}')");
    }
}
