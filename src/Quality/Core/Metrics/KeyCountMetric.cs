namespace DataPlatform.Quality.Metrics;

/// <summary>Rows whose key has no NULL in it. A whole number.</summary>
/// <param name="Columns">The key's columns.</param>
/// <param name="Filter">See <see cref="Metric"/>.</param>
public sealed record KeyCountMetric(IReadOnlyList<string> Columns, string? Filter) : Metric(Filter)
{
    internal override QueryShape Shape => QueryShape.Scan;

    private protected override IEnumerable<string?> KeyParts => Columns.Select(c => c.ToUpperInvariant()).Order(StringComparer.Ordinal);
}
