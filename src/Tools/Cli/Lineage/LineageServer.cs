using System.CommandLine;
using DataPlatform.Quality.Lineage;
using DataPlatform.Quality.Lineage.OpenLineage;
using DataPlatform.Quality.OpenLineage;
using DataPlatform.Quality.Sqlite;
using Microsoft.AspNetCore.Builder;

namespace DataPlatform.Tools.Cli.Lineage;

/// <summary><c>dp lineage serve</c>: takes OpenLineage events over HTTP, from this machine alone.</summary>
internal static class LineageServer
{
    private const int UsualPort = 5_000;
    private const string Route = "/api/v1/lineage";

    private static readonly Option<string> Graph = new("--graph") { Description = "The quality database to keep the lineage graph in.", Required = true };
    private static readonly Option<int> Port = LocalSite.PortOption(UsualPort);
    private static readonly Option<string> Namespace = new("--namespace")
    {
        Description = "Our own namespace: its names stand alone, those of others are namespace/name.",
        DefaultValueFactory = _ => LineageTransfer.DefaultNamespace,
    };

    /// <summary>The command.</summary>
    public static Command Serve => new Command("serve", "Take OpenLineage events at POST /api/v1/lineage until stopped.") { Graph, Port, Namespace }
        .Runs(async (parsed, output, cancellationToken) =>
        {
            var graph = new LineageGraph();
            var keeper = new LineageKeeper(graph, new SqliteLineageStore(LineageDatabase.Open(parsed.GetValue(Graph)!, make: true)));
            await keeper.LoadAsync(cancellationToken);
            var receiver = new OpenLineageReceiver(new OpenLineageReader(graph, parsed.GetValue(Namespace)), keeper);
            await LocalSite.ServeAsync(
                parsed.GetValue(Port),
                Route,
                _ => { },
                site => site.MapOpenLineage(Route, receiver),
                output,
                [("columns", graph.Index.ColumnCount), ("edges", graph.Index.EdgeCount)],
                cancellationToken);
        });
}
