using System.Text.Json;
using DataPlatform.Quality.Lineage;

namespace DataPlatform.Quality.DuckDb.Lineage;

/// <summary>Joins, and the subqueries that the binder turns into joins.</summary>
internal sealed partial class PlanReader
{
    private ColumnSet[] Join(JsonElement node)
    {
        JsonElement[] children = [.. node.List("children")];
        var isCorrelated = node.Text("type") == "LOGICAL_DELIM_JOIN";
        var (left, right) = isCorrelated ? CorrelatedSides(node, children) : (Read(children[0]), Read(children[1]));
        var conditions = ColumnSet.Union(node.List("conditions").Select(c => JoinCondition(c, left, right, isCorrelated)));
        if (node.TryGetProperty("condition", out var condition))
        {
            conditions = conditions.Union(Value(condition, [.. left, .. right]));
        }

        if (isCorrelated)
        {
            var depth = _correlated.Count + 1;
            (left, right) = (Outside(left, depth), Outside(right, depth));
            conditions = conditions.Outside(depth);
        }

        var type = node.Text("join_type");
        if (type == "MARK")
        {
            // The mark is the answer of IN, ANY or EXISTS: a value, and a condition only where a filter uses it.
            return [.. left, Register(node.Int("mark_index"), [conditions])[0]];
        }

        result.Condition(conditions, LineageUse.Join);
        return type switch
        {
            "SEMI" or "ANTI" => left,
            "RIGHT_SEMI" or "RIGHT_ANTI" => right,
            _ => [.. left, .. right],
        };
    }

    private (ColumnSet[] Left, ColumnSet[] Right) CorrelatedSides(JsonElement node, JsonElement[] children)
    {
        var flipped = node.Flag("delim_flipped");
        var outer = Read(children[flipped ? 1 : 0]);
        _correlated.Push(Values(node.List("duplicate_eliminated_columns"), outer));
        var inner = Read(children[flipped ? 0 : 1]);
        _correlated.Pop();
        return flipped ? (inner, outer) : (outer, inner);
    }

    private static ColumnSet[] Outside(ColumnSet[] columns, int depth) => [.. columns.Select(c => c.Outside(depth))];

    /// <summary>
    /// One comparison of a join. The comparison that ties a subquery's rows back to the outer row they were computed for is the binder's own
    /// and no condition of the author's; what the author wrote in the subquery stands in a filter below.
    /// </summary>
    private ColumnSet JoinCondition(JsonElement condition, ColumnSet[] left, ColumnSet[] right, bool isCorrelated)
    {
        if (!condition.TryGetProperty("left", out var leftSide) || !condition.TryGetProperty("right", out var rightSide))
        {
            return condition.Object("expression") is { } expression ? Value(expression, [.. left, .. right]) : ColumnSet.Empty;
        }

        var (leftColumns, rightColumns) = (Value(leftSide, left), Value(rightSide, right));
        return TiesBack(condition, leftColumns, rightColumns, isCorrelated) ? ColumnSet.Empty : leftColumns.Union(rightColumns);
    }

    private bool TiesBack(JsonElement condition, ColumnSet left, ColumnSet right, bool isCorrelated)
        => condition.Text("comparison") == "COMPARE_NOT_DISTINCT_FROM"
            && (left.IsOuter || right.IsOuter || ((isCorrelated || _correlated.Count > 0) && left.SameAs(right)));
}
