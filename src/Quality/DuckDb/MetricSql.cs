using System.Diagnostics;
using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality.DuckDb;

/// <summary>Metric queries as SQL: one column per metric, one row.</summary>
internal static partial class MetricSql
{
    /// <summary>The relation, or a number of rows drawn from it.</summary>
    public static string From(QualityTarget target) => target.SampleRows is { } rows
        ? FormattableString.Invariant($"(SELECT * FROM {SqlText.Relation(target.Relation)} USING SAMPLE reservoir({rows} ROWS))")
        : SqlText.Relation(target.Relation);

    /// <summary>The lowest and the highest value of each column, and nothing else.</summary>
    public static string BoundsOf(IEnumerable<string> columns, string relation)
        => $"SELECT {string.Join(", ", columns.Select(SqlText.Identifier).Select(c => $"min({c}), max({c})"))} FROM {SqlText.Relation(relation)}";

    /// <summary>Surplus rows per key, for each metric's filter, out of one grouping.</summary>
    public static string Grouping(IReadOnlyList<Metric> metrics, string relation)
    {
        var duplicates = metrics.Cast<DuplicateMetric>().ToList();
        var (shared, filters) = SplitFilters(duplicates);
        var keys = duplicates[0].Columns;
        var where = SqlText.Where(SqlText.And([.. Present(duplicates[0]), shared]));
        var counts = string.Join(", ", filters.Select((f, i) => $"{Count(f)} AS n{i}"));
        var sums = string.Join(", ", filters.Select((_, i) => $"sum(greatest(n{i} - 1, 0)) AS m{i}"));
        return $"SELECT {sums}\nFROM (SELECT {counts} FROM {SqlText.Relation(relation)}{where} GROUP BY {SqlText.Columns(keys)} HAVING count(*) > 1)";
    }

    /// <summary>Rows without a match, for each metric's filter, out of one anti join.</summary>
    public static string Reference(IReadOnlyList<Metric> metrics, string relation, string referenceRelation)
    {
        var orphans = metrics.Cast<OrphanMetric>().ToList();
        var (shared, filters) = SplitFilters(orphans);
        var counts = string.Join(", ", filters.Select((f, i) => $"{Count(f)} AS m{i}"));
        return $"SELECT {counts}\nFROM {Orphans(orphans[0], relation, referenceRelation, shared)}";
    }

    /// <summary>The rows a metric counts, all columns, at most so many; null for metrics that count no rows.</summary>
    public static string? Sample(Metric metric, TableShape shape, string relation, string? referenceRelation, int rowsMax)
    {
        var from = SqlText.Relation(relation);
        var rows = metric switch
        {
            ViolationMetric m => $"SELECT * FROM {from} WHERE {SqlText.And(SqlText.Closed(m.Filter), ConditionSql.Violation(m.Condition, shape))}",
            DuplicateMetric m => Duplicates(m, from),
            MissingKeyMetric m => MissingKeys(m, relation, referenceRelation!),
            OrphanMetric m => $"SELECT * FROM {Orphans(m, relation, referenceRelation!, SqlText.Closed(m.Filter))}",
            CustomSqlMetric m => $"SELECT * FROM ({CustomText(m.Sql, relation)}\n)",
            _ => null,
        };
        return rows is null ? null : FormattableString.Invariant($"SELECT CAST(COLUMNS(*) AS VARCHAR) FROM ({rows} LIMIT {rowsMax})");
    }

    /// <summary>An author's SELECT with the relation in place and no closing semicolon.</summary>
    public static string CustomText(string sql, string relation)
        => sql.Replace("{table}", SqlText.Relation(relation), StringComparison.OrdinalIgnoreCase).TrimEnd().TrimEnd(';');

    /// <summary>A metric as one aggregate. <c>count_if</c> is a quarter faster here than <c>FILTER</c>.</summary>
    public static string Expression(Metric metric, TableShape shape) => metric switch
    {
        RowCountMetric m => Count(SqlText.Closed(m.Filter)),
        ViolationMetric m => $"count_if({SqlText.And(SqlText.Closed(m.Filter), ConditionSql.Violation(m.Condition, shape))})",
        RangeBoundsMetric m => Bounds(m),
        AggregateMetric m => Aggregate(m, shape),
        NewestTimeMetric m => NewestTime(m),
        KeyCountMetric m => Count(SqlText.And([SqlText.Closed(m.Filter), .. Present(m.Columns)])),
        BinCountsMetric m => Bins(m, shape),
        ClassCountsMetric m => Classes(m, Count),
        MomentsMetric m => MomentsOf(m, shape),
        _ => throw new UnreachableException($"{metric.GetType().Name} in a scan."),
    };

