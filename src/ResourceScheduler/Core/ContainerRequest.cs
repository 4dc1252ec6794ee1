namespace DataPlatform.ResourceScheduler;

/// <summary>One container that somebody wants.</summary>
public sealed record ContainerRequest
{
    /// <summary>Says who wants what.</summary>
    /// <param name="queue">The full path of a leaf queue.</param>
    /// <param name="resources">What the container needs.</param>
    /// <param name="applicationName">The application it belongs to, for people and for fairness inside the queue.</param>
    /// <param name="user">On whose behalf.</param>
    public ContainerRequest(string queue, ResourceVector resources, string applicationName, string user)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(queue);
        ArgumentException.ThrowIfNullOrWhiteSpace(applicationName);
        ArgumentException.ThrowIfNullOrWhiteSpace(user);
        Queue = queue;
        Resources = resources.IsZero ? throw new ArgumentException("A container needs some resources.", nameof(resources)) : resources;
        ApplicationName = applicationName;
        User = user;
    }

    /// <summary>The full path of a leaf queue.</summary>
    public string Queue { get; }

    /// <summary>What the container needs.</summary>
    public ResourceVector Resources { get; }

    /// <summary>The application it belongs to. Requests of one name, queue and user are one application while any of them is
    /// open.</summary>
    public string ApplicationName { get; }

    /// <summary>On whose behalf.</summary>
    public string User { get; }

    /// <summary>Higher is served first among the requests of one application. Default 0.</summary>
    public int Priority { get; init; }
}
