using DataPlatform.Kernel;

namespace DataPlatform.Quality.Trials;

/// <summary>A suite tried on a sample.</summary>
/// <param name="Verdicts">A verdict per rule, in the suite's order.</param>
/// <param name="Rows">Rows of the sample.</param>
/// <param name="IsWhole">Whether the sample is the whole table.</param>
/// <param name="Version">The version of the table; null where there are none.</param>
/// <param name="Duration">How long it took.</param>
public sealed record SuiteTrial(IReadOnlyList<TrialVerdict> Verdicts, long Rows, bool IsWhole, DatasetVersion? Version, TimeSpan Duration);
