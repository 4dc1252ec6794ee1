using System.Diagnostics;
using System.Globalization;
using DataPlatform.Kernel;
using DataPlatform.Quality;
using DataPlatform.Quality.Catalog;
using DataPlatform.Quality.Sqlite;
using DataPlatform.Quality.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Benchmarks.Quality;

/// <summary>What the pages cost over a large result store: the time and the bytes of each, over HTTP on this machine.</summary>
internal sealed class PagesSuite : IBenchmarkSuite
{
    private const int RulesPerTable = 40;
    private const int Repeats = 5;
    private static readonly DateTimeOffset Start = new(2001, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <inheritdoc/>
    public string Name => "quality-pages";

    /// <inheritdoc/>
    public string Description => "Overview, lists and table pages over many rules and results (--rules N, default 100000; --results N, default 1000000).";

    /// <inheritdoc/>
    public async Task<int> RunAsync(string[] arguments, BenchmarkReport report, CancellationToken cancellationToken)
    {
        var rules = QualitySuiteBenchmarks.Argument(arguments, "--rules", 100_000);
        var results = QualitySuiteBenchmarks.Argument(arguments, "--results", 1_000_000);
        if (rules < RulesPerTable || results < rules)
        {
            return 2;
        }

        var path = Path.Combine(Path.GetTempPath(), $"quality-pages-{Guid.NewGuid():N}.db");
        try
        {
            var database = QualityDatabase.Open(path);
            var started = Stopwatch.GetTimestamp();
            await FillAsync(database, rules / RulesPerTable, results / rules, cancellationToken);
            report.Add(new Figure("quality", $"results kept, with the catalog in step, {Size(results)}", results / Stopwatch.GetElapsedTime(started).TotalSeconds, "results/s"));
            report.Add(new Figure("quality", "bytes a result on disk, samples of failures included", (double)new FileInfo(path).Length / results, "By"));
            await PagesAsync(database, rules, report, cancellationToken);
        }
        finally
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            File.Delete(path);
        }

        return 0;
    }

    private static async Task FillAsync(QualityDatabase database, int tables, int runs, CancellationToken cancellationToken)
    {
        var store = new SqliteQualityStore(database);
        var random = new Random(7);
        for (var run = 0; run < runs; run++)
        {
            for (var table = 0; table < tables; table++)
            {
                await store.AppendAsync(Run(table, run, random), cancellationToken);
            }
        }
    }

    private static SuiteResult Run(int table, int run, Random random)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"domain{table % 50:00}.table{table:00000}");
        return new SuiteResult
        {
            RunId = string.Create(CultureInfo.InvariantCulture, $"{table}-{run}"),
            Suite = name + "-daily",
            Table = name,
            Version = new DatasetVersion(new DatasetId(name), run),
            StartedAt = Start.AddHours(run),
            Duration = TimeSpan.FromMilliseconds(30),
            Queries = new QueryCounts(Scans: 1),
            Verdicts = [.. Enumerable.Range(0, RulesPerTable).Select(rule => Judged(rule, random.Next(200)))],
        };
    }

    private static Verdict Judged(int rule, int chance) => new()
    {
        RuleId = string.Create(CultureInfo.InvariantCulture, $"{rule:x8}"),
        Rule = string.Create(CultureInfo.InvariantCulture, $"column{rule} is between 0 and 1,000"),
        Kind = "range",
        Severity = (Severity)(rule % 3),
        Outcome = chance == 0 ? Outcome.Fail : Outcome.Pass,
        Message = "All 100000 rows hold.",
        Violations = chance == 0 ? 12 : 0,
        Evaluated = 100_000,
        Owner = "data team",
        Tags = ["daily"],
    };

    private static async Task PagesAsync(QualityDatabase database, int rules, BenchmarkReport report, CancellationToken cancellationToken)
    {
        using var catalog = new SqliteCatalog(database);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var host = builder.Build();
        host.Urls.Add("http://127.0.0.1:0");
        host.MapQuality("/quality", new QualityConsole { Catalog = catalog });
        await host.StartAsync(cancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri(host.Urls.Single() + "/quality/") };
        var middle = (await catalog.RulesAsync(new RuleQuery { Outcome = Outcome.Pass, Limit = 1 }, cancellationToken))[0];
        var deep = new RulePlace(middle.Rank, rules / 2);
        foreach (var (what, path) in new[]
        {
            ("overview", ""), ("overview of a domain", "?domain=domain07"), ("rules, first page", "rules"), ("rules, a page in the middle", $"rules?after={deep}"),
            ("rules that hold a word", "rules?q=column39"), ("tables", "tables"), ("table", "table?name=domain07.table00007"),
            ("table, rules by version", "table?name=domain07.table00007&tab=partitions"), ("API: 1,000 rules", "api/rules?limit=1000"),
        })
        {
            var (seconds, bytes) = await BestAsync(client, path, cancellationToken);
            report.Add(new Figure("quality", $"page: {what}, {Size(rules)} rules", seconds * 1000, "ms"));
            report.Add(new Figure("quality", $"bytes: {what}", bytes / 1024.0, "KiB"));
        }
    }

    private static async Task<(double Seconds, int Bytes)> BestAsync(HttpClient client, string path, CancellationToken cancellationToken)
    {
        var (best, bytes) = (double.MaxValue, 0);
        for (var i = 0; i <= Repeats; i++)
        {
            var started = Stopwatch.GetTimestamp();
            bytes = (await client.GetByteArrayAsync(path, cancellationToken)).Length;
            best = i == 0 ? best : Math.Min(best, Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        return (best, bytes);
    }

    private static string Size(int count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
