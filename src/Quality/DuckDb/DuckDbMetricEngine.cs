using System.Globalization;
using System.Numerics;
using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Profiles;
using DataPlatform.Quality.Rules;
using DuckDB.NET.Data;

namespace DataPlatform.Quality.DuckDb;

/// <summary>Computes metrics over the relations of one DuckDB connection.</summary>
/// <remarks>One run at a time, as the connection itself.</remarks>
/// <param name="connection">An open connection, which stays the caller's.</param>
public sealed class DuckDbMetricEngine(DuckDBConnection connection) : IMetricEngine
{
    private readonly SqlGuard _guard = new(connection ?? throw new ArgumentNullException(nameof(connection)));

    // What was measured by another meaning of a rule must not be added to what is measured by this one; see docs/formats/quality-partition-state.md.
    private const int Meaning = 2;

    /// <inheritdoc/>
    public string Id => FormattableString.Invariant($"duckdb {connection.ServerVersion} meaning {Meaning}");

    /// <inheritdoc/>
    public bool IsRowLocal(string expression)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(expression);
        return _guard.IsRowLocal(expression);
    }

    /// <inheritdoc/>
    public async ValueTask<(long Rows, long Values)> ProbeAsync(TableColumn column, QualityTarget target, int rowsMax, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(column);
        ArgumentNullException.ThrowIfNull(target);
        var (_, rows) = await ReadAsync(MetricSql.Probe(column, target.Relation, rowsMax), target.Relation, 1, cancellationToken).ConfigureAwait(false);
        return (Convert.ToInt64(rows[0][0], CultureInfo.InvariantCulture), Convert.ToInt64(rows[0][1], CultureInfo.InvariantCulture));
    }

    /// <inheritdoc/>
    public async ValueTask<bool> TellsBoundsAsync(IReadOnlyList<string> columns, QualityTarget target, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(target);

        // The optimizer puts what footers tell in the place of the aggregation; a plan that still has one reads rows for it.
        var plan = await ReadAsync($"EXPLAIN {MetricSql.BoundsOf(columns, target.Relation)}", target.Relation, 1, cancellationToken).ConfigureAwait(false);
        return plan.Rows is [[_, string text]] && !text.Contains("AGGREGATE", StringComparison.OrdinalIgnoreCase);
    }

    /// <inheritdoc/>
    public async ValueTask<TableShape> DescribeAsync(string relation, CancellationToken cancellationToken)
    {
        var rows = await ReadAsync($"DESCRIBE {SqlText.Relation(relation)}", relation, int.MaxValue, cancellationToken).ConfigureAwait(false);
        return new TableShape(relation, [.. rows.Rows.Select(r => new TableColumn((string)r[0]!, (string)r[1]!, SqlTypes.Family((string)r[1]!)))]);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<object?>> ComputeAsync(
        MetricQuery query, TableShape shape, QualityTarget target, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(target);
        foreach (var metric in query.Metrics)
        {
            Guard(metric, target.Relation);
        }

        switch (query.Metrics[0])
        {
            case CustomSqlMetric custom:
                return [await CustomAsync(custom, target.Relation, cancellationToken).ConfigureAwait(false)];
            case ApproximateDistinctMetric distinct:
                return [await DistinctAsync(distinct, target.Relation, cancellationToken).ConfigureAwait(false)];
            case RelationMetric other:
                return await ElsewhereAsync(query, target.ReferenceRelation(other.Reference), cancellationToken).ConfigureAwait(false);
        }

        var sql = (query.Shape, query.Metrics[0]) switch
        {
            (QueryShape.Values, _) => MetricSql.Values(query.Metrics, shape, target.Relation),
            (QueryShape.Grouping, _) => MetricSql.Grouping(query.Metrics, target.Relation),
            (_, MissingKeyMetric missing) => MetricSql.MissingKeyCount(missing, target.Relation, ReferenceRelation(missing, target)!),
            (QueryShape.Reference, _) => MetricSql.Reference(query.Metrics, target.Relation, ReferenceRelation(query.Metrics[0], target)!),
            (_, NumberSampleMetric numbers) => MetricSql.Numbers(numbers, shape, target.Relation),
            _ => null,
        };
        if (sql is null)
        {
            var scan = new ScanQuery(query.Metrics, shape, target);
            return scan.Read((await ReadAsync(scan.Sql, target.Relation, 1, cancellationToken).ConfigureAwait(false)).Rows[0]);
        }

        var result = await ReadAsync(sql, target.Relation, 1, cancellationToken).ConfigureAwait(false);
        return [.. MetricReading.Whole(result.Rows[0], query.Metrics.Count).Select((value, i) => MetricReading.Of(query.Metrics[i], value))];
    }

    /// <inheritdoc/>
    public async ValueTask<RowSample> SampleAsync(
        Metric metric, TableShape shape, QualityTarget target, int rowsMax, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(metric);
        ArgumentNullException.ThrowIfNull(target);
        Guard(metric, target.Relation);
        if (MetricSql.Sample(metric, shape, target.Relation, ReferenceRelation(metric, target), rowsMax) is not { } sql)
        {
            return RowSample.Empty;
        }

        var (columns, rows) = await ReadAsync(sql, target.Relation, rowsMax, cancellationToken).ConfigureAwait(false);
        return new RowSample(columns, [.. rows.Select(row => (IReadOnlyList<string?>)[.. row.Cast<string?>().Select(RowSample.Beginning)])]);
    }

    private static string? ReferenceRelation(Metric metric, QualityTarget target)
        => metric switch
        {
            OrphanMetric m => target.ReferenceRelation(m.Reference),
            MissingKeyMetric m => target.ReferenceRelation(m.Reference),
            _ => null,
        };

    private void Guard(Metric metric, string relation)
    {
        foreach (var expression in metric.Expressions)
        {
            _guard.CheckExpression(expression);
        }

        if (metric is CustomSqlMetric custom)
        {
            _guard.CheckSelect(MetricSql.CustomText(custom.Sql, relation));
        }
    }

    private async ValueTask<IReadOnlyList<object?>> ElsewhereAsync(MetricQuery query, string relation, CancellationToken cancellationToken)
    {
        var there = await DescribeAsync(relation, cancellationToken).ConfigureAwait(false);
        var inner = new MetricQuery(QueryShape.Scan, [.. query.Metrics.Cast<RelationMetric>().Select(m => m.Inner)]);
        return await ComputeAsync(inner, there, new QualityTarget(relation), cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<HyperLogLog> DistinctAsync(ApproximateDistinctMetric metric, string relation, CancellationToken cancellationToken)
    {
        var (_, rows) = await ReadAsync(MetricSql.Registers(metric, relation), relation, int.MaxValue, cancellationToken).ConfigureAwait(false);
        var sketch = new HyperLogLog(ApproximateDistinctMetric.Precision);
        foreach (var row in rows)
        {
            sketch.AddHash(MetricSql.Hash((ulong)row[0]!, (ulong)row[1]!));
        }

        return sketch;
    }

    private async ValueTask<object?> CustomAsync(CustomSqlMetric metric, string relation, CancellationToken cancellationToken)
    {
        var sql = MetricSql.CustomText(metric.Sql, relation);
        if (metric.Mode == CustomSqlMode.Rows)
        {
            sql = $"SELECT count(*) FROM ({sql}\n)";
        }

        var (_, rows) = await ReadAsync(sql, relation, 2, cancellationToken).ConfigureAwait(false);
        if (rows.Count == 2)
        {
            throw new MetricException($"'{SqlText.Shown(metric.Sql)}' gives more than one row; a {metric.Mode.ToString().ToLowerInvariant()} is one value.");
        }

        var value = rows.Count == 0 ? null : MetricReading.Scalar(rows[0][0]);
        return (metric.Mode, value) switch
        {
            (_, null) => null,
            (CustomSqlMode.Boolean, bool) => value,
            (CustomSqlMode.Count or CustomSqlMode.Rows, BigInteger count) => count >= 0 && count <= long.MaxValue
                ? value
                : throw new MetricException($"'{SqlText.Shown(metric.Sql)}' gives {count}, which is no number of violations."),
            _ => throw new MetricException($"'{SqlText.Shown(metric.Sql)}' gives {value}, which is no {(metric.Mode == CustomSqlMode.Boolean ? "truth value" : "whole number")}."),
        };
    }

    private async ValueTask<(IReadOnlyList<string> Columns, IReadOnlyList<object?[]> Rows)> ReadAsync(
        string sql, string relation, int rowsMax, CancellationToken cancellationToken)
    {
        try
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            string[] columns = [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)];
            List<object?[]> rows = [];
            while (rows.Count < rowsMax && await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                rows.Add([.. Enumerable.Range(0, columns.Length).Select(i => reader.IsDBNull(i) ? null : reader.GetValue(i))]);
            }

            return (columns, rows);
        }
        catch (Exception e) when (DuckDbErrors.IsOfQuery(e))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new MetricException($"Over '{relation}': {DuckDbErrors.Reason(e)}", e);
        }
    }
}
