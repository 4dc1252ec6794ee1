using System.Globalization;
using DataPlatform.Kernel;
using DataPlatform.Quality;
using DataPlatform.Quality.Alerts;
using DataPlatform.Quality.Alerts.Incidents;
using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.Catalog;
using DataPlatform.Quality.DuckDb.Trials;
using DataPlatform.Quality.Lineage;
using DataPlatform.Quality.Profiles;
using DataPlatform.Quality.Rules.Documents;
using DataPlatform.Quality.Sqlite;
using DataPlatform.Quality.Web;
using DataPlatform.Quality.Yaml;
using DataPlatform.Web.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DataPlatform.TestKit.Suites;

/// <summary>Forty-five days of a small company's tables, seeded: quiet ones, one that broke yesterday and took two others with it, and one that nobody looks at.</summary>
internal sealed partial class DemoQuality : IAsyncDisposable
{
    /// <summary>The last day of the story.</summary>
    public static readonly DateTimeOffset Now = new(2001, 3, 1, 9, 30, 0, TimeSpan.Zero);

    private const int Days = 45;
    private static readonly string[] Tables = ["sales.orders", "sales.customers", "sales.payments", "lake/flights", "lake/weather", "web.sessions", "mart_revenue"];
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.quality");
    private readonly Random _random = new(7);
    private readonly TimeProvider _time = new StoppedClock();
    private readonly QualityDatabase _database;
    private readonly SqliteCatalog _catalog;
    private readonly DuckDbWorkbench _workbench;
    private readonly LineageGraph _lineage = new();
    private WebApplication? _host;

    private DemoQuality()
    {
        _database = QualityDatabase.Open(_path);
        _catalog = new SqliteCatalog(_database);
        _workbench = new DuckDbWorkbench(new DemoTables(), _time);
        Results = new SqliteQualityStore(_database);
        Alerts = new SqliteAlertStore(_database);
        Desk = new AlertDesk(Alerts, [], time: _time);
        Console = new QualityConsole
        {
            Catalog = _catalog,
            Series = new SqliteSeriesStore(_database),
            Suites = new SqliteSuiteStore(_database),
            Audit = new SqliteAuditLog(_database),
            Workbench = _workbench,
            Alerts = Alerts,
            Desk = Desk,
            Incidents = new SqliteIncidentStore(_database),
            Lineage = _lineage,
            LineageKeeper = new LineageKeeper(_lineage, new SqliteLineageStore(_database)),
            Profiles = new SqliteProfileStore(_database),
            Notations = [YamlNotation.Instance, JsonNotation.Instance],
            LookEvery = TimeSpan.FromMilliseconds(100),
            Time = _time,
        };
    }

    /// <summary>What the pages look into.</summary>
    public QualityConsole Console { get; }

    /// <summary>The file it is kept in.</summary>
    public QualityDatabase Database => _database;

    /// <summary>Where runs go.</summary>
    public SqliteQualityStore Results { get; }

    /// <summary>Its alerts.</summary>
    public SqliteAlertStore Alerts { get; }

    /// <summary>Changes alerts.</summary>
    public AlertDesk Desk { get; }

    /// <summary>Makes the story in a new file.</summary>
    /// <param name="cancellationToken">Stops between two runs.</param>
    public static async Task<DemoQuality> MakeAsync(CancellationToken cancellationToken = default)
    {
        var demo = new DemoQuality();
        demo.Trace();
        await demo.Console.LineageKeeper!.SaveAsync(cancellationToken);
        List<AlertSignal> signals = [];
        for (var day = Days; day >= 0; day--)
        {
            foreach (var table in Tables.Where(t => t != "web.sessions" || day > 4))
            {
                var result = demo.Run(table, day);
                await demo.Results.AppendAsync(result, cancellationToken);
                await demo.Console.Series!.PutAsync(demo.Points(table, day), cancellationToken);
                signals.AddRange(day == 0 ? AlertSignal.Of(result).Select(s => s.Key.Contains("/range-", StringComparison.Ordinal) ? s with { Column = s.Column!.Value with { Column = "amount" } } : s) : []);
            }
        }

        await new IncidentDesk(demo.Desk, demo.Alerts, demo.Console.Incidents!, () => demo._lineage.Index, time: demo._time).ObserveAsync(signals, cancellationToken);
        await demo.ProfileAsync(cancellationToken);
        await demo.Console.Suites!.SaveAsync(new SuiteVersion("sales.orders-daily", 1, "sales.orders", "yaml", SuiteText, 4, Now.AddDays(-40), "ann", "begin"), cancellationToken);
        await demo.Console.Suites.SaveAsync(
            new SuiteVersion("sales.orders-daily", 2, "sales.orders", "yaml", SuiteText.Replace("10000", "20000", StringComparison.Ordinal), 4, Now.AddDays(-3), "bob", "larger orders are allowed now"),
            cancellationToken);
        return demo;
    }

