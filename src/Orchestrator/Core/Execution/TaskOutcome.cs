using DataPlatform.Kernel;

namespace DataPlatform.Orchestrator.Execution;

/// <summary>How one try ended, as an executor reports it.</summary>
/// <param name="Kind">How.</param>
/// <param name="Note">Why; null when there is nothing to say.</param>
/// <param name="MayRetry">False: no retry, whatever is left.</param>
public sealed record TaskOutcome(TaskOutcomeKind Kind, string? Note = null, bool MayRetry = true)
{
    /// <summary>Ended well.</summary>
    public static TaskOutcome Success { get; } = new(TaskOutcomeKind.Success);

    /// <summary>The body failed.</summary>
    /// <param name="note">Why.</param>
    /// <param name="mayRetry">Whether trying again makes sense.</param>
    public static TaskOutcome Failed(string note, bool mayRetry = true) => new(TaskOutcomeKind.Failed, note, mayRetry);

    /// <summary>The place where it ran was lost; not the body's fault.</summary>
    /// <param name="note">What happened.</param>
    public static TaskOutcome Infrastructure(string note) => new(TaskOutcomeKind.Infrastructure, note);

    /// <summary>How long a rescheduled sensor waits before it looks again.</summary>
    public TimeSpan WakeAfter { get; init; }

    /// <summary>What the body was seen to read and write, whatever became of it.</summary>
    public LineageReport Lineage { get; init; } = LineageReport.Empty;

    /// <summary>Small values the body pushed, as JSON by key; stored together with a success only.</summary>
    public IReadOnlyDictionary<string, string> XComs { get; init; } = new Dictionary<string, string>();
}
