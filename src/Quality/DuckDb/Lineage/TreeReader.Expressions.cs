using System.Text.Json;
using System.Text.RegularExpressions;
using DataPlatform.Quality.Lineage;

namespace DataPlatform.Quality.DuckDb.Lineage;

/// <summary>Select lists and expressions.</summary>
internal sealed partial class TreeReader
{
    private static readonly TimeSpan PatternTimeout = TimeSpan.FromSeconds(1);
    private static readonly HashSet<string> SystemSchemas = new(StringComparer.OrdinalIgnoreCase) { "system", "pg_catalog", "information_schema" };

    // Written without parentheses they look like columns, and are columns where a table has one of the name.
    private static readonly HashSet<string> ValueFunctions = new(StringComparer.OrdinalIgnoreCase)
    {
        "current_catalog", "current_date", "current_role", "current_schema", "current_time", "current_timestamp", "current_user",
        "localtime", "localtimestamp", "session_user", "user", "rowid",
    };

    private readonly Stack<HashSet<string>> _lambdaParameters = new();

    private IEnumerable<TreeColumn> SelectItem(JsonElement item, int index, TreeScope scope)
    {
        var alias = item.Text("alias");
        if (NestedStar(item) is { } star)
        {
            // max(COLUMNS(*)): the expression once per column.
            return Star(star, scope).Select(c => c with { Name = NameOf(c.Name, star, alias) });
        }

        var name = alias is { Length: > 0 } ? alias : NameOf(item, index);
        var sources = Value(item, scope).Through(item.Text("class") == "COLUMN_REF" ? LineageFlow.Identity : LineageFlow.Transformation);
        scope.Alias(name, sources);
        return [new TreeColumn(name, sources)];
    }

    private List<TreeColumn> Star(JsonElement star, TreeScope scope)
    {
        var relation = star.Text("relation_name");
        var columns = string.IsNullOrEmpty(relation) ? AllColumns(scope) : ColumnsOf(relation, scope);
        if (star.Object("expr") is { } pattern && Strings(pattern).FirstOrDefault() is { } expression)
        {
            columns = [.. columns.Where(c => c.IsStar || Regex.IsMatch(c.Name, expression, RegexOptions.None, PatternTimeout))];
        }

        var excluded = star.List("exclude_list").Select(e => e.ValueKind == JsonValueKind.String ? e.GetString()! : e.Text("column") ?? string.Empty)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        columns.RemoveAll(c => excluded.Contains(c.Name));
        foreach (var replace in star.List("replace_list"))
        {
            Put(columns, replace.Text("key")!, replace.Text("key")!, Value(replace.GetProperty("value"), scope));
        }

        foreach (var rename in star.List("rename_list"))
        {
            var old = rename.Object("key")?.Text("column") ?? string.Empty;
            Put(columns, old, rename.Text("value")!, scope.Resolve(old));
        }

        return columns;
    }

    /// <summary>The columns of a table; where no table goes by the name, the fields of a column, which are not known.</summary>
    private static List<TreeColumn> ColumnsOf(string relation, TreeScope scope)
    {
        var relations = scope.Relations.Where(r => r.GoesBy(relation)).ToList();
        return relations.Count > 0 ? [.. relations.SelectMany(r => r.Columns)] : [new TreeColumn(TreeColumn.Star, scope.Resolve(relation))];
    }

    /// <summary>The name of a column that COLUMNS chose, under an alias that may quote groups of its pattern.</summary>
    private static string NameOf(string column, JsonElement star, string? alias)
    {
        if (string.IsNullOrEmpty(alias))
        {
            return column;
        }

        var pattern = star.Object("expr") is { } expression ? Strings(expression).FirstOrDefault() : null;
        return pattern is null || Regex.Match(column, pattern, RegexOptions.None, PatternTimeout) is not { Success: true } match
            ? alias
            : Regex.Replace(alias, @"\\(\d)", group => match.Groups[group.Groups[1].Value].Value, RegexOptions.None, PatternTimeout);
    }

    private static void Put(List<TreeColumn> columns, string old, string name, ColumnSet sources)
    {
        var at = columns.FindIndex(c => c.Name.Equals(old, StringComparison.OrdinalIgnoreCase));
        if (at < 0)
        {
            columns.Add(new TreeColumn(name, sources));
        }
        else
        {
            columns[at] = new TreeColumn(name, sources);
        }
    }

    private static List<TreeColumn> AllColumns(TreeScope scope)
    {
        List<TreeColumn> columns = [];
        HashSet<string> shown = new(StringComparer.OrdinalIgnoreCase);
        foreach (var column in scope.Relations.SelectMany(r => r.Columns))
        {
            if (!scope.Merged.TryGetValue(column.Name, out var merged))
            {
                columns.Add(column);
            }
            else if (shown.Add(column.Name))
            {
                columns.Add(column with { Sources = merged });
            }
        }

        return columns;
    }

    private ColumnSet Value(JsonElement expression, TreeScope scope)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        if (expression.ValueKind == JsonValueKind.Array)
        {
            return ColumnSet.Union(expression.EnumerateArray().Select(e => Value(e, scope)));
        }

        if (expression.ValueKind != JsonValueKind.Object)
        {
            return ColumnSet.Empty;
        }

