using System.Text.Json;
using DataPlatform.Quality.Lineage;

namespace DataPlatform.Quality.DuckDb.Lineage;

/// <summary>Walks a bound plan from the leaves up; every operator becomes the list of its output columns' sources.</summary>
/// <remarks>
/// In a bound plan a reference is a position in the output of the operator's children, so no name is resolved here. The shape of the plan
/// is DuckDB 1.5's; an operator that is not known ends the walk, because a guess at its columns would shift all positions above it.
/// </remarks>
internal sealed partial class PlanReader(LineageResult result)
{
    // Below a lateral table function columns are still named by table index and position.
    private readonly Dictionary<int, ColumnSet[]> _byTableIndex = [];
    private readonly Dictionary<int, ColumnSet[]> _commonTables = [];
    private readonly Stack<ColumnSet[]> _correlated = new();

    /// <summary>The columns an INSERT lists; null when it lists none. An upsert's plan fills in defaults for the others, which are not written.</summary>
    public IReadOnlyList<string>? InsertColumns { get; init; }

    /// <summary>Whether the plan makes a view: it then holds the query's parse tree and no plan of it.</summary>
    public bool IsView { get; private set; }

    /// <exception cref="LineageNotFoundException">The plan has an operator that is not known.</exception>
    /// <exception cref="InsufficientExecutionStackException">The plan is too deep.</exception>
    public ColumnSet[] Read(JsonElement node)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        return Operator(node);
    }

    private ColumnSet[] Operator(JsonElement node) => node.Text("type") switch
    {
        "LOGICAL_GET" => Get(node),
        "LOGICAL_PROJECTION" => Register(node.Int("table_index"), Values(node.List("expressions"), Children(node))),
        "LOGICAL_FILTER" => Filter(node),
        "LOGICAL_AGGREGATE_AND_GROUP_BY" => Aggregate(node),
        "LOGICAL_WINDOW" => Appended(node, "window_index"),
        "LOGICAL_UNNEST" => Appended(node, "unnest_index"),
        "LOGICAL_ORDER_BY" or "LOGICAL_TOP_N" or "LOGICAL_LIMIT" or "LOGICAL_SAMPLE" or "LOGICAL_DISTINCT" => Pass(node),
        "LOGICAL_COMPARISON_JOIN" or "LOGICAL_ASOF_JOIN" or "LOGICAL_ANY_JOIN" or "LOGICAL_DELIM_JOIN" => Join(node),
        "LOGICAL_CROSS_PRODUCT" or "LOGICAL_POSITIONAL_JOIN" => Children(node),
        "LOGICAL_UNION" or "LOGICAL_INTERSECT" or "LOGICAL_EXCEPT" => SetOperation(node),
        "LOGICAL_MATERIALIZED_CTE" => CommonTable(node),
        "LOGICAL_RECURSIVE_CTE" => RecursiveCommonTable(node),
        "LOGICAL_CTE_REF" => Register(node.Int("table_index"), _commonTables[node.Int("cte_index")]),
        "LOGICAL_DELIM_GET" => Register(node.Int("table_index"), CorrelatedColumns(node)),
        "LOGICAL_EXPRESSION_GET" => ValueLists(node),
        "LOGICAL_DUMMY_SCAN" => Register(node.Int("table_index"), [ColumnSet.Empty]),
        "LOGICAL_CHUNK_GET" or "LOGICAL_EMPTY_RESULT" => Register(node.Int("table_index"), Constants(node)),
        "LOGICAL_INSERT" => Insert(node),
        "LOGICAL_UPDATE" => Update(node),
        "LOGICAL_DELETE" => Delete(node),
        "LOGICAL_MERGE_INTO" => Merge(node),
        "LOGICAL_CREATE_TABLE" => CreateTable(node),
        "LOGICAL_CREATE_VIEW" => CreateView(),
        "LOGICAL_COPY_TO_FILE" => CopyToFile(node),
        var other => throw new LineageNotFoundException($"The plan has the operator {other}, which is not known."),
    };

    private ColumnSet[] Register(int tableIndex, ColumnSet[] columns)
    {
        _byTableIndex[tableIndex] = columns;
        return columns;
    }

    /// <summary>The outputs of all children, one after the other.</summary>
    private ColumnSet[] Children(JsonElement node) => [.. node.List("children").SelectMany(Read)];

    private ColumnSet[] Get(JsonElement node)
    {
        var input = Children(node);
        string[] names = [.. node.List("names").Select(n => n.GetString()!)];
        var table = node.Object("function_data") is { } data && data.Text("table") is not null ? TableNames.Of(data) : null;
        int[] projected = [.. node.List("projected_input").Select(p => p.GetInt32())];
        if (table is not null)
        {
            result.Inputs.Add(table);
        }

        // A table function's rows come from its arguments: the columns of its child that are not merely handed through.
        var arguments = ColumnSet.Union(input.Where((_, i) => !projected.Contains(i)));
        var columns = node.List("column_indexes").Select(c => c.TryGetProperty("index", out var index) ? index.Position() : null)
            .Select(i => table is null ? arguments : i is { } at && at < names.Length ? ColumnSet.Of(new ColumnId(table, names[at])) : ColumnSet.Empty);
        return Register(node.Int("table_index"), [.. columns, .. projected.Select(p => input[p])]);
    }

    private ColumnSet[] Filter(JsonElement node)
    {
        var input = Children(node);
        result.Condition(Value(node.List("expressions"), input), LineageUse.Filter);
        int[] map = [.. node.List("projection_map").Select(p => p.GetInt32())];
        return map.Length == 0 ? input : [.. map.Select(p => input[p])];
    }

    private ColumnSet[] Aggregate(JsonElement node)
    {
        var input = Children(node);
        var groups = Values(node.List("groups"), input);
        var values = Values(node.List("expressions"), input);
        var groupings = Enumerable.Repeat(ColumnSet.Empty, node.List("grouping_functions").Count()).ToArray();

        // The binder groups the rows of a correlated subquery by the outer row they are computed for; that is no grouping of the author's.
        result.Condition(ColumnSet.Union(groups.Where(g => !g.IsOuter)), LineageUse.GroupBy);
        Register(node.Int("group_index", -1), groups);
        Register(node.Int("aggregate_index", -1), values);
        Register(node.Int("groupings_index", -1), groupings);
        return [.. groups, .. values, .. groupings];
    }

    private ColumnSet[] Appended(JsonElement node, string indexName)
    {
        var input = Children(node);
        return [.. input, .. Register(node.Int(indexName), Values(node.List("expressions"), input))];
    }

    /// <summary>Operators that choose or order rows and hand their columns on.</summary>
    private ColumnSet[] Pass(JsonElement node)
    {
        var input = Children(node);
        result.Condition(Value(node.List("orders"), input), LineageUse.Sort);
        foreach (var limit in new[] { "limit_val", "offset_val" })
        {
            if (node.Object(limit)?.Object("expression") is { } expression)
            {
                result.Condition(Value(expression, input), LineageUse.Filter);
            }
        }

        if (node.Text("distinct_type") == "DISTINCT_ON")
        {
            result.Condition(Value(node.List("distinct_targets"), input), LineageUse.GroupBy);
        }

        return input;
    }

    private ColumnSet[] SetOperation(JsonElement node)
    {
        ColumnSet[][] sides = [.. node.List("children").Select(Read)];
        var type = node.Text("type");
        if (type == "LOGICAL_EXCEPT")
        {
            // What the right side holds decides which rows of the left stay, never what is in them.
            result.Condition(ColumnSet.Union(sides[1]), LineageUse.Filter);
            return Register(node.Int("table_index"), sides[0]);
        }

        return Register(node.Int("table_index"), [.. sides[0].Select((_, i) => ColumnSet.Union(sides.Select(s => s[i])))]);
    }

    private ColumnSet[] CommonTable(JsonElement node)
    {
        JsonElement[] children = [.. node.List("children")];
        _commonTables[node.Int("table_index")] = Read(children[0]);
        return Read(children[1]);
    }

    /// <summary>The rows of a step come from rows of the step before: repeat until no column gains a source.</summary>
    private ColumnSet[] RecursiveCommonTable(JsonElement node)
    {
        JsonElement[] children = [.. node.List("children")];
        var columns = Read(children[0]);
        while (true)
        {
            _commonTables[node.Int("table_index")] = columns;
            var step = Read(children[1]);
            ColumnSet[] next = [.. columns.Select((c, i) => c.Union(step[i]))];
            if (next.Zip(columns).All(pair => pair.First.SameAs(pair.Second)))
            {
                return Register(node.Int("table_index"), next);
            }

            columns = next;
        }
    }

    private ColumnSet[] CorrelatedColumns(JsonElement node)
    {
        // The duplicate-free outer columns of the nearest join whose right side this is in.
        var count = node.List("chunk_types").Count();
        var outer = _correlated.FirstOrDefault(c => c.Length == count)
            ?? throw new LineageNotFoundException("The plan reads outer columns outside a correlated join.");
        return [.. outer.Select(c => c.AsOuter(_correlated.Count))];
    }

    private ColumnSet[] ValueLists(JsonElement node)
    {
        var input = Children(node);
        ColumnSet[][] rows = [.. node.List("expressions").Select(row => Values(row.EnumerateArray(), input))];
        var width = node.List("expr_types").Count();
        return Register(node.Int("table_index"), [.. Enumerable.Range(0, width).Select(i => ColumnSet.Union(rows.Select(r => r[i])))]);
    }

    private static ColumnSet[] Constants(JsonElement node)
        => [.. Enumerable.Repeat(ColumnSet.Empty, Math.Max(node.List("chunk_types").Count(), node.List("return_types").Count()))];
}
