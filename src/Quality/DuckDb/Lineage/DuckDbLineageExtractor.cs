using System.Text.Json;
using DataPlatform.Quality.Lineage;

namespace DataPlatform.Quality.DuckDb.Lineage;

/// <summary>Finds column lineage in DuckDB SQL: from the bound plan where it binds, else from the parse tree, else by tables alone.</summary>
/// <remarks>
/// Not thread-safe. Statements are bound one by one against an empty shadow catalog of the tables added here; nothing is executed over data
/// and no file is opened. A statement is told by one tier as a whole: a partly bound one is not mixed with guesses.
/// </remarks>
public sealed class DuckDbLineageExtractor : ILineageExtractor, IDisposable
{
    private const double OpenPivotConfidence = 0.9;
    private const double ParseTreeConfidence = 0.8;
    private const double GuessedConfidence = 0.6;
    private const double TableLevelConfidence = 0.4;
    private const string ResultTable = "lineage_result";
    private static readonly string[] Definitions = ["create", "drop", "alter", "use", "attach", "comment"];
    private readonly ShadowCatalog _catalog = new();
    private readonly LineageCache _cache;

    /// <summary>Makes an extractor that knows no table.</summary>
    /// <param name="statementsMax">Statements whose lineage is remembered, at least 1: one that was asked about before is not bound again.</param>
    public DuckDbLineageExtractor(int statementsMax = 4_096)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(statementsMax, 1);
        _cache = new LineageCache(statementsMax);
    }

    /// <summary>Makes a table known.</summary>
    /// <param name="table">The table; one of that name is replaced, and nothing happens when it is the same.</param>
    /// <exception cref="QualityException">DuckDB knows no such type, or the name cannot be one.</exception>
    public void AddTable(TableDefinition table)
    {
        ArgumentNullException.ThrowIfNull(table);
        _catalog.Add(table);
    }

    /// <summary>Runs statements that lineage needs and that move no rows: macros, types, sequences. A view is known as a table is.</summary>
    /// <param name="sql">The statements.</param>
    /// <exception cref="QualityException">DuckDB refuses them.</exception>
    public void Prepare(string sql)
    {
        ArgumentNullException.ThrowIfNull(sql);
        foreach (var statement in SqlScanner.Statements(sql))
        {
            var head = StatementHead.Read(statement);
            if (head.Kind == StatementKind.CreateAs)
            {
                Bound(statement, head);
            }
            else
            {
                _catalog.Execute(statement);
            }
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<StatementLineage> Extract(string sql)
    {
        ArgumentNullException.ThrowIfNull(sql);
        return [.. SqlScanner.Statements(sql).Select(Statement).OfType<StatementLineage>()];
    }

    /// <inheritdoc/>
    public IReadOnlyList<StatementLineage> Extract(string sql, IReadOnlyList<TableDefinition> tables)
    {
        ArgumentNullException.ThrowIfNull(tables);
        var before = tables.Select(table => _catalog.Find(table.Name)).OfType<TableDefinition>().ToList();
        foreach (var table in tables)
        {
            TryAdd(table);
        }

        try
        {
            return Extract(sql);
        }
        finally
        {
            // Those that are the same as before cost nothing.
            before.ForEach(TryAdd);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _catalog.Dispose();

    private void TryAdd(TableDefinition table)
    {
        try
        {
            _catalog.Add(table);
        }
        catch (LineageNotFoundException)
        {
            // A type that DuckDB does not know: the statement is then told from its text, which needs none.
        }
    }

    private StatementLineage? Statement(string sql)
    {
        var head = StatementHead.Read(sql);
        if (head.Kind is StatementKind.Other or StatementKind.CreateAs)
        {
            // They change what later statements see, and are read each time.
            return Read(sql, head);
        }

        var key = LineageCache.KeyOf(sql);
        if (_cache.Find(key, _catalog.State) is { } known)
        {
            return known with { Sql = sql };
        }

        var found = Read(sql, head);
        if (found is not null)
        {
            _cache.Put(key, found);
        }

        return found;
    }

    private StatementLineage? Read(string sql, StatementHead head)
    {
        string? problem = null;
        foreach (var read in new Func<string, StatementHead, StatementLineage?>[] { BoundAnyhow, Parsed })
        {
            try
            {
                SqlLimits.Check(sql);
                var found = read(sql, head);
                return found is null ? Unparsed(sql, head) : found with { Problem = problem ?? found.Problem };
            }
            catch (LineageNotFoundException e)
            {
                problem ??= e.Message;
                if (e.IsSyntax && Unparsed(sql, head) is { } refused)
                {
                    return refused;
                }
            }
            catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException)
            {
                // A property that is not there, or is of another kind: DuckDB promises nobody the shape of its plans and trees.
                problem ??= $"The plan has a shape that is not known: {e.Message}";
            }
            catch (InsufficientExecutionStackException)
            {
                problem ??= "The statement nests too deep for its plan to be walked.";
            }
        }

        return Unparsed(sql, head) ?? (head.Kind == StatementKind.Other ? null : TableLevel.Read(sql, head, TableLevelConfidence, problem));
    }

    /// <summary>A statement that the parser refuses, by the tables that its text names; null for one that it takes, or is not asked about.</summary>
    private StatementLineage? Unparsed(string sql, StatementHead head)
    {
        try
        {
            SqlLimits.Check(sql);
        }
        catch (LineageNotFoundException)
        {
            return null;
        }

        if (_catalog.SyntaxError(sql) is not { } error)
        {
            return null;
        }

        var told = head.Kind == StatementKind.Other
            ? new StatementLineage { Sql = sql, Tier = LineageTier.TableLevel, Confidence = TableLevelConfidence, Problem = error }
            : TableLevel.Read(sql, head, TableLevelConfidence, error);
        return told with { Parses = false };
    }

    private StatementLineage? BoundAnyhow(string sql, StatementHead head)
    {
        try
        {
            return Bound(sql, head);
        }
        catch (LineageNotFoundException) when (BoundWithLiterals(sql) is { } found)
        {
            return found;
        }
    }

    private StatementLineage? BoundWithLiterals(string sql)
    {
        foreach (var text in SqlParameters.Substitutes(sql))
        {
            try
            {
                return Bound(text, StatementHead.Read(text)) is { } found ? found with { Sql = sql } : null;
            }
            catch (LineageNotFoundException)
            {
                // The next literal has another type.
            }
        }

        return null;
    }

    private StatementLineage? Bound(string sql, StatementHead head)
    {
        sql = FileScanNames.Rewrite(sql, name => _catalog.Find(name) is not null);
        if (head.Kind != StatementKind.Other && OpenPivots.Close(sql) is { } closed)
        {
            return WithOpenPivot(sql, Bound(closed, StatementHead.Read(closed)));
        }

        if (head.Kind == StatementKind.Other)
        {
            Apply(sql, head);
            return null;
        }

        return head.Kind switch
        {
            StatementKind.Query => BoundQuery(sql, ColumnId.Result, []),

            // Binding a COPY opens the file; its query alone says the same.
            StatementKind.CopyTo => BoundQuery(head.Body, head.Target!, []) with { Sql = sql },
            _ => BoundWrite(sql, head),
        };
    }

    /// <summary>A statement with pivots whose columns only data knows: the columns made of any value become one, named <c>*</c>.</summary>
    private static StatementLineage? WithOpenPivot(string sql, StatementLineage? closed) => closed is null ? null : closed with
    {
        Sql = sql,
        Columns = [.. closed.Columns.GroupBy(c => NameOfPivoted(c.Target)).Select(g => new ColumnLineage(
            g.Key, [.. g.SelectMany(c => c.Sources).Distinct().Order()], g.Aggregate(LineageFlow.Identity, (flow, c) => flow | c.Flow)))],
        Confidence = Math.Min(closed.Confidence, OpenPivotConfidence),
        Problem = "PIVOT without IN makes its columns of the values it finds: they are told together as '*'.",
    };

    private static ColumnId NameOfPivoted(ColumnId column)
        => column.Column.Contains(OpenPivots.AnyValue, StringComparison.Ordinal) ? column with { Column = ColumnId.Star } : column;

    /// <summary>A query is bound as CREATE TABLE AS: only there does the plan say the output columns' final names.</summary>
    private StatementLineage BoundQuery(string sql, string target, IReadOnlyList<string> names)
    {
        using var plan = _catalog.Plan($"CREATE TABLE {ResultTable} AS {sql}");
        var root = plan.RootElement.GetProperty("plans")[0];
        var result = new LineageResult();
        new PlanReader(result).Read(root);
        return Retarget(result.ToStatement(sql, LineageTier.BoundPlan, 1, null), target, names);
    }

    private static StatementLineage Retarget(StatementLineage found, string target, IReadOnlyList<string> names) => found with
    {
        Output = target == ColumnId.Result ? null : target,
        Columns = [.. found.Columns.Select((c, i) => c with { Target = new ColumnId(target, i < names.Count ? names[i] : c.Target.Column) })],
    };

    private StatementLineage BoundWrite(string sql, StatementHead head)
    {
        using var plan = _catalog.Plan(sql);
        var root = plan.RootElement.GetProperty("plans")[0];
        var result = new LineageResult();
        var reader = new PlanReader(result) { InsertColumns = head.Columns.Count == 0 ? null : head.Columns };
        reader.Read(root);
        if (reader.IsView)
        {
            return BoundView(sql);
        }

        var found = result.ToStatement(sql, LineageTier.BoundPlan, 1, null);
        if (root.Text("type") == "LOGICAL_CREATE_TABLE")
        {
            Define(root.GetProperty("info"));
        }

        return found;
    }

    private StatementLineage BoundView(string sql)
    {
        using var plan = _catalog.FullPlan(sql);
        var view = plan.RootElement.GetProperty("plans")[0].GetProperty("info");
        var query = _catalog.Text($"{{\"error\":false,\"statements\":[{view.GetProperty("query").GetRawText()}]}}");
        var given = view.List("aliases").Select(a => a.GetString()!).ToList();
        var all = view.List("names").Select((n, i) => new TreeColumn(i < given.Count ? given[i] : n.GetString()!, ColumnSet.Empty)).ToList();
        var names = TreeColumn.WithNamesOnce(all).Select(c => c.Name).ToList();
        var name = TableNames.Of(view);
        var found = BoundQuery(query, name, names) with { Sql = sql };

        // Known to later statements as a table, so that their edges stop at the view.
        var types = view.List("types").Select(TypeText.Of).ToList();
        _catalog.Add(new TableDefinition(name, [.. names.Zip(types, (n, t) => new ColumnDefinition(n, t))]));
        return found;
    }

    /// <summary>Only definitions are applied. What else is no query would be run: a prepared statement, a variable, a call.</summary>
    private static bool Defines(string sql)
    {
        var tokens = SqlScanner.Tokens(sql).ToList();
        return tokens.Count > 0 && Definitions.Any(tokens[0].Is)

            // An enumeration of the values that a query finds runs the query.
            && !(tokens.Take(6).Any(t => t.Is("type")) && tokens.Any(t => t.Is("select") || t.Is("from")));
    }

    private void Apply(string sql, StatementHead head)
    {
        sql = SchemaSetting.AsUse(sql) ?? sql;
        if (!Defines(sql))
        {
            return;
        }

        using var plan = TryPlan(sql);
        var root = plan?.RootElement.GetProperty("plans")[0];
        if (root?.Text("type") == "LOGICAL_CREATE_TABLE")
        {
            Define(root.Value.GetProperty("info"), sql);
            return;
        }

        _catalog.Execute(sql);
        if (head.Target is { } target && sql.StartsWith("drop", StringComparison.OrdinalIgnoreCase))
        {
            _catalog.Remove(target);
        }
    }

    private JsonDocument? TryPlan(string sql)
    {
        try
        {
            return _catalog.Plan(sql);
        }
        catch (LineageNotFoundException)
        {
            // Not every DDL can be planned; it is run in the shadow as it is, and what is wrong with it shows there.
            return null;
        }
    }

    private void Define(JsonElement info, string? ddl = null)
    {
        var columns = info.Object("columns")?.List("columns") ?? [];
        var table = new TableDefinition(TableNames.Of(info), [.. columns.Select(c => new ColumnDefinition(c.Text("name")!, TypeText.Of(c.GetProperty("type"))))]);
        if (info.Text("on_conflict") == "IGNORE_ON_CONFLICT" && _catalog.Find(table.Name) is not null)
        {
            return;
        }

        _catalog.Add(table);
        if (ddl is not null && (info.List("constraints").Any() || columns.Any(c => c.Object("expression") is not null)))
        {
            // The author's own text keeps the keys that upserts bind to, and the columns that are made of others and take no values.
            _catalog.Replace(table, ddl);
        }
    }

    private StatementLineage? Parsed(string sql, StatementHead head)
    {
        if (head.Kind == StatementKind.Other)
        {
            return null;
        }

        if (OpenPivots.Close(sql) is { } closed)
        {
            return WithOpenPivot(sql, Parsed(closed, StatementHead.Read(closed)));
        }

        if (head.Target is null && head.Kind != StatementKind.Query)
        {
            throw new LineageNotFoundException("The statement names no table to write to.");
        }

        var result = new LineageResult { Output = head.Target };
        if (head.Kind is StatementKind.Query or StatementKind.Insert or StatementKind.CreateAs or StatementKind.CopyTo)
        {
            ReadRows(result, head);
        }

        foreach (var query in StatementQueries.Of(head, TargetColumns(head)))
        {
            Write(result, head.Target!, query.Columns, [.. ReadTree(result, query.Sql).Take(query.IsStar ? int.MaxValue : query.Columns.Count)], query.ByName);
        }

        result.Condition(ColumnSet.Union(head.ConflictKeys.Select(key => ColumnSet.Of(new ColumnId(head.Target!, key)))), LineageUse.Join);
        var found = result.ToStatement(sql, LineageTier.ParseTree, ParseTreeConfidence, null);
        Tell(head, found);
        var guessed = found.Columns.SelectMany(c => c.Sources).Any(s => s.Dataset == ColumnId.Unknown || s.Column == TreeColumn.Star);
        return guessed ? found with { Confidence = GuessedConfidence } : found;
    }

    private void ReadRows(LineageResult result, StatementHead head)
    {
        if (head.HasDefaultValues)
        {
            return;
        }

        var values = ReadTree(result, head.Body);
        var isNew = head.Kind != StatementKind.Insert;
        Write(result, head.Target ?? ColumnId.Result, TargetColumns(head), isNew ? TreeColumn.WithNamesOnce(values) : values, head.ByName);
    }

    /// <summary>A table made by a statement that could not be bound cannot be bound to; the columns that its text told are kept for the texts after it.</summary>
    private void Tell(StatementHead head, StatementLineage found)
    {
        if (head.Kind == StatementKind.CreateAs && !found.Columns.Any(c => c.Target.IsStar))
        {
            _catalog.Tell(new TableDefinition(head.Target!, [.. found.Columns.Select(c => new ColumnDefinition(c.Target.Column, string.Empty))]));
        }
    }

    private IReadOnlyList<string> TargetColumns(StatementHead head)
    {
        if (head.Columns.Count > 0 || head.Kind is not (StatementKind.Insert or StatementKind.Merge) || head.ByName)
        {
            return head.Columns;
        }

        return _catalog.FindTold(head.Target!) is { } known ? [.. known.Columns.Select(c => c.Name)] : [];
    }

    private IReadOnlyList<TreeColumn> ReadTree(LineageResult result, string query)
    {
        var at = new TokenCursor(query);
        if (at.Is("with"))
        {
            at.SkipTo("select", "from", "values", "table", "pivot", "pivot_wider", "unpivot", "pivot_longer");
        }

        // Statements by themselves, they are queries where a table can stand.
        var isPivot = at.Current.Value.Contains("pivot", StringComparison.OrdinalIgnoreCase);
        using var tree = _catalog.Tree(isPivot ? $"FROM ({query})" : query);
        var statements = tree.RootElement.List("statements").ToList();
        return statements is [var only] ? new TreeReader(result, _catalog.FindTold).Read(only) : throw new LineageNotFoundException("The statement has no query where one belongs.");
    }

    private static void Write(LineageResult result, string target, IReadOnlyList<string> names, IReadOnlyList<TreeColumn> values, bool byName)
    {
        // Behind a star of unknown width no position is certain any more.
        var stars = values.TakeWhile(v => !v.IsStar).Count();
        for (var i = 0; i < values.Count; i++)
        {
            var name = !byName && i < names.Count && i < stars ? names[i] : values[i].Name;
            result.Write(new ColumnId(target, name), values[i].Sources);
        }
    }
}
