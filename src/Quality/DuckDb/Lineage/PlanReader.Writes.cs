using System.Text.Json;
using DataPlatform.Quality.Lineage;

namespace DataPlatform.Quality.DuckDb.Lineage;

/// <summary>Operators that write.</summary>
internal sealed partial class PlanReader
{
    private ColumnSet[] Insert(JsonElement node)
    {
        var table = Target(node, out var columns);
        var values = Children(node);
        WritePositions(node, table, columns, values);
        return Returned(columns, values);
    }

    private ColumnSet[] Update(JsonElement node)
    {
        var table = Target(node, out var columns);
        var input = Children(node);
        Assign(node, node, table, columns, input);
        return Returned(columns, input);
    }

    private ColumnSet[] Delete(JsonElement node)
    {
        Target(node, out var columns);
        return Returned(columns, Children(node));
    }

    private ColumnSet[] Merge(JsonElement node)
    {
        var table = Target(node, out var columns);
        var input = Children(node);
        foreach (var action in node.List("actions").SelectMany(a => a.List("value")))
        {
            if (action.TryGetProperty("condition", out var condition))
            {
                result.Condition(Value(condition, input), LineageUse.Filter);
            }

            switch (action.Text("action_type"))
            {
                case "MERGE_UPDATE":
                    Assign(action, node, table, columns, input);
                    break;
                case "MERGE_INSERT":
                    WritePositions(action, table, columns, action.TryGetProperty("expressions", out _) ? Values(action.List("expressions"), input) : input);
                    break;
            }
        }

        return Returned(columns, input);
    }

    private ColumnSet[] CreateTable(JsonElement node)
    {
        var info = node.GetProperty("info");
        var columns = ColumnNames(info);
        if (!node.List("children").Any())
        {
            return [];
        }

        result.Output = TableNames.Of(info);
        var values = Children(node);
        for (var i = 0; i < columns.Length; i++)
        {
            result.Write(new ColumnId(result.Output, columns[i]), values[i]);
        }

        return values;
    }

    private ColumnSet[] CreateView()
    {
        IsView = true;
        return [];
    }

    private ColumnSet[] CopyToFile(JsonElement node)
    {
        result.Output = node.Text("file_path")!;
        var values = Children(node);
        foreach (var (name, index) in node.List("names").Select((n, i) => (n.GetString()!, i)))
        {
            result.Write(new ColumnId(result.Output, name), values[index]);
        }

        return values;
    }

    /// <summary>Columns written by position: the map gives, per physical column, the place of its value; without one they are in order.</summary>
    private void WritePositions(JsonElement node, string table, string[] columns, ColumnSet[] values)
    {
        int?[] map = node.Object("column_index_map") is { } given
            ? [.. given.List("internal_vector").Select(p => p.Position())]
            : [.. Enumerable.Range(0, columns.Length).Select(i => (int?)i)];

        // Written in the order of the values, which is the order in which the author listed the columns.
        foreach (var (column, value) in map.Select((value, column) => (column, value)).Where(p => p.value is not null).OrderBy(p => p.value))
        {
            if (value < values.Length && InsertColumns?.Contains(columns[column], StringComparer.OrdinalIgnoreCase) != false)
            {
                result.Write(new ColumnId(table, columns[column]), values[value.Value]);
            }
        }
    }

    /// <summary>Columns assigned one by one.</summary>
    private void Assign(JsonElement action, JsonElement node, string table, string[] columns, ColumnSet[] input)
    {
        JsonElement[] expressions = [.. action.List("expressions")];
        var targets = action.List("columns").Select(c => new ColumnId(table, columns[c.GetInt32()])).ToList();
        var assigned = Math.Min(targets.Count, expressions.Length);

        // An update that must delete and insert carries every other column behind the assigned ones, unchanged. Those are not assigned.
        while (action.Flag("update_is_del_and_insert") && assigned > 0
            && Value(expressions[assigned - 1], input).Columns is [var only] && only == targets[assigned - 1] && IsCopy(expressions[assigned - 1], node))
        {
            assigned--;
        }

        for (var i = 0; i < assigned; i++)
        {
            result.Write(targets[i], Value(expressions[i], input));
        }
    }

    /// <summary>
    /// Whether an expression hands a column on as it is, through the projection below. What the author wrote has the column's name there;
    /// what the binder added has none.
    /// </summary>
    private static bool IsCopy(JsonElement expression, JsonElement node)
        => expression.Text("expression_class") == "BOUND_REF"
            && node.List("children").First() is var below
            && (below.Text("type") != "LOGICAL_PROJECTION" || IsNameless(below.List("expressions").ElementAt(expression.Int("index"))));

    private static bool IsNameless(JsonElement expression) => expression.Text("expression_class") == "BOUND_REF" && string.IsNullOrEmpty(expression.Text("alias"));

    private string Target(JsonElement node, out string[] columns)
    {
        var info = node.GetProperty("table_info");
        columns = ColumnNames(info);
        return result.Output = TableNames.Of(info);
    }

    private static string[] ColumnNames(JsonElement info)
        => info.Object("columns") is { } columns
            ? [.. columns.List("columns").Where(c => c.Text("category") != "GENERATED").Select(c => c.Text("name")!)]
            : [];

    /// <summary>What RETURNING may refer to; it goes to the client and is no written column.</summary>
    private static ColumnSet[] Returned(string[] columns, ColumnSet[] input) => new ColumnSet[columns.Length + input.Length + 1];
}
