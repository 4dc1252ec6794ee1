using System.Text.Json;
using DataPlatform.Quality.Lineage;
using DuckDB.NET.Data;

namespace DataPlatform.Quality.DuckDb.Lineage;

/// <summary>An empty database with the tables' definitions and no way out, in which statements can be bound. Not thread-safe.</summary>
internal sealed class ShadowCatalog : IDisposable
{
    private const int MemoryMiB = 1_024;
    private readonly DuckDBConnection _connection;
    private readonly Dictionary<string, TableDefinition> _tables = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, TableDefinition> _told = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _asAdded = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _scopes = new(StringComparer.OrdinalIgnoreCase) { "main", "memory", "temp" };
    private DuckDBCommand? _plan;
    private DuckDBCommand? _tree;

    public ShadowCatalog()
    {
        _connection = QualityConnection.Open(threads: 1, MemoryMiB);

        // A PIVOT over many values would otherwise become an operator that hides which column is which.
        QualityConnection.Execute(_connection, "SET pivot_filter_threshold = 1000000");
        QualityConnection.Seal(_connection);
    }

    /// <summary>Another number whenever what a statement may bind to has changed.</summary>
    public long State { get; private set; }

    public TableDefinition? Find(string name) => _tables.GetValueOrDefault(name);

    /// <summary>A table by name, also one of which only the columns' names are told.</summary>
    public TableDefinition? FindTold(string name) => Find(name) ?? _told.GetValueOrDefault(name);

    /// <summary>Notes the columns of a table that no statement can be bound to, because their types are not known.</summary>
    public void Tell(TableDefinition table)
    {
        _told[table.Name] = table;
        State++;
    }

    /// <summary>Adds or replaces a table.</summary>
    /// <exception cref="LineageNotFoundException">A type or name DuckDB does not know.</exception>
    public void Add(TableDefinition table)
    {
        if (_asAdded.Contains(table.Name) && _tables.TryGetValue(table.Name, out var known) && known.Columns.SequenceEqual(table.Columns))
        {
            return;
        }

        var columns = string.Join(", ", table.Columns.Select(c => $"{SqlText.Identifier(c.Name)} {c.Type}"));
        foreach (var parts in Spellings(table.Name))
        {
            MakeScopes(parts);
            Run($"CREATE OR REPLACE TABLE {string.Join('.', parts.Select(SqlText.Identifier))} ({columns})");
        }

        _tables[table.Name] = table;
        _asAdded.Add(table.Name);
    }

    /// <summary>Makes a table that was added by a statement of the author's own, which says more of it; where that is refused it stays as it was added.</summary>
    public void Replace(TableDefinition table, string ddl)
    {
        try
        {
            Execute($"DROP TABLE {SqlText.Relation(table.Name)}");
            Execute(ddl);
        }
        catch (LineageNotFoundException)
        {
            Add(table);
        }
    }

    public void Remove(string name)
    {
        _tables.Remove(name);
        _told.Remove(name);
        _asAdded.Remove(name);
        State++;
    }

    /// <summary>Runs DDL of a script, so that later statements see what it made.</summary>
    /// <exception cref="LineageNotFoundException">DuckDB refuses it.</exception>
    public void Execute(string sql)
    {
        // Any table may be another one now.
        _asAdded.Clear();
        Run(sql);
    }

    private void Run(string sql)
    {
        State++;
        try
        {
            QualityConnection.Execute(_connection, sql);
        }
        catch (DuckDBException e)
        {
            throw new LineageNotFoundException(DuckDbErrors.Reason(e), e);
        }
    }

    private DuckDBCommand Planning => _plan ??= Command("SELECT json_serialize_plan($1::VARCHAR, skip_null := true, skip_empty := true)");

    /// <summary>The bound plan of a statement. Nothing is executed.</summary>
    /// <exception cref="LineageNotFoundException">It does not bind.</exception>
    public JsonDocument Plan(string sql)
        => Serialize(Planning, sql);

