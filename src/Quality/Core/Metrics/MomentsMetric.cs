using DataPlatform.Quality.Profiles;

namespace DataPlatform.Quality.Metrics;

/// <summary>Count, mean, squared deviations and bounds of a column's finite numbers, as <see cref="Moments"/>: what means and deviations of parts are put together from.</summary>
/// <param name="Column">The column.</param>
/// <param name="Filter">See <see cref="Metric"/>.</param>
public sealed record MomentsMetric(string Column, string? Filter) : Metric(Filter)
{
    internal override QueryShape Shape => QueryShape.Scan;

    private protected override IEnumerable<string?> KeyParts => [Column.ToUpperInvariant()];
}
