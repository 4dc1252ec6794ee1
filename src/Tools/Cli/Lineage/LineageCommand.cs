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
    private static readonly Argument<string?> File = new("FILE") { Description = "A SQL text. Its CREATE TABLE statements make tables known.", Arity = ArgumentArity.ZeroOrOne };
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

    private static async Task RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        var statements = await StatementsAsync(parsed, cancellationToken);
        if (parsed.GetValue(Impact) is null && parsed.GetValue(Root) is null && parsed.GetValue(Keep) is null)
        {
            Show(output, statements);
            return;
        }

        var database = parsed.GetValue(Graph) is { } path ? LineageDatabase.Open(path, make: parsed.GetValue(Keep) is not null) : null;
        var graph = await GraphAsync(parsed, database, statements, cancellationToken);
        var search = new LineageSearch(parsed.GetValue(Depth), Indirect: !parsed.GetValue(Direct));
        if (parsed.GetValue(Impact) is { } impact)
        {
            Show(output, graph.Index.Downstream(ColumnOf(impact), search), Symptoms.None);
        }
        else if (parsed.GetValue(Root) is { } root)
        {
            await ShowRootAsync(output, graph.Index, database, ColumnOf(root), search, cancellationToken);
        }
        else
        {
            output.Note($"The lineage of {statements.Count} statements is kept as that of '{parsed.GetValue(Keep)}'.");
        }
    }

    private static async Task<IReadOnlyList<StatementLineage>> StatementsAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(File) is not { } file)
        {
            return parsed.GetValue(Graph) is not null && parsed.GetValue(Keep) is null ? [] : throw new ArgumentException("Give a SQL FILE, or a graph with --graph.");
        }

        using var extractor = new DuckDbLineageExtractor();
        if (parsed.GetValue(Ddl) is { } ddl)
        {
            extractor.Extract(await ReadAsync(ddl, cancellationToken));
        }

        return extractor.Extract(await ReadAsync(file, cancellationToken));
    }

    private static async Task<string> ReadAsync(string path, CancellationToken cancellationToken)
        => System.IO.File.Exists(path) ? await System.IO.File.ReadAllTextAsync(path, cancellationToken) : throw new QualityException(ErrorKind.Invalid, $"There is no SQL text '{path}'.");

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

    private static void Show(CommandOutput output, IReadOnlyList<StatementLineage> statements)
    {
        output.Rows(
            ["statement", "target", "sources", "kind", "flow", "tier", "confidence"],
            statements.SelectMany((s, i) => s.Columns
                .Select(c => (IReadOnlyList<object?>)[i + 1, c.Target.ToString(), string.Join(", ", c.Sources), "direct", c.Flow.ToString(), s.Tier.ToString(), s.Confidence])
                .Concat(s.Indirect.Count == 0
                    ? []
                    : [[i + 1, s.Output ?? ColumnId.Result, string.Join(", ", s.Indirect), "indirect", UsesOf(s), s.Tier.ToString(), s.Confidence]])));
        foreach (var (statement, place) in statements.Select((s, i) => (s, i + 1)).Where(s => s.s.Problem is not null))
        {
            output.Note($"Statement {place} was read by {statement.Tier}: {statement.Problem}");
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