    /// <summary>The bound plan with nothing left out, as DuckDB wants a tree it is to turn into text again.</summary>
    /// <exception cref="LineageNotFoundException">It does not bind.</exception>
    public JsonDocument FullPlan(string sql)
    {
        using var command = Command("SELECT json_serialize_plan($1::VARCHAR)");
        return Serialize(command, sql);
    }

    /// <summary>The parse tree of a query.</summary>
    /// <exception cref="LineageNotFoundException">It does not parse, or is no query.</exception>
    public JsonDocument Tree(string sql)
        => Serialize(_tree ??= Command("SELECT json_serialize_sql($1::VARCHAR, skip_null := true, skip_empty := true)"), sql);

    /// <summary>What the parser has against a statement; null when it takes it, whatever the binder says of it.</summary>
    public string? SyntaxError(string sql)
    {
        try
        {
            using var json = JsonDocument.Parse(Scalar(Planning, sql), PlanJson.Options);
            return IsSyntax(json.RootElement) ? Message(json.RootElement) : null;
        }
        catch (LineageNotFoundException)
        {
            // It came further than the parser.
            return null;
        }
    }

    /// <summary>The text of a parse tree.</summary>
    public string Text(string tree)
    {
        using var command = Command("SELECT json_deserialize_sql($1::JSON)");
        return Scalar(command, tree);
    }

    public void Dispose()
    {
        _plan?.Dispose();
        _tree?.Dispose();
        _connection.Dispose();
    }

    /// <summary>Dots separate catalog, schema and table, except in a file's path; what may be both is both.</summary>
    private static IEnumerable<string[]> Spellings(string name)
    {
        string[] parts = name.Split('.');
        if (parts.Length > 3 || name.AsSpan().IndexOfAny('/', '*', '\\') >= 0)
        {
            return [[name]];
        }

        return parts.Length > 1 && FileScanNames.IsFile(name) ? [parts, [name]] : [parts];
    }

    private void MakeScopes(string[] parts)
    {
        if (parts.Length == 3 && _scopes.Add(parts[0]))
        {
            Run($"ATTACH IF NOT EXISTS ':memory:' AS {SqlText.Identifier(parts[0])}");
        }

        if (parts.Length > 1 && _scopes.Add(string.Join('.', parts[..^1])))
        {
            Run($"CREATE SCHEMA IF NOT EXISTS {string.Join('.', parts[..^1].Select(SqlText.Identifier))}");
        }
    }

    private DuckDBCommand Command(string sql)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.Add(new DuckDBParameter(string.Empty));
        return command;
    }

    private static bool IsSyntax(JsonElement error) => error.Text("error_type") == "parser";

    /// <summary>DuckDB's message without its guesses at names, which are those of the shadow's own tables, and its advice to fetch extensions.</summary>
    private static string Message(JsonElement error)
    {
        var lines = (error.Text("error_message") ?? "DuckDB gives no reason.").Split('\n').TakeWhile(line => line.Trim().Length > 0);
        return string.Join(' ', lines.Where(line => !line.StartsWith("Did you mean", StringComparison.Ordinal)).Select(line => line.Trim()));
    }

    private static JsonDocument Serialize(DuckDBCommand command, string sql)
    {
        var json = JsonDocument.Parse(Scalar(command, sql), PlanJson.Options);
        if (!json.RootElement.GetProperty("error").GetBoolean())
        {
            return json;
        }

        using (json)
        {
            throw new LineageNotFoundException(Message(json.RootElement)) { IsSyntax = IsSyntax(json.RootElement) };
        }
    }

    private static string Scalar(DuckDBCommand command, string argument)
    {
        command.Parameters[0].Value = argument;
        try
        {
            return (string)command.ExecuteScalar()!;
        }
        catch (DuckDBException e)
        {
            throw new LineageNotFoundException(DuckDbErrors.Reason(e), e);
        }
    }
}
