using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Metadata;

/// <summary>Which task instances of a run to list, by task number and map index.</summary>
public sealed record TaskQuery
{
    /// <summary>The run.</summary>
    public required long RunId { get; init; }

    /// <summary>Only instances of this task; null for all.</summary>
    public string? TaskId { get; init; }

    /// <summary>Only the instance of this map index (-1: of a task that is not mapped); null for all.</summary>
    public int? MapIndex { get; init; }

    /// <summary>Only instances in this state; null for all.</summary>
    public TaskState? State { get; init; }

    /// <summary>The last entry of the page before; null for the first page.</summary>
    public (int TaskNumber, int MapIndex)? After { get; init; }

    /// <summary>Instances in a page, 1 to <see cref="IRunHistory.LimitMax"/>; 200 by default.</summary>
    public int Limit
    {
        get;
        init => field = value is >= 1 and <= IRunHistory.LimitMax ? value : throw new ArgumentOutOfRangeException(
            nameof(value), value, $"1 to {IRunHistory.LimitMax}.");
    } = 200;
}
