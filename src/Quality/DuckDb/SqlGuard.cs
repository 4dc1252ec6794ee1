using System.Buffers;
using System.Text.Json;
using DataPlatform.Quality.Metrics;
using DuckDB.NET.Data;

namespace DataPlatform.Quality.DuckDb;

/// <summary>Lets through only SQL of authors that reads known relations, and nothing else, by looking at DuckDB's own parse of it.</summary>
/// <remarks>
/// DuckDB serializes a parse tree for SELECT alone, so every writing statement is refused by its parser. What a SELECT could still do
/// (scan files, call table functions that open things, move a sequence) is refused here. Not thread-safe.
/// </remarks>
internal sealed class SqlGuard(DuckDBConnection connection)
{
    private const int TreeDepthMax = 4_096;
    private const int PassedMax = 10_000;
    private const string KnownRelations = "SELECT table_name FROM duckdb_tables() UNION ALL SELECT view_name FROM duckdb_views()";

    private static readonly HashSet<string> TableFunctions = new(StringComparer.OrdinalIgnoreCase)
    {
        "range", "generate_series", "unnest", "repeat", "repeat_row", "json_each", "json_tree",
    };

    private static readonly HashSet<string> ForbiddenFunctions = new(StringComparer.OrdinalIgnoreCase)
    {
        "nextval", "currval", "getenv", "write_log", "sleep_ms", "query", "query_table",
    };

    private static readonly SearchValues<char> FileCharacters = SearchValues.Create("/\\:*?.");

    private HashSet<string>? _consistent;
    private readonly HashSet<string> _passed = new(StringComparer.Ordinal);

    /// <summary>Checks one expression over a row.</summary>
    /// <exception cref="MetricException">It is no single expression, or reaches further than it may.</exception>
    public void CheckExpression(string expression)
    {
        var sql = $"SELECT {SqlText.Closed(expression)}";
        if (!_passed.Contains(sql))
        {
            using var tree = Parse(sql, expression);
            var node = Statement(tree, expression).GetProperty("node");

            // "x) FROM secrets WHERE (y" parses too; it is told from an expression by what else there is in the statement.
            if (node.GetProperty("type").GetString() != "SELECT_NODE"
                || node.GetProperty("select_list").GetArrayLength() != 1
                || node.GetProperty("from_table").GetProperty("type").GetString() != "EMPTY"
                || node.GetProperty("where_clause").ValueKind != JsonValueKind.Null
                || node.GetProperty("modifiers").GetArrayLength() != 0)
            {
                throw new MetricException($"'{SqlText.Shown(expression)}' is not one expression over a row.");
            }

            Walk(node, expression);
            Remember(sql);
        }
    }

    /// <summary>Checks one SELECT.</summary>
    /// <exception cref="MetricException">It is no single SELECT, or reaches further than it may.</exception>
    public void CheckSelect(string sql)
    {
        if (!_passed.Contains(sql))
        {
            using var tree = Parse(sql, sql);
            Walk(Statement(tree, sql).GetProperty("node"), sql);
            Remember(sql);
        }
    }

    /// <summary>
    /// Whether an expression depends on its row alone, by the catalog's own word on each function it calls: one that is not known to give the same
    /// for the same arguments, a macro among them, may look at a clock or at chance.
    /// </summary>
    public bool IsRowLocal(string expression)
    {
        CheckExpression(expression);
        using var tree = Parse($"SELECT {SqlText.Closed(expression)}", expression);
        var nodes = Objects(Statement(tree, expression).GetProperty("node")).ToList();
        return !nodes.Exists(n => Property(n, "class") is "SUBQUERY" or "WINDOW")
            && nodes.Select(n => Property(n, "function_name")).OfType<string>().All(Consistent().Contains);
    }

    private HashSet<string> Consistent()
    {
        if (_consistent is null)
        {
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT function_name FROM duckdb_functions() GROUP BY 1 HAVING bool_and(coalesce(stability = 'CONSISTENT', false))";
            using var reader = command.ExecuteReader();
            _consistent = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            while (reader.Read())
            {
                _consistent.Add(reader.GetString(0));
            }
        }

        return _consistent;
    }

