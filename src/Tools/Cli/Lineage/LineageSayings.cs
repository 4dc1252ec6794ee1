using System.CommandLine;
using DataPlatform.Kernel;
using DataPlatform.Quality;
using DataPlatform.Quality.Lineage;
using DataPlatform.Quality.Sqlite;

namespace DataPlatform.Tools.Cli.Lineage;

/// <summary><c>dp lineage annotate|annotations</c>: what people say about edges, which is stronger than what jobs show.</summary>
internal static class LineageSayings
{
    private static readonly Argument<string> Source = new("SOURCE") { Description = "The column read, as table.column." };
    private static readonly Argument<string> Target = new("TARGET") { Description = "The column written, as table.column." };
    private static readonly Option<string> Graph = new("--graph") { Description = "The quality database with the lineage graph.", Required = true };
    private static readonly Option<LineageAnnotationKind> Kind = new("--as")
    {
        Description = "direct, indirect, denied, or withdrawn to take back what was said.",
        DefaultValueFactory = _ => LineageAnnotationKind.Direct,
    };

    private static readonly Option<string> By = new("--by") { Description = "Who says so.", DefaultValueFactory = _ => Environment.UserName };
    private static readonly Option<string> Reason = new("--reason") { Description = "Why.", DefaultValueFactory = _ => string.Empty };

    /// <summary>Says something about an edge.</summary>
    public static Command Annotate => new Command("annotate", "Say by hand that a column depends on another, or does not.") { Source, Target, Graph, Kind, By, Reason }
        .Runs(async (parsed, output, cancellationToken) =>
        {
            var graph = new LineageGraph();
            var keeper = new LineageKeeper(graph, new SqliteLineageStore(LineageDatabase.Open(parsed.GetValue(Graph)!, make: true)));
            await keeper.LoadAsync(cancellationToken);
            var said = new LineageAnnotation(
                LineageCommand.ColumnOf(parsed.GetValue(Source)!), LineageCommand.ColumnOf(parsed.GetValue(Target)!), parsed.GetValue(Kind),
                parsed.GetValue(By)!, TimeProvider.System.GetUtcNow(), parsed.GetValue(Reason)!);
            if (!graph.Annotate(said))
            {
                throw new QualityException(ErrorKind.Conflict, "Something newer was said of this edge, by a clock that is ahead of this one.");
            }

            await keeper.SaveAsync(cancellationToken);
            Show(output, [said]);
        });

    /// <summary>Lists what was said.</summary>
    public static Command Annotations => new Command("annotations", "List what people say about edges.") { Graph }
        .Runs(async (parsed, output, cancellationToken) =>
        {
            var kept = await new SqliteLineageStore(LineageDatabase.Open(parsed.GetValue(Graph)!, make: false)).LoadAsync(cancellationToken);
            Show(output, kept.Annotations.OrderBy(a => a.At));
        });

    private static void Show(CommandOutput output, IEnumerable<LineageAnnotation> said) => output.Rows(
        ["source", "target", "as", "by", "at", "reason"],
        said.Select(a => (IReadOnlyList<object?>)[a.Source.ToString(), a.Target.ToString(), a.Kind.ToString(), a.By, a.At, a.Reason]));
}
