using DataPlatform.ResourceScheduler.Applications;

namespace DataPlatform.ResourceScheduler.Queues;

/// <summary>By what a placement rule finds a queue.</summary>
public enum QueuePlacementKind
{
    /// <summary>The queue the application names; nothing where it names none.</summary>
    Specified,

    /// <summary>A queue of the user's name.</summary>
    User,

    /// <summary>A queue of the name of the user's first group.</summary>
    PrimaryGroup,

    /// <summary>A queue of the name of the first of the user's other groups for which there is one.</summary>
    SecondaryGroup,

    /// <summary>A queue of the user's name below the queue that another rule gives.</summary>
    NestedUser,

    /// <summary>One queue for all.</summary>
    Default,

    /// <summary>A queue for one user, group or application name.</summary>
    Mapping,

    /// <summary>No queue: the application is refused.</summary>
    Reject,
}

/// <summary>One rule of a <see cref="QueuePlacement"/>, after those of YARN's schedulers. Immutable.</summary>
/// <param name="Kind">By what it finds a queue.</param>
public sealed record QueuePlacementRule(QueuePlacementKind Kind)
{
    /// <summary>Whether a queue that is not there yet will do; it is then made where its parent allows that. Default yes.</summary>
    public bool Creates { get; init; } = true;

    /// <summary>The queue above the one that is found. Default the root.</summary>
    public string Parent { get; init; } = QueueTree.RootPath;

    /// <summary>For <see cref="QueuePlacementKind.Default"/> and <see cref="QueuePlacementKind.Mapping"/>: the queue. <c>%user</c>,
    /// <c>%primary_group</c> and <c>%secondary_group</c> stand for names.</summary>
    public string Queue { get; init; } = "root.default";

    /// <summary>For <see cref="QueuePlacementKind.Mapping"/>: the user it is for; <c>%user</c> is any. Null: not by user.</summary>
    public string? ForUser { get; init; }

    /// <summary>For <see cref="QueuePlacementKind.Mapping"/>: the group it is for. Null: not by group.</summary>
    public string? ForGroup { get; init; }

    /// <summary>For <see cref="QueuePlacementKind.Mapping"/>: the application name it is for. Null: not by name.</summary>
    public string? ForApplication { get; init; }

    /// <summary>For <see cref="QueuePlacementKind.NestedUser"/>: the rule that gives the queue above.</summary>
    public QueuePlacementRule? Nested { get; init; }

    internal string? PathFor(ApplicationSpecification application, Func<string, bool> exists) => Kind switch
    {
        QueuePlacementKind.Specified => application.Queue.Length > 0 ? Rooted(application.Queue) : null,
        QueuePlacementKind.User => Below(Parent, application.User),
        QueuePlacementKind.PrimaryGroup => application.Groups.Count > 0 ? Below(Parent, application.Groups[0]) : null,
        QueuePlacementKind.SecondaryGroup => Secondary(application, exists) is { } group ? Below(Parent, group) : null,
        QueuePlacementKind.NestedUser => Above(application, exists) is { } above ? Below(above, application.User) : null,
        QueuePlacementKind.Default => Rooted(Queue),
        QueuePlacementKind.Mapping => IsFor(application) ? Filled(application, exists) : null,
        _ => null,
    };

    private string? Above(ApplicationSpecification application, Func<string, bool> exists)
    {
        var rule = Nested ?? new QueuePlacementRule(QueuePlacementKind.Default) { Queue = Parent };
        return rule.PathFor(application, exists) is { } path && (rule.Creates || exists(path)) ? path : null;
    }

    private string? Secondary(ApplicationSpecification application, Func<string, bool> exists)
        => application.Groups.Skip(1).FirstOrDefault(group => exists(Below(Parent, group)));

    private bool IsFor(ApplicationSpecification application)
        => (ForUser is null || ForUser == "%user" || ForUser == application.User)
            && (ForGroup is null || application.Groups.Contains(ForGroup, StringComparer.Ordinal))
            && (ForApplication is null || ForApplication == application.Name);

    private string? Filled(ApplicationSpecification application, Func<string, bool> exists)
    {
        if ((Queue.Contains("%primary_group", StringComparison.Ordinal) && application.Groups.Count == 0)
            || (Queue.Contains("%secondary_group", StringComparison.Ordinal) && Secondary(application, exists) is null))
        {
            return null;
        }

        return Rooted(Queue
            .Replace("%user", Segment(application.User), StringComparison.Ordinal)
            .Replace("%primary_group", Segment(application.Groups.Count > 0 ? application.Groups[0] : ""), StringComparison.Ordinal)
            .Replace("%secondary_group", Segment(Secondary(application, exists) ?? ""), StringComparison.Ordinal));
    }

    private static string Below(string parent, string name) => $"{Rooted(parent)}.{Segment(name)}";

    private static string Rooted(string path)
        => path == QueueTree.RootPath || path.StartsWith("root.", StringComparison.Ordinal) ? path : $"{QueueTree.RootPath}.{path}";

    /// <summary>A dot in a name would make two levels of it; YARN writes it out.</summary>
    private static string Segment(string name) => name.Trim().Replace(".", "_dot_", StringComparison.Ordinal);
}