    private void Remember(string sql)
    {
        // Suites change, and texts with today's date in them do every day: beyond this many it is better to look again than to grow.
        if (_passed.Count >= PassedMax)
        {
            _passed.Clear();
        }

        _passed.Add(sql);
    }

    private static JsonElement Statement(JsonDocument tree, string author)
    {
        var root = tree.RootElement;
        if (root.GetProperty("error").GetBoolean())
        {
            var reason = root.GetProperty("error_message").GetString();
            throw new MetricException(root.GetProperty("error_type").GetString() == "not implemented"
                ? $"'{SqlText.Shown(author)}' is no SELECT; rules only read."
                : $"'{SqlText.Shown(author)}' does not parse: {reason}");
        }

        var statements = root.GetProperty("statements");
        return statements.GetArrayLength() == 1
            ? statements[0]
            : throw new MetricException($"'{SqlText.Shown(author)}' has {statements.GetArrayLength()} statements; a rule has one.");
    }

    private JsonDocument Parse(string sql, string author)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT json_serialize_sql($1::VARCHAR)";
        command.Parameters.Add(new DuckDBParameter(sql));
        try
        {
            return JsonDocument.Parse((string)command.ExecuteScalar()!, new JsonDocumentOptions { MaxDepth = TreeDepthMax });
        }
        catch (DuckDBException e)
        {
            throw new MetricException($"'{SqlText.Shown(author)}' does not parse: {DuckDbErrors.Reason(e)}", e);
        }
    }

    private void Walk(JsonElement tree, string author)
    {
        var names = CommonTableNames(tree).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var node in Objects(tree))
        {
            var type = Property(node, "type");
            if (type == "BASE_TABLE")
            {
                CheckTable(Property(node, "table_name")!, names, author);
            }
            else if (type == "TABLE_FUNCTION" && node.TryGetProperty("function", out var function))
            {
                var name = Property(function, "function_name") ?? Property(function, "type")!;
                if (!TableFunctions.Contains(name))
                {
                    throw new MetricException($"'{SqlText.Shown(author)}' calls {name}(); a rule reads the relations it is given and nothing else.");
                }
            }
            else if (Property(node, "class") == "PARAMETER")
            {
                throw new MetricException($"'{SqlText.Shown(author)}' has a parameter, for which a rule has no value; write the value itself.");
            }
            else if (type == "SHOW_REF" || (type == "FUNCTION" && ForbiddenFunctions.Contains(Property(node, "function_name") ?? "")))
            {
                throw new MetricException($"'{SqlText.Shown(author)}' uses {Property(node, "function_name") ?? "a SHOW statement"}, which a rule must not.");
            }
        }
    }

    private void CheckTable(string name, HashSet<string> commonTables, string author)
    {
        // A name that only a file can have is never taken for a common table, whoever declares one of that name.
        var fileLike = name.AsSpan().ContainsAny(FileCharacters);
        if (!fileLike && commonTables.Contains(name))
        {
            return;
        }

        var known = Relations();
        if (!known.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            throw new MetricException($"'{SqlText.Shown(author)}' reads '{name}', which is no relation here; there are {string.Join(", ", known.Take(20))}.");
        }
    }

    private List<string> Relations()
    {
        using var command = connection.CreateCommand();
        command.CommandText = KnownRelations;
        using var reader = command.ExecuteReader();
        List<string> names = [];
        while (reader.Read())
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }

    private static IEnumerable<string> CommonTableNames(JsonElement tree)
        => Objects(tree)
            .Where(o => o.TryGetProperty("cte_map", out _))
            .SelectMany(o => o.GetProperty("cte_map").GetProperty("map").EnumerateArray())
            .Select(entry => entry.GetProperty("key").GetString()!);

    private static IEnumerable<JsonElement> Objects(JsonElement root)
    {
        var open = new Stack<JsonElement>([root]);
        while (open.TryPop(out var next))
        {
            if (next.ValueKind == JsonValueKind.Object)
            {
                yield return next;
                foreach (var property in next.EnumerateObject())
                {
                    open.Push(property.Value);
                }
            }
            else if (next.ValueKind == JsonValueKind.Array)
            {
                foreach (var item in next.EnumerateArray())
                {
                    open.Push(item);
                }
            }
        }
    }

    private static string? Property(JsonElement node, string name)
        => node.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
