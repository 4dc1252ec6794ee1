using System.Text.Json;
using DataPlatform.Quality.Lineage;

namespace DataPlatform.Quality.DuckDb.Lineage;

/// <summary>Resolves the names of a parse tree, with whatever schemas are known.</summary>
internal sealed partial class TreeReader(LineageResult result, Func<string, TableDefinition?> findTable)
{
    /// <summary>The output columns of a query.</summary>
    public IReadOnlyList<TreeColumn> Read(JsonElement query) => Node(query.Object("node") ?? query, outer: null);

    private IReadOnlyList<TreeColumn> Node(JsonElement node, TreeScope? outer)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        var visible = outer;
        foreach (var entry in node.Object("cte_map")?.List("map") ?? [])
        {
            var name = entry.Text("key")!;
            visible = With(name, CommonTable(name, entry.GetProperty("value"), visible), visible);
        }

        var scope = new TreeScope(visible);
        return node.Text("type") switch
        {
            "SELECT_NODE" => Select(node, scope),
            "SET_OPERATION_NODE" => SetOperation(node, scope),
            "CTE_NODE" => Inner(node, scope),
            var other => throw new LineageNotFoundException($"The parse tree has a {other}, which is not known."),
        };
    }

    private IReadOnlyList<TreeColumn> Inner(JsonElement node, TreeScope scope)
    {
        var name = node.Text("cte_name")!;
        return Node(node.GetProperty("child"), With(name, () => Renamed(name, Node(node.GetProperty("query"), scope), node.List("aliases")), scope));
    }

    /// <summary>What sees a common table; the table itself sees only what was there before, so that it may bear the name of a table it reads.</summary>
    private static TreeScope With(string name, Func<IReadOnlyList<TreeColumn>> columns, TreeScope? before)
    {
        var scope = new TreeScope(before);
        var read = new Lazy<IReadOnlyList<TreeColumn>>(columns, LazyThreadSafetyMode.None);
        scope.Define(name, () => read.Value);
        return scope;
    }

    private Func<IReadOnlyList<TreeColumn>> CommonTable(string name, JsonElement definition, TreeScope? before)
    {
        var query = definition.GetProperty("query");
        var node = query.Object("node") ?? query;
        var aliases = definition.List("aliases");
        return node.Text("type") == "RECURSIVE_CTE_NODE"
            ? () => Recursion(name, node, aliases, before)
            : () => Renamed(name, Node(node, before), aliases);
    }

    private IReadOnlyList<TreeColumn> Recursion(string name, JsonElement node, IEnumerable<JsonElement> aliases, TreeScope? before)
    {
        var columns = Renamed(name, Node(node.GetProperty("left"), before), aliases);
        var scope = new TreeScope(before);
        while (true)
        {
            scope.Define(name, () => columns);
            var step = Node(node.GetProperty("right"), scope);
            IReadOnlyList<TreeColumn> next = [.. columns.Select((c, i) => i < step.Count ? c with { Sources = c.Sources.Union(step[i].Sources) } : c)];
            if (next.Zip(columns).All(p => p.First.Sources.SameAs(p.Second.Sources)))
            {
                return next;
            }

            columns = next;
        }
    }

    private static IReadOnlyList<TreeColumn> Renamed(string name, IReadOnlyList<TreeColumn> columns, IEnumerable<JsonElement> aliases)
        => new TreeRelation(name, columns).Rename([.. aliases.Select(a => a.GetString()!)]).Columns;

    private List<TreeColumn> Select(JsonElement node, TreeScope scope)
    {
        From(node.GetProperty("from_table"), scope);
        List<TreeColumn> output = [];
        foreach (var (item, index) in node.List("select_list").Select((item, index) => (item, index)))
        {
            output.AddRange(SelectItem(item, index, scope));
        }

        foreach (var clause in new[] { "where_clause", "having", "qualify" })
        {
            if (node.Object(clause) is { } condition)
            {
                result.Condition(Value(condition, scope), LineageUse.Filter);
            }
        }

        result.Condition(Values(node.List("group_expressions"), scope, output), LineageUse.GroupBy);
        Modifiers(node, scope, output);
        return output;
    }

    private IReadOnlyList<TreeColumn> SetOperation(JsonElement node, TreeScope scope)
    {
        var left = Node(node.GetProperty("left"), scope);
        var right = Node(node.GetProperty("right"), scope);
        var type = node.Text("setop_type");
        if (type == "EXCEPT")
        {
            result.Condition(ColumnSet.Union(right.Select(c => c.Sources)), LineageUse.Filter);
            return left;
        }

        if (type?.EndsWith("BY_NAME", StringComparison.Ordinal) == true)
        {
            var names = left.Concat(right).Select(c => c.Name).Distinct(StringComparer.OrdinalIgnoreCase);
            return [.. names.Select(n => new TreeColumn(n, ColumnSet.Union(left.Concat(right).Where(c => c.Name.Equals(n, StringComparison.OrdinalIgnoreCase)).Select(c => c.Sources))))];
        }

        return [.. left.Select((c, i) => i < right.Count ? c with { Sources = c.Sources.Union(right[i].Sources) } : c)];
    }

    private void Modifiers(JsonElement node, TreeScope scope, List<TreeColumn> output)
    {
        foreach (var modifier in node.List("modifiers"))
        {
            result.Condition(Values(modifier.List("orders").Select(o => o.GetProperty("expression")), scope, output, aliasesFirst: true), LineageUse.Sort);
            result.Condition(Values(modifier.List("distinct_on_targets"), scope, output), LineageUse.GroupBy);
            foreach (var limit in new[] { "limit", "offset" })
            {
                if (modifier.Object(limit) is { } expression)
                {
                    result.Condition(Value(expression, scope), LineageUse.Filter);
                }
            }
        }
    }

    /// <summary>Expressions of GROUP BY and ORDER BY, where a bare number is the place of an output column, and ALL are all of them.</summary>
    private ColumnSet Values(IEnumerable<JsonElement> expressions, TreeScope scope, List<TreeColumn> output, bool aliasesFirst = false)
    {
        return ColumnSet.Union(expressions.Select(One));

        ColumnSet One(JsonElement expression) => expression.Text("class") switch
        {
            "CONSTANT" when expression.Object("value") is { } value && value.Int("value", -1) is var place && place >= 1 && place <= output.Count
                => output[place - 1].Sources,
            "STAR" when expression.Flag("columns") && expression.Object("expr") is null => ColumnSet.Union(output.Select(c => c.Sources)),
            "COLUMN_REF" when aliasesFirst && expression.List("column_names").ToList() is [var only] && OutputOf(only.GetString()!) is { } named => named,
            _ => Value(expression, scope),
        };

        ColumnSet? OutputOf(string name)
            => output.Where(c => c.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(c => (ColumnSet?)c.Sources).FirstOrDefault();
    }
}
