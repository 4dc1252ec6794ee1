namespace DataPlatform.Quality.Metrics;

/// <summary>Values that are not NULL by class, as text. The value is a list of counts: one per class, and at the end one for all others.</summary>
/// <param name="Column">The column.</param>
/// <param name="Classes">The classes.</param>
/// <param name="Filter">See <see cref="Metric"/>.</param>
public sealed record ClassCountsMetric(string Column, IReadOnlyList<string> Classes, string? Filter) : Metric(Filter)
{
    internal override QueryShape Shape => QueryShape.Scan;

    private protected override IEnumerable<string?> KeyParts => [Column.ToUpperInvariant(), .. Classes];
}
