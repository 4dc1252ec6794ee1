namespace DataPlatform.Quality.Metrics;

/// <summary>
/// Different keys, estimated; keys with a NULL in them do not count. The value is a <see cref="Profiles.HyperLogLog"/> of precision
/// <see cref="Precision"/> over the engine's own hash, so that parts can be merged; it is no use beside sketches of another hash.
/// </summary>
/// <param name="Columns">The key's columns.</param>
/// <param name="Filter">See <see cref="Metric"/>.</param>
public sealed record ApproximateDistinctMetric(IReadOnlyList<string> Columns, string? Filter) : Metric(Filter)
{
    /// <summary>2^14 registers: a standard error of 0.81 %.</summary>
    public const int Precision = 14;

    internal override QueryShape Shape => QueryShape.Grouping;

    internal override string QueryKey => Key;

    private protected override IEnumerable<string?> KeyParts => Columns.Select(c => c.ToUpperInvariant());
}
