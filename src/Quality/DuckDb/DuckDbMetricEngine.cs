using System.Globalization;
using System.Numerics;
using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Rules;
using DuckDB.NET.Data;

namespace DataPlatform.Quality.DuckDb;

/// <summary>Computes metrics over the relations of one DuckDB connection.</summary>
/// <remarks>One run at a time, as the connection itself.</remarks>
internal sealed class DuckDbMetricEngine(DuckDBConnection connection) : IMetricEngine
{
    private readonly SqlGuard _guard = new(connection);

    public async ValueTask<TableShape> DescribeAsync(string relation, CancellationToken cancellationToken)
    {
        var rows = await ReadAsync($"DESCRIBE {SqlText.Relation(relation)}", relation, int.MaxValue, cancellationToken).ConfigureAwait(false);
        return new TableShape(relation, [.. rows.Rows.Select(r => new TableColumn((string)r[0]!, (string)r[1]!, SqlTypes.Family((string)r[1]!)))]);
    }

    public async ValueTask<IReadOnlyList<object?>> ComputeAsync(
        MetricQuery query, TableShape shape, QualityTarget target, CancellationToken cancellationToken)
    {
        foreach (var metric in query.Metrics)
        {
            Guard(metric, target.Relation);
        }

        if (query.Metrics is [CustomSqlMetric custom])
        {
            return [await CustomAsync(custom, target.Relation, cancellationToken).ConfigureAwait(false)];
        }

        var sql = query.Shape switch
        {
            QueryShape.Grouping => MetricSql.Grouping(query.Metrics, target.Relation),
            QueryShape.Reference => MetricSql.Reference(query.Metrics, target.Relation, ReferenceRelation(query.Metrics[0], target)!),
            _ => MetricSql.Scan(query.Metrics, shape, target.Relation),
        };
        var result = await ReadAsync(sql, target.Relation, 1, cancellationToken).ConfigureAwait(false);
        return [.. result.Rows[0].Select(Normalize)];
    }

    public async ValueTask<RowSample> SampleAsync(
        Metric metric, TableShape shape, QualityTarget target, int rowsMax, CancellationToken cancellationToken)
    {
        Guard(metric, target.Relation);
        if (MetricSql.Sample(metric, shape, target.Relation, ReferenceRelation(metric, target), rowsMax) is not { } sql)
        {
            return RowSample.Empty;
        }

        var (columns, rows) = await ReadAsync(sql, target.Relation, rowsMax, cancellationToken).ConfigureAwait(false);
        return new RowSample(columns, [.. rows.Select(row => (IReadOnlyList<string?>)[.. row.Cast<string?>()])]);
    }

    private static string? ReferenceRelation(Metric metric, QualityTarget target)
        => metric is OrphanMetric orphan ? target.ReferenceRelation(orphan.Reference) : null;

    private void Guard(Metric metric, string relation)
    {
        if (metric.Filter is { } filter)
        {
            _guard.CheckExpression(filter);
        }

        switch (metric)
        {
            case ViolationMetric { Condition: SqlCondition condition }:
                _guard.CheckExpression(condition.Expression);
                break;
            case CustomSqlMetric custom:
                _guard.CheckSelect(MetricSql.CustomText(custom.Sql, relation));
                break;
        }
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
            throw new MetricException($"'{metric.Sql}' gives more than one row; a {metric.Mode.ToString().ToLowerInvariant()} is one value.");
        }

        var value = rows.Count == 0 ? null : Normalize(rows[0][0]);
        return (metric.Mode, value) switch
        {
            (_, null) => null,
            (CustomSqlMode.Boolean, bool) or (CustomSqlMode.Count or CustomSqlMode.Rows, BigInteger) => value,
            _ => throw new MetricException($"'{metric.Sql}' gives {value}, which is no {(metric.Mode == CustomSqlMode.Boolean ? "truth value" : "whole number")}."),
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

    // The engine's contract knows few types; every whole number, however wide, is one of them.
    private static object? Normalize(object? value) => value switch
    {
        null or bool or decimal or double or BigInteger => value,
        float f => (double)f,
        sbyte or byte or short or ushort or int or uint or long => new BigInteger(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
        ulong n => new BigInteger(n),
        _ => value.ToString(),
    };
}
