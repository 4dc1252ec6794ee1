using DataPlatform.Kernel;

namespace DataPlatform.Quality.Catalog;

/// <summary>A run in one line.</summary>
/// <param name="Number">The store's own number of the run, growing in the order they were kept.</param>
/// <param name="RunId">The run.</param>
/// <param name="Suite">The suite.</param>
/// <param name="Table">The table.</param>
/// <param name="Version">The version it is about; null for a relation without versions.</param>
/// <param name="StartedAt">When it began, UTC.</param>
/// <param name="Duration">How long it took.</param>
/// <param name="Verdicts">Its verdicts by outcome.</param>
public sealed record RunSummary(
    long Number, string RunId, string Suite, string Table, DatasetVersion? Version, DateTimeOffset StartedAt, TimeSpan Duration, OutcomeCounts Verdicts);
