using System.Text.Json;
using DataPlatform.Quality.Lineage;

namespace DataPlatform.Quality.DuckDb.Lineage;

/// <summary>FROM clauses.</summary>
internal sealed partial class TreeReader
{
    // Their rows come from nowhere else; another function without columns in its arguments may read a table that it does not name.
    private static readonly HashSet<string> Generators = new(StringComparer.OrdinalIgnoreCase) { "range", "generate_series", "unnest", "repeat", "repeat_row", "glob" };

    private void From(JsonElement from, TreeScope scope)
    {
        var aliases = from.List("column_name_alias").Select(a => a.GetString()!).ToList();
        switch (from.Text("type"))
        {
            case "EMPTY":
                break;
            case "BASE_TABLE":
                scope.Relations.Add(BaseTable(from, scope).Rename(aliases));
                break;
            case "SUBQUERY":
                var columns = Node(from.GetProperty("subquery").GetProperty("node"), scope);
                scope.Relations.Add(new TreeRelation(from.Text("alias") ?? string.Empty, columns).Rename(aliases));
                break;
            case "TABLE_FUNCTION":
                scope.Relations.Add(TableFunction(from, scope).Rename(aliases));
                break;
            case "EXPRESSION_LIST":
                scope.Relations.Add(ValueLists(from, scope).Rename(aliases));
                break;
            case "JOIN":
                Join(from, scope);
                break;
            case "PIVOT":
                scope.Relations.Add(Pivot(from, scope).Rename(aliases));
                break;
            default:
                throw new LineageNotFoundException($"The FROM clause has a {from.Text("type")}, which is not known.");
        }
    }

    private TreeRelation BaseTable(JsonElement from, TreeScope scope)
    {
        var (catalog, schema, table) = (from.Text("catalog_name"), from.Text("schema_name"), from.Text("table_name")!);
        var alias = from.Text("alias");
        if (string.IsNullOrEmpty(schema) && scope.CommonTable(table) is { } commonTable)
        {
            return new TreeRelation(alias ?? table, commonTable);
        }

        var name = TableNames.Of(catalog, schema, table);
        return Dataset(name) with { Alias = alias ?? table, FullName = alias is null ? name : null };
    }

    private TreeRelation Dataset(string name)
    {
        var known = findTable(name);
        var dataset = known?.Name ?? name;
        result.Inputs.Add(dataset);
        return new TreeRelation(dataset, known is null
            ? [new TreeColumn(TreeColumn.Star, ColumnSet.Of(new ColumnId(dataset, TreeColumn.Star)))]
            : [.. known.Columns.Select(c => new TreeColumn(c.Name, ColumnSet.Of(new ColumnId(dataset, c.Name))))]);
    }

    private TreeRelation TableFunction(JsonElement from, TreeScope scope)
    {
        var function = from.GetProperty("function");
        var name = function.Text("function_name") ?? string.Empty;
        var alias = from.Text("alias") ?? name;
        if (FileScanNames.IsScan(name))
        {
            var paths = Strings(function.List("children").FirstOrDefault()).ToList();
            return new TreeRelation(
                alias,
                [.. paths.SelectMany(p => Dataset(p).Columns).GroupBy(c => c.Name, StringComparer.OrdinalIgnoreCase).Select(g => new TreeColumn(g.Key, ColumnSet.Union(g.Select(c => c.Sources))))]);
        }

        // A function of rows in scope: its one column goes by the alias. That one comes from the arguments, and so do others it may have.
        var arguments = Value(function, scope);
        return new TreeRelation(alias, [new TreeColumn(from.Text("alias") ?? name, arguments)]) { Others = arguments.IsEmpty && !Generators.Contains(name) ? null : arguments };
    }

    private TreeRelation ValueLists(JsonElement from, TreeScope scope)
    {
        ColumnSet[][] rows = [.. from.List("values").Select(row => row.EnumerateArray().Select(v => Value(v, scope)).ToArray())];
        var width = rows.Length == 0 ? 0 : rows[0].Length;
        return new TreeRelation(
            from.Text("alias") ?? string.Empty,
            [.. Enumerable.Range(0, width).Select(i => new TreeColumn($"col{i}", ColumnSet.Union(rows.Select(r => r[i]))))]);
    }

    private void Join(JsonElement from, TreeScope scope)
    {
        var start = scope.Relations.Count;
        From(from.GetProperty("left"), scope);
        var middle = scope.Relations.Count;
        From(from.GetProperty("right"), scope);
        List<TreeRelation> left = [.. scope.Relations.Skip(start).Take(middle - start)];
        List<TreeRelation> right = [.. scope.Relations.Skip(middle)];
        var type = from.Text("join_type");
        var names = from.Text("ref_type") == "NATURAL"
            ? left.SelectMany(r => r.Columns).Where(c => !c.IsStar && right.Any(r => r.Find(c.Name) is not null)).Select(c => c.Name).ToList()
            : from.List("using_columns").Select(c => c.GetString()!).ToList();
        foreach (var name in names)
        {
            var (leftKey, rightKey) = (KeyOf(left, name, scope), KeyOf(right, name, null));
            result.Condition(leftKey.Union(rightKey), LineageUse.Join);
            scope.Merge(name, type switch { "RIGHT" => rightKey, "OUTER" or "FULL" => leftKey.Union(rightKey), _ => leftKey });
        }

        if (from.Object("condition") is { } condition)
        {
            result.Condition(Value(condition, scope), LineageUse.Join);
        }

        if (type is "SEMI" or "ANTI")
        {
            scope.Relations.RemoveRange(middle, scope.Relations.Count - middle);
        }
    }

