namespace DataPlatform.Quality;

/// <summary>How long a store remembers.</summary>
public sealed record RetentionOptions
{
    /// <summary>
    /// Runs with their verdicts, and what rules were in partitions; 90 days unless said otherwise. The newest verdict of each rule, and of each partition
    /// that lives, stays.
    /// </summary>
    public TimeSpan Results { get; init; } = TimeSpan.FromDays(90);

    /// <summary>Points of series; 400 days unless said otherwise, so that a year can be compared with the one before.</summary>
    public TimeSpan Points { get; init; } = TimeSpan.FromDays(400);

    /// <summary>Profiles; 400 days unless said otherwise.</summary>
    public TimeSpan Profiles { get; init; } = TimeSpan.FromDays(400);

    /// <summary>Resolved alerts and sent messages; 90 days unless said otherwise.</summary>
    public TimeSpan Alerts { get; init; } = TimeSpan.FromDays(90);

    /// <summary>Closed incidents with their history; 400 days unless said otherwise.</summary>
    public TimeSpan Incidents { get; init; } = TimeSpan.FromDays(400);

    /// <summary>Edges of lineage that no job shows any more; 400 days unless said otherwise.</summary>
    public TimeSpan RetiredEdges { get; init; } = TimeSpan.FromDays(400);

    /// <summary>Rows removed in one transaction, 1 to 100,000; 500 unless said otherwise. Others wait no longer than one takes.</summary>
    public int BatchRows { get; init => field = value is >= 1 and <= 100_000 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "1 to 100,000."); } = 500;
}
