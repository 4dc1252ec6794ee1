using System.CommandLine;
using DataPlatform.Kernel;
using DataPlatform.Quality;
using DataPlatform.Quality.DuckDb.Lineage;
using DataPlatform.Quality.Lineage;
using DataPlatform.Quality.Sqlite;

namespace DataPlatform.Tools.Cli.Lineage;

/// <summary><c>dp lineage</c>: which columns a SQL text reads and writes, and what a column reaches or comes from.</summary>
internal static class LineageCommand
{
    private static readonly Argument<string?> File = new("FILE") { Description = "A SQL text. Its CREATE TABLE statements make tables known.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string?> Ddl = new("--schema") { Description = "A SQL text of CREATE TABLE statements for the tables that FILE reads." };
    private static readonly Option<string?> Graph = new("--graph") { Description = "A SQLite file with a lineage graph, searched in place of FILE, or beside it." };
    private static readonly Option<string?> Impact = new("--impact") { Description = "A column as table.column: everything that depends on it." };
    private static readonly Option<string?> Root = new("--root") { Description = "A column as table.column: everything it comes from." };
    private static readonly Option<int> Depth = new("--depth") { Description = "Edges from the column at most.", DefaultValueFactory = _ => int.MaxValue };
    private static readonly Option<bool> Direct = new("--direct") { Description = "Only edges that values flow over, not filters and joins." };

    /// <summary>The command.</summary>
    public static Command Group => new Command("lineage", "Column lineage of SQL, impact and root of a column.") { File, Ddl, Graph, Impact, Root, Depth, Direct }
        .Runs(async (parsed, output, cancellationToken) =>
        {
            var statements = await StatementsAsync(parsed, cancellationToken);
            if (parsed.GetValue(Impact) is null && parsed.GetValue(Root) is null)
            {
                Show(output, statements);
                return;
            }

            Search(parsed, output, (await GraphAsync(parsed, statements, cancellationToken)).Index);
        });

    private static async Task<IReadOnlyList<StatementLineage>> StatementsAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(File) is not { } file)
        {
            return parsed.GetValue(Graph) is not null ? [] : throw new ArgumentException("Give a SQL FILE, or a graph with --graph.");
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

    private static async Task<LineageGraph> GraphAsync(ParseResult parsed, IReadOnlyList<StatementLineage> statements, CancellationToken cancellationToken)
    {
        var graph = new LineageGraph();
        if (parsed.GetValue(Graph) is { } store)
        {
            graph.Restore(System.IO.File.Exists(store)
                ? await new SqliteLineageStore(QualityDatabase.Open(store)).LoadAsync(cancellationToken)
                : throw new QualityException(ErrorKind.Invalid, $"There is no lineage graph '{store}'."));
        }

        for (var i = 0; i < statements.Count; i++)
        {
            var job = $"statement {i + 1}";
            graph.Observe(job, statements[i].Edges(job), DateTimeOffset.MaxValue);
        }

        return graph;
    }

    private static void Show(CommandOutput output, IReadOnlyList<StatementLineage> statements)
    {
        output.Rows(
            ["statement", "target", "sources", "kind", "tier", "confidence"],
            statements.SelectMany((s, i) => s.Columns
                .Select(c => (IReadOnlyList<object?>)[i + 1, c.Target.ToString(), string.Join(", ", c.Sources), "direct", s.Tier.ToString(), s.Confidence])
                .Concat(s.Indirect.Count == 0 ? [] : [[i + 1, s.Output ?? ColumnId.Result, string.Join(", ", s.Indirect), "indirect", s.Tier.ToString(), s.Confidence]])));
        foreach (var (statement, place) in statements.Select((s, i) => (s, i + 1)).Where(s => s.s.Problem is not null))
        {
            output.Note($"Statement {place} was read by {statement.Tier}: {statement.Problem}");
        }
    }

    private static void Search(ParseResult parsed, CommandOutput output, LineageIndex index)
    {
        var search = new LineageSearch(parsed.GetValue(Depth), Indirect: !parsed.GetValue(Direct));
        var reached = parsed.GetValue(Impact) is { } impact ? index.Downstream(ColumnOf(impact), search) : index.Upstream(ColumnOf(parsed.GetValue(Root)!), search);
        output.Rows(
            ["column", "distance", "values"],
            reached.Select(r => (IReadOnlyList<object?>)[r.Column.ToString(), r.Distance, r.IsDirect ? "flow" : "only decide rows"]));
    }

    private static ColumnId ColumnOf(string text)
    {
        var at = text.LastIndexOf('.');
        return at > 0 && at + 1 < text.Length ? new ColumnId(text[..at], text[(at + 1)..]) : throw new ArgumentException($"'{text}' is no column; write table.column.");
    }
}