    private static ColumnSet KeyOf(List<TreeRelation> relations, string name, TreeScope? merged)
        => merged is not null && merged.Merged.TryGetValue(name, out var earlier)
            ? earlier
            : (relations.Select(r => r.Find(name)).FirstOrDefault(c => c is not null) ?? relations.Select(r => r.FindOpen(name)).FirstOrDefault(c => c is not null))?.Sources
                ?? ColumnSet.Empty;

    private TreeRelation Pivot(JsonElement from, TreeScope scope)
    {
        var inner = new TreeScope(scope);
        From(from.GetProperty("source"), inner);
        var source = inner.Relations.SelectMany(r => r.Columns).ToList();
        return new TreeRelation(from.Text("alias") ?? string.Empty, from.List("aggregates").Any() ? Pivoted(from, inner, source) : Unpivoted(from, inner, source));
    }

    private List<TreeColumn> Pivoted(JsonElement from, TreeScope scope, List<TreeColumn> source)
    {
        JsonElement[] aggregates = [.. from.List("aggregates")];
        JsonElement[] pivots = [.. from.List("pivots")];
        var on = ColumnSet.Union(pivots.SelectMany(p => p.List("pivot_expressions")).Select(e => Value(e, scope)));
        var used = pivots.SelectMany(p => p.List("pivot_expressions")).Concat(aggregates).SelectMany(NamesIn).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var groups = from.List("groups").Select(g => g.GetString()!).ToList();
        List<TreeColumn> output = groups.Count > 0
            ? [.. groups.Select(g => new TreeColumn(g, scope.Resolve(g)))]
            : [.. source.Where(c => !used.Contains(c.Name))];
        var labels = pivots.Select(p => p.List("entries").Select(EntryLabel)).Aggregate(
            (IEnumerable<string>)[string.Empty], (all, next) => all.SelectMany(_ => next, (a, b) => a.Length == 0 ? b : $"{a}_{b}"));
        foreach (var label in labels)
        {
            output.AddRange(aggregates.Select((a, i) => new TreeColumn(aggregates.Length == 1 ? label : $"{label}_{a.Text("alias") ?? NameOf(a, i)}", on.Union(Value(a, scope)))));
        }

        return output;
    }

    private List<TreeColumn> Unpivoted(JsonElement from, TreeScope scope, List<TreeColumn> source)
    {
        var pivot = from.List("pivots").First();
        List<TreeColumn>[] entries = [.. pivot.List("entries").SelectMany(e => Entries(e, scope))];
        var melted = entries.SelectMany(e => e).Select(c => c.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return
        [
            .. source.Where(c => !melted.Contains(c.Name)),
            .. pivot.List("unpivot_names").Select(n => new TreeColumn(n.GetString()!, ColumnSet.Empty)),
            .. from.List("unpivot_names").Select((n, i) => new TreeColumn(n.GetString()!, ColumnSet.Union(entries.Where(e => i < e.Count).Select(e => e[i].Sources)))),
        ];
    }

    /// <summary>The columns that become one row of an UNPIVOT: those an entry lists together, or each of those that a star chooses.</summary>
    private IEnumerable<List<TreeColumn>> Entries(JsonElement entry, TreeScope scope)
        => entry.Object("star_expr") is { } star
            ? Star(star, scope).Select(c => new List<TreeColumn> { c })
            : [[.. entry.List("values").Select(v => v.Text("value") ?? string.Empty).Select(name => new TreeColumn(name, scope.Resolve(name)))]];

    private static IEnumerable<string> NamesIn(JsonElement expression) => expression.ValueKind switch
    {
        JsonValueKind.Object when expression.Text("class") == "COLUMN_REF" => [expression.List("column_names").Last().GetString()!],
        JsonValueKind.Object => expression.EnumerateObject().SelectMany(p => NamesIn(p.Value)),
        JsonValueKind.Array => expression.EnumerateArray().SelectMany(NamesIn),
        _ => [],
    };

    private static string EntryLabel(JsonElement entry)
        => entry.Text("alias") ?? string.Join('_', entry.List("values").Select(v => v.TryGetProperty("value", out var value) ? value.ToString() : string.Empty));

    private static IEnumerable<string> Strings(JsonElement expression) => expression.ValueKind switch
    {
        JsonValueKind.Object when expression.Text("class") == "CONSTANT" => expression.Object("value")?.Text("value") is { } text ? [text] : [],
        JsonValueKind.Object => expression.List("children").SelectMany(Strings),
        _ => [],
    };
}
