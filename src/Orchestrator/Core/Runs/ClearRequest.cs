namespace DataPlatform.Orchestrator.Runs;

/// <summary>Which task instances of a run to clear, so that they run again. Their tries go to history and their numbers keep
/// counting.</summary>
public sealed record ClearRequest
{
    /// <summary>The tasks; null for all.</summary>
    public IReadOnlyList<string>? TaskIds { get; init; }

    /// <summary>Only this mapped instance of them; null for all.</summary>
    public int? MapIndex { get; init; }

    /// <summary>Also everything downstream of them; true by default.</summary>
    public bool IncludesDownstream { get; init; } = true;

    /// <summary>Only instances that failed, are upstream_failed or were cancelled.</summary>
    public bool OnlyFailed { get; init; }
}
