namespace DataPlatform.ResourceScheduler.Applications;

/// <summary>The requests of one name, queue and user; an application while any of them is open.</summary>
internal sealed class LeasedApplication(long id, (string Name, string Queue, string User) key)
{
    public long Id { get; } = id;

    public (string Name, string Queue, string User) Key { get; } = key;

    public int Open { get; set; }

    /// <summary>The scheduler did not take it in; who asked for it is told as soon as that is durable.</summary>
    public bool IsRefused { get; set; }
}
