using System.Diagnostics;
using System.Globalization;
using DataPlatform.Benchmarks.ResourceScheduler;
using DataPlatform.Quality;
using DataPlatform.Quality.Postgres;
using DataPlatform.Quality.Sqlite;

namespace DataPlatform.Benchmarks.Quality;

/// <summary>A day of results kept and asked about: in SQLite, and in a PostgreSQL of this run where the machine has one.</summary>
internal static class StoreCases
{
    private const int RulesPerRun = 40;
    private const int Suites = 500;
    private const int RunsPerBatch = 50;
    private const double PerSecondOfADay = 1_000_000 / 86_400.0;
    private static readonly DateTimeOffset Day = new(2001, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static async Task RunAsync(BenchmarkReport report, int results, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("quality-bench-").FullName;
        try
        {
            await MeasureAsync(report, "SQLite", new SqliteQualityStore(QualityDatabase.Open(Path.Combine(folder, "quality.db"))), results, cancellationToken);
        }
        finally
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            Directory.Delete(folder, recursive: true);
        }

        await using var server = await TemporaryPostgres.StartAsync();
        if (server is null)
        {
            report.AddRow(new { bench = "quality", skipped = "no PostgreSQL" }, "quality      PostgreSQL is not on this machine: its store is not measured.");
            return;
        }

        await using var database = await PostgresQualityDatabase.OpenAsync(server.ConnectionString, cancellationToken: cancellationToken);
        await MeasureAsync(report, "PostgreSQL", new PostgresQualityStore(database), results, cancellationToken);
    }

    private static async Task MeasureAsync(
        BenchmarkReport report, string name, IQualityHistory store, int results, CancellationToken cancellationToken)
    {
        var runs = Math.Max(Suites, results / RulesPerRun);
        var watch = Stopwatch.StartNew();
        foreach (var batch in Enumerable.Range(0, runs).Chunk(RunsPerBatch))
        {
            await store.AppendAsync([.. batch.Select(i => Run(i, runs))], cancellationToken);
        }

        var kept = string.Create(CultureInfo.InvariantCulture, $"{runs * RulesPerRun:N0} results in {name}");
        report.Add(new Figure("quality", $"keep {kept}", runs * RulesPerRun / watch.Elapsed.TotalSeconds, "1/s", "1 M a day", PerSecondOfADay));

        watch.Restart();
        var read = 0;
        for (var suite = 0; suite < 20; suite++)
        {
            await foreach (var result in store.ReadAsync($"suite {suite}", Day, cancellationToken))
            {
                read += result.Verdicts.Count;
            }
        }

        report.Add(new Figure("quality", $"read the day of a suite out of {kept}", watch.Elapsed.TotalMilliseconds / 20, "ms"));
        watch.Restart();
        var removed = await store.RemoveBeforeAsync(Day.AddDays(1), 1_000, cancellationToken);
        report.Add(new Figure("quality", $"forget {removed:N0} runs of {kept}", removed * RulesPerRun / watch.Elapsed.TotalSeconds, "results/s"));
    }

    private static SuiteResult Run(int run, int runs) => new()
    {
        RunId = string.Create(CultureInfo.InvariantCulture, $"run {run}"),
        Suite = string.Create(CultureInfo.InvariantCulture, $"suite {run % Suites}"),
        Table = string.Create(CultureInfo.InvariantCulture, $"t{run % Suites}"),
        StartedAt = Day.AddTicks(TimeSpan.TicksPerDay / runs * run),
        Duration = TimeSpan.FromMilliseconds(5),
        Queries = new QueryCounts(),
        Verdicts =
        [
            .. Enumerable.Range(0, RulesPerRun).Select(i => new Verdict
            {
                RuleId = string.Create(CultureInfo.InvariantCulture, $"rule-{i:00}"),
                Rule = "delay is between -60 and 720",
                Kind = "range",
                Severity = Severity.Warning,
                Outcome = (run + i) % 50 == 0 ? Outcome.Fail : Outcome.Pass,
                Message = "12 of 20,000 rows break it",
                Observed = "12",
                Violations = 12,
                Evaluated = 20_000,
            }),
        ],
    };
}
