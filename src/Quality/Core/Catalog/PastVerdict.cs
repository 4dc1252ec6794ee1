using DataPlatform.Kernel;

namespace DataPlatform.Quality.Catalog;

/// <summary>A verdict of the past, as much of it as a strip or a chart shows.</summary>
/// <param name="RunId">The run.</param>
/// <param name="At">When the run began, UTC.</param>
/// <param name="Version">The version it is about; null for a relation without versions.</param>
/// <param name="Severity">The rule's severity then.</param>
/// <param name="Outcome">What became of the rule.</param>
/// <param name="Violations">Rows that broke it; null where none are counted.</param>
/// <param name="Evaluated">Rows looked at; null where none are.</param>
/// <param name="Observed">The measured number, where there is one.</param>
public sealed record PastVerdict(
    string RunId, DateTimeOffset At, DatasetVersion? Version, Severity Severity, Outcome Outcome, long? Violations, long? Evaluated, string? Observed)
{
    /// <summary>The share of rows that broke the rule, 0 to 1; null where rows are not counted.</summary>
    public double? ViolationShare => Violations is { } bad && Evaluated is > 0 and var all ? (double)bad / all : null;
}
