using System.CommandLine;
using DataPlatform.Kernel;
using DataPlatform.Quality;
using DataPlatform.Quality.Alerts;
using DataPlatform.Quality.DuckDb.Lineage;
using DataPlatform.Quality.Lineage;
using DataPlatform.Quality.Sqlite;

namespace DataPlatform.Tools.Cli.Lineage;

/// <summary><c>dp lineage</c>: which columns a SQL text reads and writes, and what a column reaches or comes from.</summary>
internal static class LineageCommand
{
    private const int NamesShown = 10;
    private static readonly Argument<string?> File = new("FILE") { Description = "A SQL text, - for standard input. Its CREATE TABLE statements make tables known.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string?> Ddl = new("--schema") { Description = "A SQL text of CREATE TABLE statements for the tables that FILE reads." };
    private static readonly Option<string?> Graph = new("--graph") { Description = "A quality database with a lineage graph, searched in place of FILE, or beside it." };
    private static readonly Option<string?> Keep = new("--keep") { Description = "Keep the lineage of FILE in the graph, as that of this job." };
    private static readonly Option<string?> Impact = new("--impact") { Description = "A column as table.column, or table.*: everything that depends on it." };
    private static readonly Option<string?> Root = new("--root") { Description = "A column as table.column, or table.*: everything it comes from, and of the alerts there the likeliest cause." };
    private static readonly Option<int> Depth = new("--depth") { Description = "Edges from the column at most.", DefaultValueFactory = _ => int.MaxValue };
    private static readonly Option<bool> Direct = new("--direct") { Description = "Only edges that values flow over, not filters and joins." };

    /// <summary>The command.</summary>
    public static Command Group => new Command("lineage", "Column lineage of SQL, impact and root of a column; OpenLineage in and out; what people say.")
    {
        File, Ddl, Graph, Keep, Impact, Root, Depth, Direct,
        LineageTransfer.Import, LineageTransfer.Export, LineageServer.Serve, LineageSayings.Annotate, LineageSayings.Annotations,
    }.Runs(RunAsync);

    /// <summary>A column as people write it.</summary>
    public static ColumnId ColumnOf(string text)
    {
        var at = text.LastIndexOf('.');
        return at > 0 && at + 1 < text.Length ? new ColumnId(text[..at], text[(at + 1)..]) : throw new ArgumentException($"'{text}' is no column; write table.column.");
    }

    private static async Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        Check(parsed);
        var script = await ScriptAsync(parsed, cancellationToken);
        if (parsed.GetValue(Impact) is null && parsed.GetValue(Root) is null && parsed.GetValue(Keep) is null)
        {
            Show(output, script);
            return Answer(output, script);
        }

        var database = parsed.GetValue(Graph) is { } path ? LineageDatabase.Open(path, make: parsed.GetValue(Keep) is not null) : null;
        var graph = await GraphAsync(parsed, database, script.Statements, cancellationToken);
        var search = new LineageSearch(parsed.GetValue(Depth), Indirect: !parsed.GetValue(Direct));
        if (parsed.GetValue(Impact) is { } impact)
        {
            Show(output, graph.Index.Downstream(Known(graph.Index, impact), search), Symptoms.None);
        }
        else if (parsed.GetValue(Root) is { } root)
        {
            await ShowRootAsync(output, graph.Index, database, Known(graph.Index, root), search, cancellationToken);
        }
        else
        {
            output.Note($"The lineage of {script.Statements.Count} statements is kept as that of '{parsed.GetValue(Keep)}'.");
        }

        return Answer(output, script);
    }

    private static void Check(ParseResult parsed)
    {
        if (parsed.GetValue(Impact) is not null && parsed.GetValue(Root) is not null)
        {
            throw new ArgumentException("Ask for --impact or for --root, not for both at once.");
        }

        if (parsed.GetValue(Depth) < 1)
        {
            throw new ArgumentException($"--depth is {parsed.GetValue(Depth)}; it must be at least 1.");
        }
    }

    /// <summary>A column that something is known of: a wrong name must not look like one that nothing depends on.</summary>
    private static ColumnId Known(LineageIndex index, string text)
    {
        var column = ColumnOf(text);
        if (index.ColumnsOf(column).Count > 0)
        {
            return column;
        }

        var others = index.ColumnsOf(column with { Column = ColumnId.Star }).Select(c => c.Column).Take(NamesShown).ToList();
        throw new QualityException(ErrorKind.Invalid, others.Count == 0
            ? $"No statement reads or writes '{column}', nor another column of '{column.Dataset}'."
            : $"No statement reads or writes '{column}'; of '{column.Dataset}' these are known: {string.Join(", ", others)}.");
    }

