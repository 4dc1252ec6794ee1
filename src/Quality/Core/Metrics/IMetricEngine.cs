namespace DataPlatform.Quality.Metrics;

/// <summary>Computes metrics over relations. The core decides what is asked, an engine knows how.</summary>
/// <remarks>Used by one run at a time.</remarks>
public interface IMetricEngine
{
    /// <summary>Tells a relation's columns from the catalog.</summary>
    /// <param name="relation">The relation.</param>
    /// <param name="cancellationToken">Stops the look-up.</param>
    /// <exception cref="MetricException">There is no such relation, or it cannot be opened.</exception>
    ValueTask<TableShape> DescribeAsync(string relation, CancellationToken cancellationToken);

    /// <summary>Computes metrics in one query.</summary>
    /// <param name="query">The metrics.</param>
    /// <param name="shape">The relation's columns.</param>
    /// <param name="target">The relation.</param>
    /// <param name="cancellationToken">Stops the query.</param>
    /// <returns>
    /// A value per metric, in their order: <see cref="System.Numerics.BigInteger"/> for whole numbers, <see cref="decimal"/>,
    /// <see cref="double"/>, <see cref="bool"/> or null; where the metric says so a list of <see cref="long"/> or <see cref="double"/>, a
    /// <see cref="Profiles.HyperLogLog"/> or <see cref="Profiles.Moments"/>.
    /// </returns>
    /// <exception cref="MetricException">The query failed as a whole.</exception>
    ValueTask<IReadOnlyList<object?>> ComputeAsync(MetricQuery query, TableShape shape, QualityTarget target, CancellationToken cancellationToken);

    /// <summary>
    /// Looks whether a column's values are few: at the beginning of texts, at the bounds of whole numbers and dates, which a file tells without being
    /// read.
    /// </summary>
    /// <param name="column">The column.</param>
    /// <param name="target">The relation.</param>
    /// <param name="rowsMax">How many rows to look at.</param>
    /// <param name="cancellationToken">Stops the query.</param>
    /// <returns>Rows of the whole relation, and different values: among the texts looked at, between the bounds at most.</returns>
    /// <exception cref="MetricException">The query failed.</exception>
    ValueTask<(long Rows, long Values)> ProbeAsync(TableColumn column, QualityTarget target, int rowsMax, CancellationToken cancellationToken);

    /// <summary>Whether the lowest and the highest values of columns are told by a catalog or by footers, so that asking for them reads no row.</summary>
    /// <param name="columns">The columns, at least one.</param>
    /// <param name="target">The relation.</param>
    /// <param name="cancellationToken">Stops the look-up.</param>
    /// <exception cref="MetricException">The relation cannot be asked.</exception>
    ValueTask<bool> TellsBoundsAsync(IReadOnlyList<string> columns, QualityTarget target, CancellationToken cancellationToken) => ValueTask.FromResult(false);

    /// <summary>
    /// Whether an author's expression depends on its row alone: no query in it, no clock, no chance. Only then is a count over a table the sum of
    /// the counts over its parts, and the same tomorrow.
    /// </summary>
    /// <param name="expression">The expression.</param>
    /// <exception cref="MetricException">It is no expression.</exception>
    bool IsRowLocal(string expression);

    /// <summary>Names the engine and its version; values of another one are not added to its own.</summary>
    string Id { get; }

    /// <summary>Shows some of the rows a metric counts.</summary>
    /// <param name="metric">The metric.</param>
    /// <param name="shape">The relation's columns.</param>
    /// <param name="target">The relation.</param>
    /// <param name="rowsMax">At most so many.</param>
    /// <param name="cancellationToken">Stops the query.</param>
    /// <returns>The rows; empty for metrics that count no rows.</returns>
    /// <exception cref="MetricException">The query failed.</exception>
    ValueTask<RowSample> SampleAsync(Metric metric, TableShape shape, QualityTarget target, int rowsMax, CancellationToken cancellationToken);
}
