using System.Diagnostics;
using System.Globalization;
using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality.DuckDb;

/// <content>Metrics that are more than one number: counts by bin, moments, registers of a sketch, samples.</content>
internal static partial class MetricSql
{
    // The first bits of a hash choose the register, the rest is what its rank is read from.
    private const int RestBits = 64 - ApproximateDistinctMetric.Precision;
    private const string ValueCount = "\"__n\"";

    /// <summary>Conditions on one column asked of each of its values once, weighted by how often the value occurs.</summary>
    public static string Values(IReadOnlyList<Metric> metrics, TableShape shape, string relation)
    {
        var column = SqlText.Identifier(((ValueGroupMetric)metrics[0]).Column);
        var sums = metrics.Cast<ValueGroupMetric>().Select((m, i) => $"{Weighted(m.Inner, shape)} AS m{i}");
        return $"SELECT {string.Join(",\n  ", sums)}\nFROM (SELECT {column}, count(*) AS {ValueCount} FROM {SqlText.Relation(relation)} GROUP BY {column})";
    }

    /// <summary>
    /// The smallest rest of a hash by register. The rank a sketch keeps is the run of zeros before the rest's first bit, so the smallest rest has the
    /// greatest rank; reading it off as a whole number keeps the arithmetic exact.
    /// </summary>
    public static string Registers(ApproximateDistinctMetric metric, string relation)
    {
        var where = SqlText.Where(SqlText.And([.. Present(metric.Columns), SqlText.Closed(metric.Filter)]));
        var hash = $"hash({SqlText.Columns(metric.Columns)})";
        var mask = ((1UL << RestBits) - 1).ToString(CultureInfo.InvariantCulture);
        return $"SELECT CAST(h >> {RestBits} AS UBIGINT) AS b, CAST(min(h & {mask}) AS UBIGINT) AS r\n"
            + $"FROM (SELECT CAST({hash} AS UBIGINT) AS h FROM {SqlText.Relation(relation)}{where}) GROUP BY 1";
    }

    /// <summary>The hash that a row of <see cref="Registers"/> stands for.</summary>
    public static ulong Hash(ulong register, ulong rest) => (register << RestBits) | rest;

    /// <summary>Numbers drawn row by row. Sampling by block would be quicker and would draw neighbours together.</summary>
    public static string Numbers(NumberSampleMetric metric, TableShape shape, string relation)
    {
        var where = SqlText.Where(Finite(metric.Column, metric.Filter, shape));
        var rows = $"SELECT {AsDouble(metric.Column)} AS x FROM {SqlText.Relation(relation)}{where}";
        return FormattableString.Invariant($"SELECT list(x) FROM (SELECT x FROM ({rows}) USING SAMPLE reservoir({metric.Size} ROWS))");
    }

    /// <summary>Different keys that one of two relations lacks.</summary>
    public static string MissingKeyCount(MissingKeyMetric metric, string relation, string referenceRelation)
        => $"SELECT count(*) AS m0 FROM ({MissingKeys(metric, relation, referenceRelation)})";

    /// <summary>Rows of a relation, and how many different values a column has: at its beginning, or at most between its bounds.</summary>
    public static string Probe(TableColumn column, string relation, int rowsMax)
    {
        var (name, from) = (SqlText.Identifier(column.Name), SqlText.Relation(relation));
        var values = column.Family switch
        {
            ColumnFamily.Boolean => "2",
            ColumnFamily.Integer => Between($"CAST(max({name}) AS DOUBLE) - CAST(min({name}) AS DOUBLE)"),
            ColumnFamily.Date => Between($"date_diff('day', min({name}), max({name}))"),
            _ => FormattableString.Invariant($"(SELECT count(DISTINCT {name}) FROM (SELECT {name} FROM {from} LIMIT {rowsMax}))"),
        };
        return $"SELECT (SELECT count(*) FROM {from}), {values}";

        // A column whose bounds lie too far apart for a whole number has too many values to group by.
        string Between(string span) => $"(SELECT coalesce(least({span} + 1, 1e18), 0)::BIGINT FROM {from})";
    }

    private static string MissingKeys(MissingKeyMetric metric, string relation, string referenceRelation)
    {
        var here = $"SELECT {SqlText.Columns(metric.Columns)} FROM {SqlText.Relation(relation)}{SqlText.Where(SqlText.And([.. Present(metric.Columns), SqlText.Closed(metric.Filter)]))}";
        var there = $"SELECT {SqlText.Columns(metric.ReferenceColumns)} FROM {SqlText.Relation(referenceRelation)}{SqlText.Where(SqlText.And([.. Present(metric.ReferenceColumns)]))}";
        return metric.IsMissingHere ? $"({there}) EXCEPT ({here})" : $"({here}) EXCEPT ({there})";
    }

    private static string Weighted(Metric metric, TableShape shape) => metric switch
    {
        ViolationMetric m => Sum(ConditionSql.Violation(m.Condition, shape)),
        ClassCountsMetric m => Classes(m, Sum),
        _ => throw new UnreachableException($"{metric.GetType().Name} over values."),
    };

    private static string Sum(string? condition) => $"coalesce(sum(CASE WHEN {condition} THEN {ValueCount} ELSE 0 END), 0)";

    /// <summary>Counts between two edges; of an empty bin after the last edge, and of no rows at all, there is no count.</summary>
    private static string Bins(BinCountsMetric metric, TableShape shape)
    {
        var edges = string.Join(", ", metric.Edges.Select(e => SqlText.Literal(e)));
        return $"map_values(histogram({AsDouble(metric.Column)}, [{edges}]::DOUBLE[]) FILTER (WHERE {Finite(metric.Column, metric.Filter, shape)}))";
    }

    /// <summary>Counts by class and of all; what is left over is all other classes.</summary>
    private static string Classes(ClassCountsMetric metric, Func<string?, string> count)
    {
        var present = SqlText.And(SqlText.Closed(metric.Filter), $"{SqlText.Identifier(metric.Column)} IS NOT NULL");
        var counts = metric.Classes.Select(c => count($"{present} AND CAST({SqlText.Identifier(metric.Column)} AS VARCHAR) = {SqlText.Text(c)}"));
        return $"list_value({string.Join(", ", [.. counts, count(present)])})";
    }

    private static string MomentsOf(MomentsMetric metric, TableShape shape)
    {
        var (number, filter) = (AsDouble(metric.Column), $"FILTER (WHERE {Finite(metric.Column, metric.Filter, shape)})");
        string[] calls = ["count", "avg", "var_pop", "min", "max"];
        return $"list_value({string.Join(", ", calls.Select(c => $"CAST({c}({number}) {filter} AS DOUBLE)"))})";
    }

    private static string Finite(string column, string? filter, TableShape shape)
    {
        var name = SqlText.Identifier(column);
        var isFloat = shape.Find(column)!.Family == ColumnFamily.Float;
        return SqlText.And(SqlText.Closed(filter), isFloat ? $"isfinite({name})" : $"{name} IS NOT NULL")!;
    }

    private static string AsDouble(string column) => $"CAST({SqlText.Identifier(column)} AS DOUBLE)";
}
