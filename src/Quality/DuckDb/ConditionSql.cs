using System.Diagnostics;
using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality.DuckDb;

/// <summary>Row conditions as the SQL that is true for the rows breaking them; NULL and false both mean the row is fine.</summary>
internal static class ConditionSql
{
    public static string Violation(RowCondition condition, TableShape shape) => condition switch
    {
        NotNullCondition c => $"{SqlText.Identifier(c.Column)} IS NULL",
        RangeCondition c => Range(c, shape),
        SetCondition c => Set(c),
        PatternCondition c => $"{(c.Forbidden ? "" : "NOT ")}regexp_full_match(CAST({SqlText.Identifier(c.Column)} AS VARCHAR), {SqlText.Text(c.Pattern)})",
        LengthCondition c => Length(c),
        CastCondition c => Cast(c),
        SqlCondition c => $"NOT {SqlText.Closed(c.Expression)}",
        ConditionalCondition c => $"{SqlText.Closed(c.When)} AND NOT {SqlText.Closed(c.Then)}",
        ColumnsCondition c => Columns(c, shape),
        _ => throw new UnreachableException($"A condition of kind {condition.Kind}."),
    };

    // One list has one type: a single floating-point number in it would have whole numbers compared as such, where neighbours are equal.
    private static string Set(SetCondition condition)
    {
        var (column, word) = (SqlText.Identifier(condition.Column), condition.Forbidden ? "IN" : "NOT IN");
        var lists = condition.Values.ToLookup(v => v.Kind == RuleValueKind.Double).Select(g => $"{column} {word} ({string.Join(", ", g.Select(SqlText.Literal))})").ToList();
        return lists.Count == 1 ? lists[0] : $"({string.Join(condition.Forbidden ? " OR " : " AND ", lists)})";
    }

    private static string Range(RangeCondition condition, TableShape shape)
    {
        var column = SqlText.Identifier(condition.Column);
        List<string> broken = [];
        if (shape.Find(condition.Column)!.Family == ColumnFamily.Float)
        {
            // NaN counts as the greatest number in DuckDB, so a lower limit alone would let it pass. Beside an upper one it is said all the same:
            // footers are silent about NaN, and what looks settled by them alone is not looked at.
            broken.Add($"isnan({column})");
        }

        if (condition.Minimum is { } minimum)
        {
            broken.Add($"{column} < {Limit(minimum, shape.Find(condition.Column)!)}");
        }

        if (condition.Maximum is { } maximum)
        {
            broken.Add($"{column} > {Limit(maximum, shape.Find(condition.Column)!)}");
        }

        return broken.Count == 0 ? "false" : $"({string.Join(" OR ", broken)})";
    }

    // A decimal beside floating point is compared as that; cast here it is so once, and not again for each row.
    private static string Limit(RuleValue value, TableColumn column)
        => column.Family == ColumnFamily.Float && value.Kind == RuleValueKind.Decimal ? $"CAST({SqlText.Literal(value)} AS {column.Type})" : SqlText.Literal(value);

    private static string Columns(ColumnsCondition condition, TableShape shape)
    {
        string[] names = [condition.Column, condition.Other];
        var (first, second) = (SqlText.Identifier(names[0]), SqlText.Identifier(names[1]));
        var broken = condition.Comparison switch
        {
            Comparison.LessThan => ">=",
            Comparison.AtMost => ">",
            Comparison.Equal => "<>",
            Comparison.NotEqual => "=",
            Comparison.AtLeast => "<",
            _ => "<=",
        };

        // A NaN beside NULL is no violation: where one side is unknown, so is the comparison.
        var notNumbers = names.Where(n => shape.Find(n)!.Family == ColumnFamily.Float).Select(n => $"isnan({SqlText.Identifier(n)})").ToList();
        var test = $"{first} {broken} {second}";
        return notNumbers.Count == 0
            ? test
            : $"({first} IS NOT NULL AND {second} IS NOT NULL AND ({string.Join(" OR ", [.. notNumbers, test])}))";
    }

    private static string Length(LengthCondition condition)
    {
        var length = $"length(CAST({SqlText.Identifier(condition.Column)} AS VARCHAR))";
        List<string> broken = [];
        if (condition.Minimum is { } minimum)
        {
            broken.Add(FormattableString.Invariant($"{length} < {minimum}"));
        }

        if (condition.Maximum is { } maximum)
        {
            broken.Add(FormattableString.Invariant($"{length} > {maximum}"));
        }

        return broken.Count == 0 ? "false" : $"({string.Join(" OR ", broken)})";
    }

    // TRY_CAST alone rounds '12.5' to 13 and reads '1e3' as 1000, so values are judged by their spelling first.
    private static string Cast(CastCondition condition)
    {
        var column = $"CAST({SqlText.Identifier(condition.Column)} AS VARCHAR)";
        var reads = condition.Family switch
        {
            ColumnFamily.Integer => $"try_cast({column} AS BIGINT) IS NOT NULL",
            ColumnFamily.Decimal or ColumnFamily.Boolean => null,
            ColumnFamily.Float => $"isfinite(try_cast({column} AS DOUBLE))",
            ColumnFamily.Date => $"try_cast({column} AS DATE) IS NOT NULL",
            ColumnFamily.Timestamp => $"try_cast({column} AS TIMESTAMP) IS NOT NULL",
            _ => $"try_cast({column} AS TIMESTAMPTZ) IS NOT NULL",
        };
        var spelled = $"regexp_full_match({column}, {SqlText.Text(condition.Spelling)})";
        return $"({column} IS NOT NULL AND NOT coalesce({SqlText.And(spelled, reads)}, false))";
    }
}
