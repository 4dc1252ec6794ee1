using System.Globalization;

namespace DataPlatform.Quality.Metrics;

/// <summary>
/// Finite numbers by bin; a number on an edge belongs to the bin below it, the outermost bins are open. The value is a list of counts, one more than
/// there are edges.
/// </summary>
/// <param name="Column">The column.</param>
/// <param name="Edges">Inner edges, ascending.</param>
/// <param name="Filter">See <see cref="Metric"/>.</param>
public sealed record BinCountsMetric(string Column, IReadOnlyList<double> Edges, string? Filter) : Metric(Filter)
{
    internal override QueryShape Shape => QueryShape.Scan;

    private protected override IEnumerable<string?> KeyParts => [Column.ToUpperInvariant(), .. Edges.Select(e => e.ToString("R", CultureInfo.InvariantCulture))];
}