    /// <summary>What was read was shown; a text that would not run is a failure all the same.</summary>
    private static int Answer(CommandOutput output, LineageScript script)
    {
        var refused = script.Statements.Select((s, i) => (Statement: s, Line: script.Lines[i])).Where(s => !s.Statement.Parses).ToList();
        if (refused.Count == 0)
        {
            return CommandRun.ExitDone;
        }

        output.Fail(
            ErrorKind.Invalid,
            $"{refused.Count} of {script.Statements.Count} statements do not parse; the first is at line {refused[0].Line}: {refused[0].Statement.Problem}");
        return CommandRun.ExitFailed;
    }

    private static async Task<LineageScript> ScriptAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(File) is not { } file)
        {
            return parsed.GetValue(Graph) is not null && parsed.GetValue(Keep) is null
                ? LineageScript.Nothing
                : throw new ArgumentException("Give a SQL FILE (- for standard input), or a graph with --graph.");
        }

        using var extractor = new DuckDbLineageExtractor();
        if (parsed.GetValue(Ddl) is { } ddl)
        {
            extractor.Extract(await LineageScript.TextAsync(ddl, cancellationToken));
        }

        return LineageScript.Of(await LineageScript.TextAsync(file, cancellationToken), extractor);
    }

    private static async Task<LineageGraph> GraphAsync(
        ParseResult parsed, QualityDatabase? database, IReadOnlyList<StatementLineage> statements, CancellationToken cancellationToken)
    {
        var graph = new LineageGraph();
        var keeper = database is null ? null : new LineageKeeper(graph, new SqliteLineageStore(database));
        if (keeper is not null)
        {
            await keeper.LoadAsync(cancellationToken);
        }

        var (job, now) = (parsed.GetValue(Keep) ?? "this text", TimeProvider.System.GetUtcNow());
        foreach (var statement in statements.Where(s => s.Columns.Count > 0))
        {
            graph.Observe(new LineageObservation(job, statement.Edges(job), now, LineageObservation.HashOf(statement.Sql), $"dp/{now.UtcTicks}"));
        }

        if (parsed.GetValue(Keep) is not null)
        {
            await (keeper ?? throw new ArgumentException("Say with --graph where to keep it.")).SaveAsync(cancellationToken);
        }

        return graph;
    }

    private static void Show(CommandOutput output, LineageScript script)
    {
        List<string> columns = ["statement", "line", "target", "sources", "kind", "flow", "tier", "confidence"];
        output.Rows(output.Json ? [.. columns, "problem"] : columns, script.Statements.SelectMany((s, i) => Rows(s).Select(row => (IReadOnlyList<object?>)
            [i + 1, script.Lines[i], .. row, s.Tier.ToString(), s.Confidence, .. output.Json ? [s.Problem] : Array.Empty<object?>()])));
        foreach (var (statement, place) in script.Statements.Select((s, i) => (s, i)).Where(s => s.s.Problem is not null))
        {
            output.Note($"Statement {place + 1} (line {script.Lines[place]}) was read by {statement.Tier}: {statement.Problem}");
        }
    }

    /// <summary>A row per written column, one for the columns that only choose rows, and one for the tables where no column is known.</summary>
    private static IEnumerable<object?[]> Rows(StatementLineage statement)
    {
        foreach (var column in statement.Columns)
        {
            yield return [column.Target.ToString(), string.Join(", ", column.Sources), "direct", column.Flow.ToString()];
        }

        var target = statement.Output ?? ColumnId.Result;
        if (statement.Indirect.Count > 0)
        {
            yield return [target, string.Join(", ", statement.Indirect), "indirect", UsesOf(statement)];
        }
        else if (statement.Columns.Count == 0)
        {
            yield return [target, string.Join(", ", statement.Inputs), "table", null];
        }
    }

    private static string UsesOf(StatementLineage statement)
        => string.Join(", ", statement.Uses.Where(u => statement.Indirect.Contains(u.Column)).Select(u => u.Use).Distinct().Order());

    private static async Task ShowRootAsync(
        CommandOutput output, LineageIndex index, QualityDatabase? database, ColumnId column, LineageSearch search, CancellationToken cancellationToken)
    {
        var symptoms = database is null ? Symptoms.None : await Symptoms.ReadAsync(new SqliteAlertStore(database), cancellationToken);
        Show(output, index.Upstream(column, search), symptoms);
        if (symptoms.CauseOf(index, column) is { } cause)
        {
            output.Note($"The likeliest cause is {cause.Symptom.Column}: {cause.Symptom.What} It explains {cause.Explains} other alerts.");
        }
        else if (database is not null)
        {
            output.Note("Nothing upstream has an alert.");
        }
    }

    private static void Show(CommandOutput output, IReadOnlyList<LineageReach> reached, Symptoms symptoms) => output.Rows(
        ["column", "distance", "values", "alerts"],
        reached.Select(r => (IReadOnlyList<object?>)
            [r.Column.ToString(), r.Distance, r.IsDirect ? "flow" : "only decide rows", symptoms.At(r.Column)]));
}
