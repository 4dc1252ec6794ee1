using System.Globalization;

namespace DataPlatform.Quality.Metrics;

/// <summary>Finite numbers of a column, drawn row by row so that every number has the same chance. The value is a list of numbers.</summary>
/// <param name="Column">The column.</param>
/// <param name="Size">At most so many.</param>
/// <param name="Filter">See <see cref="Metric"/>.</param>
public sealed record NumberSampleMetric(string Column, int Size, string? Filter) : Metric(Filter)
{
    internal override QueryShape Shape => QueryShape.Sample;

    internal override string QueryKey => Key;

    private protected override IEnumerable<string?> KeyParts => [Column.ToUpperInvariant(), Size.ToString(CultureInfo.InvariantCulture)];
}
