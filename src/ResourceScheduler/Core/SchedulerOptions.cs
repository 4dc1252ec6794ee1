namespace DataPlatform.ResourceScheduler;

/// <summary>Settings of a scheduler. Immutable.</summary>
public sealed record SchedulerOptions
{
    /// <summary>Requests a <see cref="ResourceManager"/> holds unread before a caller is turned away. Default 16,384.</summary>
    public int CommandsMax { get; init; } = 16_384;
}
