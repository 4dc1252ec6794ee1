namespace DataPlatform.Quality.Metrics;

/// <summary>A metric that is asked of the different values of its column.</summary>
/// <param name="Inner">The metric; what is measured is its value.</param>
/// <param name="Column">The column.</param>
public sealed record ValueGroupMetric(Metric Inner, string Column) : Metric((string?)null)
{
    /// <inheritdoc/>
    public override IEnumerable<string> Expressions => Inner.Expressions;

    internal override QueryShape Shape => QueryShape.Values;

    internal override string QueryKey => Column.ToUpperInvariant();

    private protected override IEnumerable<string?> KeyParts => [Inner.Key];
}