    /// <summary>A run of a table that is like the ones of the last day.</summary>
    public Task<bool> RunAgainAsync(string table, CancellationToken cancellationToken = default)
        => Results.AppendAsync(Run(table, 0) with { RunId = Guid.NewGuid().ToString("N"), StartedAt = Now }, cancellationToken).AsTask();

    /// <summary>Serves the pages on a free port of this machine.</summary>
    /// <param name="access">Who may enter; null for everybody on this machine.</param>
    /// <param name="services">More services, as access needs them.</param>
    /// <param name="url">Where; a free port when null.</param>
    /// <returns>The address of the mount, with a slash at its end.</returns>
    public async Task<Uri> ServeAsync(ConsoleAccess? access = null, Action<IServiceCollection>? services = null, string url = "http://127.0.0.1:0")
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(_time);
        builder.Services.AddQualityApi();
        services?.Invoke(builder.Services);
        _host = builder.Build();
        _host.Urls.Add(url);
        _host.UsePathBase("/base");
        _host.UseRouting();
        if (services is not null)
        {
            _host.UseAuthentication();
            _host.UseAuthorization();
        }

        _host.MapQuality("/quality", Console, access);
        await _host.StartAsync();
        return new Uri(_host.Urls.Single() + "/base/quality/");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        Desk.Dispose();
        _catalog.Dispose();
        _workbench.Dispose();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        File.Delete(_path);
    }

    private void Trace()
    {
        (string Job, string From, string To, string[] Columns)[] jobs =
        [
            ("ingest", "raw/orders", "sales/orders", ["id", "customer", "amount", "currency", "email", "updated_at"]),
            ("ingest-customers", "raw/customers", "sales/customers", ["id", "email", "country"]),
            ("pay", "sales/orders", "sales/payments", ["id", "amount", "currency"]),
            ("mart", "sales/payments", "mart_revenue", ["amount", "currency"]),
            ("dash", "mart_revenue", "reports/board", ["amount"]),
        ];
        foreach (var (job, from, to, columns) in jobs)
        {
            List<LineageEdge> edges = [.. columns.Select(c => new LineageEdge(new ColumnId(from, c), new ColumnId(to, c), LineageEdgeKind.Direct, LineageOrigin.Sql, job))];
            if (job == "mart")
            {
                edges.Add(new LineageEdge(new ColumnId("sales/customers", "country"), new ColumnId(to, "amount"), LineageEdgeKind.Indirect, LineageOrigin.Sql, job, 0.7));
                edges.Add(new LineageEdge(new ColumnId("lake/weather", "day"), new ColumnId(to, "amount"), LineageEdgeKind.Indirect, LineageOrigin.Runtime, job));
            }

            _lineage.Observe(job, edges, Now.AddDays(-1));
        }
    }

    private async Task ProfileAsync(CancellationToken cancellationToken)
    {
        var columns = (await _workbench.ProfileAsync(DemoTables.Orders, cancellationToken: cancellationToken)).Profiles();
        await Console.Profiles!.PutAsync(new StoredProfile(DemoTables.Orders, string.Empty, 160, Now, columns), cancellationToken);
        for (var day = 20; day >= 0; day--)
        {
            var partition = $"day={Now.AddDays(-day).UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}";
            var broken = day is 1 or 12;
            await Console.Profiles.PutAsync(
                new StoredProfile(DemoTables.Orders, partition, 160, Now, [.. columns.Select(c => c with { Nulls = c.Name == "email" ? c.Rows * (broken ? 14 : 2 + _random.Next(2)) / 100 : c.Nulls })]),
                cancellationToken);
        }
    }

    private const string SuiteText = """
        # What every day's orders must be like.
        suite: sales.orders-daily
        table: sales.orders
        mask: [customer]
        rules:
          - kind: not-null
            column: id
          - kind: unique
            columns: [id]
          - kind: range
            column: amount
            min: 0
            max: 10000
          - kind: not-null
            column: email
            severity: warning
            threshold: 5%

        """;

    private SuiteResult Run(string table, int day)
    {
        var at = Now.AddDays(-day).AddMinutes(-30 + Array.IndexOf(Tables, table));
        var rows = 12_000 + _random.Next(900);
        var broken = day <= 1 && table is "sales.orders" or "sales.payments" or "mart_revenue" && day <= 1;
        List<Verdict> verdicts =
        [
            Of("schema", "has its 6 columns", Severity.Critical, Outcome.Pass, null, null, "6 columns"),
            Of("not-null", "id is not null", Severity.Critical, Outcome.Pass, 0, rows, "no violation"),
            Of("unique", "id is unique", Severity.Critical, Outcome.Pass, 0, rows, "no violation"),
            broken
                ? Of("range", "amount is between 0 and 10,000", Severity.Critical, Outcome.Fail, 1_312 + _random.Next(200), rows, "11.2 % of rows are outside", Sample())
                : Of("range", "amount is between 0 and 10,000", Severity.Critical, Outcome.Pass, _random.Next(3), rows, "no violation"),
            Of("pattern", "email looks like an address", Severity.Warning, day % 9 == 3 || table == "sales.customers" && day < 3 ? Outcome.Fail : Outcome.Pass, _random.Next(40), rows, "a few are not", owner: "crm"),
            Of("row-count", "has 5,000 to 50,000 rows", Severity.Warning, Outcome.Pass, null, null, string.Create(CultureInfo.InvariantCulture, $"{rows} rows"), observed: rows),
            Of("freshness", "updated_at is at most 26 h old", Severity.Critical, table == "lake/weather" && day < 2 ? Outcome.Fail : Outcome.Pass, null, null, table == "lake/weather" && day < 2 ? "The newest is 41 h old." : "The newest is 2 h old."),
            Of("custom-sql", "no order before its customer", Severity.Info, table == "web.sessions" ? Outcome.NoData : Outcome.Pass, 0, rows, "none"),
            Of("row-sql", "net + tax = gross, to the cent", Severity.Warning, table == "lake/flights" && day % 5 == 0 ? Outcome.Error : Outcome.Pass, 0, rows, table == "lake/flights" && day % 5 == 0 ? "There is no column 'gross'." : "no violation", tags: ["money"]),
        ];
        return new SuiteResult
        {
            RunId = Guid.CreateVersion7(at).ToString("N"),
            Suite = table.Replace('/', '-') + "-daily",
            Table = table,
            Version = new DatasetVersion(new DatasetId(table.Replace('.', '/')), 160 - day),
            StartedAt = at,
            Duration = TimeSpan.FromMilliseconds(80 + _random.Next(120)),
            Verdicts = verdicts,
            Partitions = Partitions(table, day),
            Queries = new QueryCounts(Scans: 2),
        };

        Verdict Of(
            string kind, string rule, Severity severity, Outcome outcome, long? violations, long? evaluated, string message, RowSample? sample = null,
            string? owner = null, string[]? tags = null, double? observed = null) => new()
            {
                RuleId = $"{kind}-{Array.IndexOf(Tables, table)}",
                Rule = rule,
                Kind = kind,
                Severity = severity,
                Outcome = outcome,
                Message = message,
                Violations = violations,
                Evaluated = evaluated,
                Observed = observed?.ToString(CultureInfo.InvariantCulture),
                Sample = sample ?? RowSample.Empty,
                Owner = owner ?? "data team",
                Tags = tags ?? ["daily"],
            };
    }

    private List<SeriesPoint> Points(string table, int day)
    {
        var at = new DateTimeOffset(Now.AddDays(-day).Date, TimeSpan.Zero);
        var rows = 12_000 + (1_500 * Math.Sin(day / 7.0 * Math.PI)) + _random.Next(-400, 400);
        var nulls = 0.02 + (0.004 * _random.NextDouble());
        if (table == "sales.orders" && day is 12 or 1)
        {
            rows *= 0.35;
            nulls *= 6;
        }

        return
        [
            new(SeriesName.Of(table, SeriesMeasure.Rows), new MetricPoint(at, Math.Round(rows))),
            new(SeriesName.Of(table, SeriesMeasure.NullShare, "email"), new MetricPoint(at, nulls)),
            new(SeriesName.Of(table, SeriesMeasure.Mean, "amount"), new MetricPoint(at, 81 + (6 * _random.NextDouble()))),
        ];
    }

    private static RowSample Sample() => new(
        ["id", "customer", "amount", "currency", "updated_at"],
        [.. Enumerable.Range(0, 5).Select(i => (IReadOnlyList<string?>)
        [
            (90_000 + i).ToString(CultureInfo.InvariantCulture), RowSample.Masked, (-12.5 * (i + 1)).ToString(CultureInfo.InvariantCulture),
            i == 2 ? null : "EUR", "2001-02-28 23:1" + i.ToString(CultureInfo.InvariantCulture) + ":00",
        ])]);

    private sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }
}
