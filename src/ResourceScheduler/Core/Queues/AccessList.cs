namespace DataPlatform.ResourceScheduler.Queues;

/// <summary>A list of users, or everybody. Immutable.</summary>
/// <param name="Users">The users allowed; ignored when <paramref name="IsEverybody"/>.</param>
/// <param name="IsEverybody">Whether all are allowed.</param>
public sealed record AccessList(IReadOnlyList<string> Users, bool IsEverybody = false)
{
    /// <summary>All users.</summary>
    public static AccessList Everybody { get; } = new([], IsEverybody: true);

    /// <summary>No user.</summary>
    public static AccessList Nobody { get; } = new([]);

    /// <summary>Whether a user is allowed.</summary>
    /// <param name="user">The user.</param>
    public bool Allows(string user) => IsEverybody || Users.Contains(user, StringComparer.Ordinal);
}
