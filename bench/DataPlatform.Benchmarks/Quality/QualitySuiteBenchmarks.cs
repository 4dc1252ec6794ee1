using System.Diagnostics;
using System.Globalization;
using DataPlatform.Quality;
using DataPlatform.Quality.DuckDb;
using DataPlatform.Quality.Lineage;
using DuckDB.NET.Data;

namespace DataPlatform.Benchmarks.Quality;

/// <summary>What rules cost over one scan, what a statement's lineage costs, and how fast impact is found.</summary>
internal sealed class QualitySuiteBenchmarks : IBenchmarkSuite
{
    private const int Repeats = 3;

    /// <inheritdoc/>
    public string Name => "quality";

    /// <inheritdoc/>
    public string Description => "Fused rules against single ones and a raw scan, lineage per statement, new partitions, anomalies, impact and incidents over a large graph, a day of results (--rows N, --tables N, --results N, --only CASE).";

    /// <inheritdoc/>
    public async Task<int> RunAsync(string[] arguments, BenchmarkReport report, CancellationToken cancellationToken)
    {
        var rows = Argument(arguments, "--rows", 20_000_000);
        var tables = Argument(arguments, "--tables", 10_000);
        var results = Argument(arguments, "--results", 1_000_000);
        if (rows < 1 || tables < 1 || results < 1)
        {
            return 2;
        }

        var only = Array.IndexOf(arguments, "--only") is var at and >= 0 && at + 1 < arguments.Length ? arguments[at + 1] : null;
        (string Name, Func<Task> Run)[] cases =
        [
            ("rules", () => RulesAsync(report, rows, cancellationToken)),
            ("small", () => SmallTableAsync(report, cancellationToken)),
            ("partitions", () => PartitionCases.RunAsync(report, rows, cancellationToken)),
            ("anomalies", () => AnomalyCases.RunAsync(report)),
            ("lineage", () => Task.Run(() => LineageCases.Run(report, tables, cancellationToken), cancellationToken)),
            ("impact", () => Task.Run(() => Impact(report), cancellationToken)),
            ("incidents", () => Task.Run(() => LineageCases.Incidents(report), cancellationToken)),
            ("store", () => StoreCases.RunAsync(report, results, cancellationToken)),
        ];
        var chosen = cases.Where(c => only is null || c.Name == only).ToList();
        foreach (var (_, run) in chosen)
        {
            await run();
        }

        return chosen.Count == 0 ? 2 : 0;
    }

