using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Metadata;

/// <summary>Which runs to list, newest first.</summary>
public sealed record RunQuery
{
    /// <summary>The largest page.</summary>
    public const int LimitMax = 1_000;

    /// <summary>Only runs of this DAG; null for all.</summary>
    public string? DagId { get; init; }

    /// <summary>Only runs in this state; null for all.</summary>
    public DagRunState? State { get; init; }

    /// <summary>Only runs with this logical date or a later one; null for all.</summary>
    public DateTimeOffset? LogicalFrom { get; init; }

    /// <summary>Only runs with this logical date or an earlier one; null for all.</summary>
    public DateTimeOffset? LogicalTo { get; init; }

    /// <summary>Only runs with a smaller number: the last one of the page before. Null for the first page.</summary>
    public long? BeforeId { get; init; }

    /// <summary>Runs in a page, 1 to <see cref="LimitMax"/>; 50 by default.</summary>
    public int Limit
    {
        get;
        init => field = value is >= 1 and <= LimitMax ? value : throw new ArgumentOutOfRangeException(
            nameof(value), value, $"1 to {LimitMax}.");
    } = 50;
}
