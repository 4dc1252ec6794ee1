using System.CommandLine;
using System.Text;
using DataPlatform.Kernel;
using DataPlatform.Quality;
using DataPlatform.Quality.Lineage;
using DataPlatform.Quality.Lineage.OpenLineage;
using DataPlatform.Quality.Sqlite;

namespace DataPlatform.Tools.Cli.Lineage;

/// <summary><c>dp lineage import|export</c>: OpenLineage events as JSON lines.</summary>
internal static class LineageTransfer
{
    /// <summary>Who we are in events, unless said otherwise.</summary>
    public const string DefaultNamespace = "dataplatform";

    private static readonly Argument<string> Events = new("EVENTS") { Description = "A file of OpenLineage run events, one JSON object a line." };
    private static readonly Option<string> Graph = new("--graph") { Description = "The quality database with the lineage graph.", Required = true };
    private static readonly Option<string?> Out = new("--out") { Description = "Where to write the events; standard output when left out." };
    private static readonly Option<string> Namespace = new("--namespace")
    {
        Description = "Our own namespace: its names stand alone, those of others are namespace/name.",
        DefaultValueFactory = _ => DefaultNamespace,
    };

    private static readonly Option<string> Producer = new("--producer")
    {
        Description = "The URI that events name as their producer.",
        DefaultValueFactory = _ => "urn:dataplatform:quality",
    };

    /// <summary>Events into a graph.</summary>
    public static Command Import => new Command("import", "Take OpenLineage events of a file into a graph.") { Events, Graph, Namespace }
        .Runs(async (parsed, output, cancellationToken) =>
        {
            var path = parsed.GetValue(Events)!;
            if (!File.Exists(path))
            {
                throw new QualityException(ErrorKind.Invalid, $"There is no file of events '{path}'.");
            }

            var graph = new LineageGraph();
            var keeper = new LineageKeeper(graph, new SqliteLineageStore(LineageDatabase.Open(parsed.GetValue(Graph)!, make: true)));
            await keeper.LoadAsync(cancellationToken);
            using var text = new StreamReader(path, Encoding.UTF8);
            var (read, taken) = await OpenLineageLines.ReadAsync(text, new OpenLineageReader(graph, parsed.GetValue(Namespace)), cancellationToken);
            var kept = await keeper.SaveAsync(cancellationToken);
            output.Properties([("events", read), ("taken", taken), ("edges kept", kept)]);
        });

    /// <summary>A graph as events.</summary>
    public static Command Export => new Command("export", "Write what a graph knows of its jobs as OpenLineage events.") { Graph, Out, Namespace, Producer }
        .Runs(async (parsed, output, cancellationToken) =>
        {
            var graph = new LineageGraph();
            await new LineageKeeper(graph, new SqliteLineageStore(LineageDatabase.Open(parsed.GetValue(Graph)!, make: false))).LoadAsync(cancellationToken);
            if (!Uri.TryCreate(parsed.GetValue(Producer), UriKind.Absolute, out var producer))
            {
                throw new ArgumentException($"'{parsed.GetValue(Producer)}' is no absolute URI.");
            }

            var events = new OpenLineageEvents(parsed.GetValue(Namespace)!, producer).From(graph);
            if (parsed.GetValue(Out) is not { } path)
            {
                await OpenLineageLines.WriteAsync(Console.Out, events, cancellationToken);
                return;
            }

            await using var text = new StreamWriter(path, append: false, new UTF8Encoding(false));
            output.Properties([("events", await OpenLineageLines.WriteAsync(text, events, cancellationToken)), ("file", path)]);
        });
}