    // Equal aggregates are computed once per query.
    private static string Bounds(RangeBoundsMetric metric)
    {
        var column = SqlText.Identifier(metric.Range.Column);
        var filter = SqlText.Closed(metric.Filter) is { } rows ? $" FILTER (WHERE {rows})" : string.Empty;
        var (lowest, highest) = ($"min({column}){filter}", $"max({column}){filter}");
        var holds = SqlText.And(
            metric.Range.Minimum is { } minimum ? $"{lowest} >= {SqlText.Literal(minimum)}" : null,
            metric.Range.Maximum is { } maximum ? $"{highest} <= {SqlText.Literal(maximum)}" : null);
        return $"CASE WHEN {lowest} IS NULL OR {holds ?? "true"} THEN 0 END";
    }

    private static string Aggregate(AggregateMetric metric, TableShape shape)
    {
        var column = SqlText.Identifier(metric.Column);
        var isFloat = shape.Find(metric.Column)!.Family == ColumnFamily.Float;
        var call = metric.Function switch
        {
            AggregateFunction.Mean => $"avg({column})",
            AggregateFunction.Sum => $"sum({column})",
            AggregateFunction.Minimum => $"min({column})",
            AggregateFunction.Maximum => $"max({column})",
            AggregateFunction.StandardDeviation => $"stddev_samp(CAST({column} AS DOUBLE))",
            AggregateFunction.Median => $"median({column})",
            _ => $"count(DISTINCT {column})",
        };

        // One infinity makes stddev raise and ends the whole scan; one NaN swallows a mean.
        var filter = SqlText.And(SqlText.Closed(metric.Filter), isFloat ? $"isfinite({column})" : null);
        return filter is null ? call : $"{call} FILTER (WHERE {filter})";
    }

    private static string NewestTime(NewestTimeMetric metric)
    {
        var column = SqlText.Identifier(metric.Column);
        return $"max(epoch_us({column})) FILTER (WHERE {SqlText.And(SqlText.Closed(metric.Filter), $"isfinite({column})")})";
    }

    private static string Duplicates(DuplicateMetric metric, string from)
    {
        var keys = SqlText.Columns(metric.Columns);
        var where = SqlText.Where(SqlText.And([.. Present(metric), SqlText.Closed(metric.Filter)]));
        return $"SELECT {keys}, count(*) AS occurrences FROM {from}{where} GROUP BY {keys} HAVING count(*) > 1 ORDER BY count(*) DESC, {keys}";
    }

    // A NULL among the children would never match and be counted as an orphan; a NULL key refers to nothing.
    private static string Orphans(OrphanMetric metric, string relation, string referenceRelation, string? filter)
    {
        // The table keeps its name, by which an author's filter may call it, as in every other query.
        var alias = SqlText.Identifier(relation.Split('.')[^1]);
        var pairs = metric.Columns.Zip(
            metric.ReferenceColumns, (child, parent) => $"\"_parent\".{SqlText.Identifier(parent)} = {alias}.{SqlText.Identifier(child)}");
        var present = metric.Columns.Select(c => $"{alias}.{SqlText.Identifier(c)} IS NOT NULL");
        var missing = $"NOT EXISTS (SELECT 1 FROM {SqlText.Relation(referenceRelation)} AS \"_parent\" WHERE {string.Join(" AND ", pairs)})";
        return $"{SqlText.Relation(relation)} AS {alias} WHERE {SqlText.And([.. present, filter, missing])}";
    }

    private static IEnumerable<string> Present(DuplicateMetric metric) => metric.NullsEqual ? [] : Present(metric.Columns);

    private static IEnumerable<string> Present(IEnumerable<string> columns) => columns.Select(c => $"{SqlText.Identifier(c)} IS NOT NULL");

    private static string Count(string? filter) => filter is null ? "count(*)" : $"count_if({filter})";

    /// <summary>A filter that all metrics share goes into WHERE, where it spares work; different ones stay apart in their counts.</summary>
    private static (string? Shared, IReadOnlyList<string?> Filters) SplitFilters(IReadOnlyList<Metric> metrics)
        => metrics.All(m => m.Filter == metrics[0].Filter)
            ? (SqlText.Closed(metrics[0].Filter), [.. metrics.Select(_ => (string?)null)])
            : (null, [.. metrics.Select(m => SqlText.Closed(m.Filter))]);
}
