using System.CommandLine;
using System.Globalization;
using DataPlatform.Kernel;
using DataPlatform.Quality;
using DataPlatform.Quality.Alerts;
using DataPlatform.Quality.DuckDb.Trials;
using DataPlatform.Quality.Lineage;
using DataPlatform.Quality.Rules.Documents;
using DataPlatform.Quality.Sqlite;
using DataPlatform.Quality.Web;
using DataPlatform.Quality.Yaml;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Tools.Cli.Suites;

/// <summary><c>dp quality serve</c>: the pages over a result store, for this machine alone.</summary>
internal static class ServeCommand
{
    private const int DefaultPort = 8475;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var store = new Argument<string>("STORE") { Description = "The SQLite file that 'run --store' wrote; made where there is none." };
        var port = new Option<int>("--port") { Description = "The port on this machine; 0 for a free one.", DefaultValueFactory = _ => DefaultPort };
        var tables = new Option<string[]>("--table") { Description = "A table that suites can be tried on, as name=path; may be given again." };
        return new Command("serve", "Shows results, incidents and lineage as pages, and edits suites. Only callers on this machine are served.") { store, port, tables }
            .Runs(async (parsed, output, cancellationToken) =>
            {
                var number = parsed.GetValue(port);
                if (number is < 0 or > 65_535)
                {
                    throw new ArgumentException($"--port takes 0 to 65535, not {number}.");
                }

                await ServeAsync(parsed.GetValue(store)!, number, parsed.GetValue(tables) ?? [], output, cancellationToken);
            });
    }

    private static async Task ServeAsync(string path, int port, string[] tables, CommandOutput output, CancellationToken cancellationToken)
    {
        var database = QualityDatabase.Open(path);
        var alerts = new SqliteAlertStore(database);
        using var catalog = new SqliteCatalog(database);
        using var desk = new AlertDesk(alerts, []);
        using var workbench = tables.Length == 0 ? null : new DuckDbWorkbench(new ServedTables(tables));
        var lineage = new LineageGraph();
        var keeper = new LineageKeeper(lineage, new SqliteLineageStore(database));
        await keeper.LoadAsync(cancellationToken);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddQualityApi();
        await using var host = builder.Build();
        host.Urls.Add(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));
        host.MapGet("/", () => Results.LocalRedirect("/quality/"));
        host.MapQuality("/quality", new QualityConsole
        {
            Catalog = catalog,
            Series = new SqliteSeriesStore(database),
            Suites = new SqliteSuiteStore(database),
            Audit = new SqliteAuditLog(database),
            Workbench = workbench,
            Alerts = alerts,
            Desk = desk,
            Incidents = new SqliteIncidentStore(database),
            Lineage = lineage,
            LineageKeeper = keeper,
            Profiles = new SqliteProfileStore(database),
            Notations = [YamlNotation.Instance, JsonNotation.Instance],
        });
        try
        {
            await host.StartAsync(cancellationToken);
        }
        catch (IOException e)
        {
            throw new QualityException(ErrorKind.Unavailable, $"Port {port} cannot be served: {e.Message} Give another with --port.", e);
        }

        output.Properties([("address", host.Urls.Single() + "/quality/"), ("store", Path.GetFullPath(path))]);
        output.Note("Ctrl+C ends it.");
        await host.WaitForShutdownAsync(cancellationToken);
    }
}
