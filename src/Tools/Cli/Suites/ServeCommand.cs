using System.CommandLine;
using DataPlatform.Quality.Alerts;
using DataPlatform.Quality.DuckDb.Trials;
using DataPlatform.Quality.Lineage;
using DataPlatform.Quality.Rules.Documents;
using DataPlatform.Quality.Sqlite;
using DataPlatform.Quality.Web;
using DataPlatform.Quality.Yaml;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Tools.Cli.Suites;

/// <summary><c>dp quality serve</c>: the pages over a result store, for this machine alone.</summary>
internal static class ServeCommand
{
    private const int UsualPort = 8475;
    private const string Mount = "/quality/";

    private static readonly Argument<string> Store = new("STORE") { Description = "The SQLite file that 'run --store' wrote; made where there is none." };
    private static readonly Option<int> Port = LocalSite.PortOption(UsualPort);
    private static readonly Option<string[]> Tables = new("--table") { Description = "A table that suites can be tried on, as name=path; may be given again." };

    /// <summary>The command.</summary>
    public static Command Make()
        => new Command("serve", "Shows results, incidents and lineage as pages, and edits suites. Only callers on this machine are served.") { Store, Port, Tables }
            .Runs(ServeAsync);

    private static async Task ServeAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        var (path, tables) = (parsed.GetValue(Store)!, parsed.GetValue(Tables) ?? []);
        var database = QualityDatabase.Open(path);
        var alerts = new SqliteAlertStore(database);
        using var catalog = new SqliteCatalog(database);
        using var desk = new AlertDesk(alerts, []);
        using var workbench = tables.Length == 0 ? null : new DuckDbWorkbench(new ServedTables(tables));
        var lineage = new LineageGraph();
        using var kept = new SqliteLineageStore(database);
        var keeper = new LineageKeeper(lineage, kept);
        await keeper.LoadAsync(cancellationToken);
        var console = new QualityConsole
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
        };
        await LocalSite.ServeAsync(
            parsed.GetValue(Port), Mount, services => services.AddQualityApi(), site => Map(site, console), output, [("store", Path.GetFullPath(path))], cancellationToken);
    }

    private static void Map(WebApplication site, QualityConsole console)
    {
        site.MapGet("/", () => Results.LocalRedirect(Mount));
        site.MapQuality(Mount.TrimEnd('/'), console);
    }
}
