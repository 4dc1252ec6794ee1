using System.Collections;
using System.Globalization;
using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.Metrics;
using DuckDB.NET.Data;

namespace DataPlatform.Quality.DuckDb.Profiles;

/// <summary>Makes references of distributions from relations that are right.</summary>
/// <remarks>One read at a time per connection, which stays the caller's.</remarks>
/// <param name="connection">An open connection whose tables and views are the relations.</param>
public sealed class DuckDbReferences(DuckDBConnection connection)
{
    private readonly DuckDbMetricEngine _engine = new(connection);
    private readonly SqlGuard _guard = new(connection);

    /// <summary>Reads a reference: bins of about equal content for numbers, the most frequent values as classes for anything else.</summary>
    /// <param name="relation">The table or view.</param>
    /// <param name="column">The column.</param>
    /// <param name="filter">A SQL condition that selects rows; null for all.</param>
    /// <param name="bins">Bins or classes wanted, 2 to <see cref="DistributionReference.BinsMax"/> - 1.</param>
    /// <param name="cancellationToken">Stops the queries.</param>
    /// <exception cref="MetricException">There is no such relation or column, or it cannot be read.</exception>
    public async ValueTask<DistributionReference> ReadAsync(
        string relation, string column, string? filter = null, int bins = 10, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(bins, DistributionReference.BinsMax);
        var shape = await _engine.DescribeAsync(relation, cancellationToken).ConfigureAwait(false);
        if (shape.Missing([column]) is { } missing)
        {
            throw new MetricException(missing);
        }

        if (filter is not null)
        {
            _guard.CheckExpression(filter);
        }

        var family = shape.Find(column)!.Family;
        return family is ColumnFamily.Integer or ColumnFamily.Decimal or ColumnFamily.Float
            ? await NumbersAsync(relation, column, filter, bins, family == ColumnFamily.Float, shape, cancellationToken).ConfigureAwait(false)
            : Classes(relation, column, filter, bins);
    }

    private async ValueTask<DistributionReference> NumbersAsync(
        string relation, string column, string? filter, int bins, bool isFloat, TableShape shape, CancellationToken cancellationToken)
    {
        var number = $"CAST({SqlText.Identifier(column)} AS DOUBLE)";
        var where = SqlText.And(SqlText.Closed(filter), isFloat ? $"isfinite({SqlText.Identifier(column)})" : $"{SqlText.Identifier(column)} IS NOT NULL");
        var shares = string.Join(", ", Enumerable.Range(1, bins - 1).Select(i => ((double)i / bins).ToString("R", CultureInfo.InvariantCulture)));
        var found = Rows($"SELECT quantile_disc({number}, [{shares}]) FROM {SqlText.Relation(relation)} WHERE {where}");
        double[] edges = found is [[IEnumerable quantiles]]
            ? [.. quantiles.Cast<object>().Select(q => Convert.ToDouble(q, CultureInfo.InvariantCulture)).Distinct().Order()]
            : throw new MetricException($"'{column}' of '{relation}' has no number to make a reference of.");
        var target = new QualityTarget(relation);
        var counts = await ComputeAsync(QueryShape.Scan, new BinCountsMetric(column, edges, filter)).ConfigureAwait(false);
        var sample = await ComputeAsync(QueryShape.Sample, new NumberSampleMetric(column, DistributionReference.SampleMax, filter)).ConfigureAwait(false);
        return DistributionReference.OfNumbers(edges, (IReadOnlyList<long>)counts, (IReadOnlyList<double>)sample);

        async ValueTask<object> ComputeAsync(QueryShape kind, Metric metric)
            => (await _engine.ComputeAsync(new MetricQuery(kind, [metric]), shape, target, cancellationToken).ConfigureAwait(false))[0]!;
    }

    private DistributionReference Classes(string relation, string column, string? filter, int classes)
    {
        var value = SqlText.Identifier(column);
        var where = SqlText.And(SqlText.Closed(filter), $"{value} IS NOT NULL");
        var rows = Rows(
            $"SELECT CAST({value} AS VARCHAR) AS v, count(*) AS n, sum(count(*)) OVER () AS total FROM {SqlText.Relation(relation)} WHERE {where} GROUP BY 1 ORDER BY n DESC, v LIMIT {classes.ToString(CultureInfo.InvariantCulture)}");
        if (rows.Count == 0)
        {
            throw new MetricException($"'{column}' of '{relation}' has no value to make a reference of.");
        }

        var counts = rows.ToDictionary(r => (string)r[0]!, r => Convert.ToInt64(r[1], CultureInfo.InvariantCulture), StringComparer.Ordinal);
        return DistributionReference.OfClasses(counts, (long)(System.Numerics.BigInteger)MetricReading.Scalar(rows[0][2])! - counts.Values.Sum());
    }

    private List<object?[]> Rows(string sql)
    {
        try
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            using var reader = command.ExecuteReader();
            List<object?[]> rows = [];
            while (reader.Read())
            {
                rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? null : reader.GetValue(i))]);
            }

            return rows;
        }
        catch (Exception e) when (DuckDbErrors.IsOfQuery(e))
        {
            throw new MetricException(DuckDbErrors.Reason(e), e);
        }
    }
}
