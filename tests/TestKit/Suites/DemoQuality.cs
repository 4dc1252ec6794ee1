using System.Globalization;
using DataPlatform.Kernel;
using DataPlatform.Quality;
using DataPlatform.Quality.Alerts;
using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.Catalog;
using DataPlatform.Quality.Sqlite;

namespace DataPlatform.TestKit.Suites;

/// <summary>Sixty days of a small company's tables, seeded: quiet ones, one that broke yesterday and took two others with it, and one that nobody looks at.</summary>
public sealed class DemoQuality : IDisposable
{
    /// <summary>The last day of the story.</summary>
    public static readonly DateTimeOffset Now = new(2001, 3, 1, 9, 30, 0, TimeSpan.Zero);

    private const int Days = 60;
    private static readonly string[] Tables = ["sales.orders", "sales.customers", "sales.payments", "lake/flights", "lake/weather", "web.sessions", "mart_revenue"];
    private readonly Random _random = new(7);

    private DemoQuality(string path)
    {
        Database = QualityDatabase.Open(path);
        Catalog = new SqliteCatalog(Database);
        Alerts = new SqliteAlertStore(Database);
    }

    /// <summary>The file.</summary>
    public QualityDatabase Database { get; }

    /// <summary>Its catalog.</summary>
    public SqliteCatalog Catalog { get; }

    /// <summary>Its alerts.</summary>
    public SqliteAlertStore Alerts { get; }

    /// <summary>Makes the story in a file.</summary>
    /// <param name="path">The file; new.</param>
    /// <param name="series">Where series go.</param>
    /// <param name="desk">Where alerts go; null for nowhere.</param>
    /// <param name="cancellationToken">Stops between two runs.</param>
    public static async Task<DemoQuality> MakeAsync(string path, ISeriesStore series, AlertDesk? desk = null, CancellationToken cancellationToken = default)
    {
        var demo = new DemoQuality(path);
        var store = new SqliteQualityStore(demo.Database);
        for (var day = Days; day >= 0; day--)
        {
            foreach (var table in Tables.Where(t => t != "web.sessions" || day > 4))
            {
                var result = demo.Run(table, day);
                await store.AppendAsync(result, cancellationToken);
                await series.PutAsync(demo.Points(table, day), cancellationToken);
                if (desk is not null && day == 0)
                {
                    await desk.ObserveAsync(AlertSignal.Of(result), cancellationToken);
                }
            }
        }

        return demo;
    }

    /// <inheritdoc/>
    public void Dispose() => Catalog.Dispose();

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
            Version = new DatasetVersion(new DatasetId(table.Replace('.', '/')), 100 + Days - day),
            StartedAt = at,
            Duration = TimeSpan.FromMilliseconds(80 + _random.Next(120)),
            Verdicts = verdicts,
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
}