        return expression.Text("class") switch
        {
            "COLUMN_REF" => Reference([.. expression.List("column_names").Select(n => n.GetString()!)], scope),
            "CONSTANT" or "PARAMETER" or "DEFAULT" => ColumnSet.Empty,
            "POSITIONAL_REFERENCE" => scope.Relations.SelectMany(r => r.Columns).ElementAtOrDefault(expression.Int("index") - 1).Sources,
            "STAR" => ColumnSet.Union(Star(expression, scope).Select(c => c.Sources)),
            "OPERATOR" when expression.Text("type") == "GROUPING_FUNCTION" => ColumnSet.Empty,
            "SUBQUERY" => Subquery(expression, scope),
            "LAMBDA" => Lambda(expression, scope),
            "FUNCTION" when Receiver(expression) is { } receiver => Reference(receiver, scope).Union(Parts(expression, scope)),
            _ => Parts(expression, scope),
        };
    }

    private ColumnSet Parts(JsonElement expression, TreeScope scope)
        => ColumnSet.Union(expression.EnumerateObject().Where(p => p.Name is not ("cast_type" or "value")).Select(p => Value(p.Value, scope)));

    /// <summary><c>name.upper()</c> and <c>t.name.upper()</c> are parsed as functions of a schema or catalog of that name; null for a function's own schema.</summary>
    private static string[]? Receiver(JsonElement function)
    {
        var (catalog, schema) = (function.Text("catalog"), function.Text("schema"));
        if (string.IsNullOrEmpty(schema) || TableNames.IsDefault(schema) || SystemSchemas.Contains(schema))
        {
            return null;
        }

        return string.IsNullOrEmpty(catalog) ? [schema] : [catalog, schema];
    }

    private ColumnSet Reference(string[] names, TreeScope scope)
    {
        if (_lambdaParameters.Any(p => p.Contains(names[0])))
        {
            return ColumnSet.Empty;
        }

        if (names is [var only] && ValueFunctions.Contains(only) && !scope.Knows(only))
        {
            return ColumnSet.Empty;
        }

        // The longest qualifier that is a table wins; what follows the column is a field of it.
        for (var parts = Math.Min(names.Length - 1, 3); parts >= 1; parts--)
        {
            if (scope.Resolve(TableNames.Of(parts > 2 ? names[0] : null, parts > 1 ? names[parts - 2] : null, names[parts - 1]), names[parts]) is { } qualified)
            {
                return qualified;
            }
        }

        return scope.Resolve(names[0]);
    }

    private ColumnSet Subquery(JsonElement expression, TreeScope scope)
    {
        var columns = Node(expression.GetProperty("subquery").GetProperty("node"), scope);
        var values = expression.Text("subquery_type") is "EXISTS" or "NOT_EXISTS" ? ColumnSet.Empty : ColumnSet.Union(columns.Select(c => c.Sources));
        return expression.TryGetProperty("child", out var child) ? values.Union(Value(child, scope)) : values;
    }

    private ColumnSet Lambda(JsonElement expression, TreeScope scope)
    {
        var (left, body) = (expression.GetProperty("lhs"), expression.GetProperty("expr"));
        if (body.Text("class") == "CONSTANT")
        {
            // doc -> 'path' is written like a lambda whose body is a constant.
            return Value(left, scope);
        }

        var parameters = left.Text("class") == "COLUMN_REF" ? [left] : left.List("children").ToArray();
        _lambdaParameters.Push([.. parameters.SelectMany(p => p.List("column_names")).Select(n => n.GetString()!)]);
        var captured = Value(body, scope);
        _lambdaParameters.Pop();
        return captured;
    }

    private static JsonElement? NestedStar(JsonElement expression)
    {
        if (expression.ValueKind == JsonValueKind.Array)
        {
            return expression.EnumerateArray().Select(NestedStar).FirstOrDefault(s => s is not null);
        }

        if (expression.ValueKind != JsonValueKind.Object || expression.Text("class") == "SUBQUERY")
        {
            return null;
        }

        if (expression.Text("type") == "OPERATOR_UNPACK")
        {
            // coalesce(*COLUMNS(*)): all columns in one expression.
            return null;
        }

        return expression.Text("class") == "STAR"
            ? expression
            : expression.EnumerateObject().Select(p => NestedStar(p.Value)).FirstOrDefault(s => s is not null);
    }

    /// <summary>The name DuckDB gives an expression without an alias, for the simple ones; a number otherwise.</summary>
    private static string NameOf(JsonElement expression, int index) => expression.Text("class") switch
    {
        "COLUMN_REF" => expression.List("column_names").Last().GetString()!,
        "CAST" => NameOf(expression.GetProperty("child"), index),
        "FUNCTION" when expression.Text("function_name") == "count_star" => "count_star()",
        "FUNCTION" when !expression.Flag("is_operator") => $"{expression.Text("function_name")}({string.Join(", ", expression.List("children").Select(c => NameOf(c, index)))})",
        "CONSTANT" when expression.Object("value") is { } value && value.TryGetProperty("value", out var text)
            => text.ValueKind == JsonValueKind.String ? $"'{text}'" : text.ToString(),
        _ => FormattableString.Invariant($"col{index}"),
    };
}