    private static async Task RulesAsync(BenchmarkReport report, int rows, CancellationToken cancellationToken)
    {
        var file = Path.Combine(Path.GetTempPath(), $"quality-bench-{Guid.NewGuid():N}.parquet");
        try
        {
            using var connection = QualityConnection.Open();
            Execute(connection, string.Create(CultureInfo.InvariantCulture, $"COPY (SELECT i AS id, (hash(i) % 1000)::INTEGER AS a, (hash(i + 7) % 100000) / 7.0 AS b, 'k' || (hash(i) % 500) AS c, TIMESTAMP '2001-01-01' + INTERVAL (i % 1000000) SECOND AS d FROM range({rows}) r(i)) TO '{file}' (FORMAT parquet)"));
            Execute(connection, $"CREATE VIEW t AS SELECT * FROM read_parquet('{file}')");
            var runner = new DuckDbQualityRunner(connection, new QualityRunnerOptions { SampleRowsMax = 0 });
            var raw = await BestAsync(() =>
            {
                Execute(connection, "SELECT sum(id), sum(a), sum(b), max(hash(c)), sum(epoch(d)) FROM t");
                return Task.CompletedTask;
            });
            await CompareAsync("40 ranges and sets that hold", Suite);
            await CompareAsync("40 rules of eight kinds, half of them broken", MixedSuite);

            async Task CompareAsync(string what, Func<int, int, QualitySuite> suite)
            {
                var fused = await BestAsync(async () => await runner.RunAsync(suite(0, 40), new QualityTarget("t"), cancellationToken));
                var single = await BestAsync(async () =>
                {
                    for (var i = 0; i < 40; i++)
                    {
                        await runner.RunAsync(suite(i, 1), new QualityTarget("t"), cancellationToken);
                    }
                });
                var size = string.Create(CultureInfo.InvariantCulture, $"{rows / 1_000_000.0:0.#} M rows");
                report.Add(new Figure("quality", $"{what}, one by one, {size}", single, "s", "fused", fused));
                report.Add(new Figure("quality", $"{what}, fused, {size}", fused, "s", "raw scan of the same columns", raw));
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task SmallTableAsync(BenchmarkReport report, CancellationToken cancellationToken)
    {
        using var connection = QualityConnection.Open();
        Execute(connection, "CREATE TABLE t AS SELECT i AS id, (hash(i) % 1000)::INTEGER AS a, (hash(i + 7) % 100000) / 7.0 AS b, 'k' || (i % 500) AS c, TIMESTAMP '2001-01-01' AS d FROM range(100000) r(i)");
        var runner = new DuckDbQualityRunner(connection, new QualityRunnerOptions { SampleRowsMax = 0 });
        var suite = Suite(0, 10);
        await runner.RunAsync(suite, new QualityTarget("t"), cancellationToken);
        var watch = Stopwatch.StartNew();
        var runs = 0;
        for (; watch.Elapsed < TimeSpan.FromSeconds(3); runs++)
        {
            await runner.RunAsync(suite, new QualityTarget("t"), cancellationToken);
        }

        report.Add(new Figure("quality", "rule evaluations, 10 rules on 100 K rows", runs * 10 / watch.Elapsed.TotalSeconds, "1/s", "target", 1_000));
    }

    private static void Impact(BenchmarkReport report)
    {
        const int Columns = 500_000;
        const int Edges = 2_000_000;
        var random = new Random(42);
        var edges = new LineageEdge[Edges];
        for (var i = 0; i < Edges; i++)
        {
            // Downstream columns have higher numbers, as in a warehouse without cycles.
            var source = random.Next(Columns - 1);
            var target = source + 1 + random.Next(Math.Min(20_000, Columns - 1 - source));
            edges[i] = new LineageEdge(Column(source), Column(target), i % 4 == 0 ? LineageEdgeKind.Indirect : LineageEdgeKind.Direct, LineageOrigin.Sql, "job");
        }

        var build = Stopwatch.StartNew();
        var index = LineageIndex.Build(edges);
        report.Add(new Figure("quality", "build an index of 500 K columns, 2 M edges", build.Elapsed.TotalMilliseconds, "ms"));
        index.Downstream(Column(0));
        var watch = Stopwatch.StartNew();
        var reached = Enumerable.Range(0, 10).Select(i => index.Downstream(Column(i * 40_000)).Count).Max();
        report.Add(new Figure("quality", string.Create(CultureInfo.InvariantCulture, $"impact of a column, up to {reached} columns reached"), watch.Elapsed.TotalMilliseconds / 10, "ms", "target", 100));
    }

    private static ColumnId Column(int id) => new($"t{id / 50}", $"c{id % 50}");

    private static QualitySuite Suite(int first, int count)
    {
        var builder = new QualitySuiteBuilder("t");
        for (var i = first; i < first + count; i++)
        {
            _ = (i % 5) switch
            {
                0 => builder.InRange("id", -i - 1, null),
                1 => builder.InRange("a", 0, 1_000 + i),
                2 => builder.InRange("b", -i - 1.0, 1e9),
                3 => builder.InSet("c", [.. Enumerable.Range(0, 3).Select(n => Rules($"k{n + i}"))], Severity.Warning),
                _ => builder.InRange("d", new DateTime(2000, 1, 1).AddDays(-i), null),
            };
        }

        return builder.Build();
    }

    /// <summary>Rules that no footer can answer: kinds that look at every row, and limits that rows break.</summary>
    private static QualitySuite MixedSuite(int first, int count)
    {
        var builder = new QualitySuiteBuilder("t");
        for (var i = first; i < first + count; i++)
        {
            var n = i / 8;
            _ = (i % 8) switch
            {
                0 => builder.NotNull(((string[])["id", "a", "b", "c", "d"])[n]),
                1 => builder.InRange("a", 10 + n, 990 - n),
                2 => builder.InRange("b", 1.0 + n, 14_000.0 - n),
                3 => builder.InSet("c", [.. Enumerable.Range(0, 100).Select(k => Rules($"k{k + n}"))], Severity.Warning),
                4 => builder.InRange("d", new DateTime(2001, 1, 2 + n), new DateTime(2001, 1, 11)),
                5 => builder.Matches("c", $"k[{n}-9][0-9]*"),
                6 => builder.LengthBetween("c", 2, 2 + n),
                _ => builder.RowSql(string.Create(CultureInfo.InvariantCulture, $"a <= id + {n}")),
            };
        }

        return builder.Build();
    }

    private static DataPlatform.Quality.Rules.RuleValue Rules(string text) => text;

    private static async Task<double> BestAsync(Func<Task> work)
    {
        var best = double.MaxValue;
        for (var i = 0; i < Repeats; i++)
        {
            var watch = Stopwatch.StartNew();
            await work();
            best = Math.Min(best, watch.Elapsed.TotalSeconds);
        }

        return best;
    }

    private static void Execute(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    internal static int Argument(string[] arguments, string name, int absent)
    {
        var at = Array.IndexOf(arguments, name);
        return at < 0 ? absent : at + 1 < arguments.Length && int.TryParse(arguments[at + 1], NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) ? value : -1;
    }
}
