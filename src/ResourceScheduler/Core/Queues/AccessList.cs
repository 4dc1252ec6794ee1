namespace DataPlatform.ResourceScheduler.Queues;

/// <summary>A list of users and groups, or everybody. Immutable.</summary>
/// <param name="Users">The users allowed; ignored when <paramref name="IsEverybody"/>.</param>
/// <param name="IsEverybody">Whether all are allowed.</param>
public sealed record AccessList(IReadOnlyList<string> Users, bool IsEverybody = false)
{
    /// <summary>All users.</summary>
    public static AccessList Everybody { get; } = new([], IsEverybody: true);

    /// <summary>No user.</summary>
    public static AccessList Nobody { get; } = new([]);

    /// <summary>Groups whose members are allowed.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>Whether a user is allowed.</summary>
    /// <param name="user">The user.</param>
    /// <param name="groups">The groups the user is in; null for none.</param>
    public bool Allows(string user, IReadOnlyList<string>? groups = null)
        => IsEverybody || Users.Contains(user, StringComparer.Ordinal)
            || (groups is not null && groups.Any(group => Groups.Contains(group, StringComparer.Ordinal)));
}
