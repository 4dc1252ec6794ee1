namespace DataPlatform.Quality.Metrics;

/// <summary>Metrics that one query computes together: of one shape, over one relation, and for groupings and references over one key.</summary>
/// <param name="Shape">The kind of query.</param>
/// <param name="Metrics">What it computes, at least one.</param>
public sealed record MetricQuery(QueryShape Shape, IReadOnlyList<Metric> Metrics);
