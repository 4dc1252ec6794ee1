using System.CommandLine;
using DataPlatform.Kernel;
using DataPlatform.Quality;
using DataPlatform.Quality.Lineage;
using DataPlatform.Quality.Lineage.OpenLineage;
using DataPlatform.Quality.OpenLineage;
using DataPlatform.Quality.Sqlite;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Tools.Cli.Lineage;

/// <summary><c>dp lineage serve</c>: takes OpenLineage events over HTTP, from this machine alone.</summary>
internal static class LineageServer
{
    private static readonly Option<string> Graph = new("--graph") { Description = "The quality database to keep the lineage graph in.", Required = true };
    private static readonly Option<int> Port = new("--port") { Description = "The port; 0 takes a free one.", DefaultValueFactory = _ => 5_000 };
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
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls($"http://127.0.0.1:{parsed.GetValue(Port)}");
            await using var app = builder.Build();
            app.MapOpenLineage("/api/v1/lineage", new OpenLineageReceiver(new OpenLineageReader(graph, parsed.GetValue(Namespace)), keeper));
            await StartAsync(app, parsed.GetValue(Port), cancellationToken);
            output.Properties([("address", $"{app.Urls.First()}/api/v1/lineage"), ("columns", graph.Index.ColumnCount), ("edges", graph.Index.EdgeCount)]);
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                // Stopping is how it ends; what it took is kept already.
            }
        });

    private static async Task StartAsync(WebApplication app, int port, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException e)
        {
            throw new QualityException(ErrorKind.Unavailable, $"Port {port} cannot be had: {e.Message} Choose another with --port, or 0 for a free one.", e);
        }
    }
}
