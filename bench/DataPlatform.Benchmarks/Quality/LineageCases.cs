using System.Diagnostics;
using System.Globalization;
using DataPlatform.Quality;
using DataPlatform.Quality.Alerts;
using DataPlatform.Quality.Alerts.Incidents;
using DataPlatform.Quality.DuckDb.Lineage;
using DataPlatform.Quality.Lineage;

namespace DataPlatform.Benchmarks.Quality;

/// <summary>What a statement's lineage costs over a large shadow catalog, read anew and remembered, and what folding alerts costs.</summary>
internal static class LineageCases
{
    private const int Statements = 300;

    public static void Run(BenchmarkReport report, int tables, CancellationToken cancellationToken)
    {
        using var extractor = new DuckDbLineageExtractor();
        var columns = Enumerable.Range(0, 50).Select(i => new ColumnDefinition($"c{i}", i % 2 == 0 ? "int" : "varchar")).ToList();
        var load = Stopwatch.StartNew();
        for (var i = 0; i < tables; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            extractor.AddTable(new TableDefinition($"t{i}", columns));
        }

        report.Add(new Figure("quality", $"shadow catalog of {tables} tables x 50 columns", load.Elapsed.TotalSeconds, "s"));
        var other = Math.Min(1, tables - 1);
        var values = string.Join(", ", Enumerable.Range(0, 50).Select(i => $"{(i % 3 == 0 ? "a" : "b")}.c{i}"));
        var join = Statement(report, extractor, "small join", i => $"SELECT a.c1, b.c3 FROM t0 a JOIN t{other} b ON a.c0 = b.c0 WHERE a.c2 > {i}");
        Statement(report, extractor, "50-column join INSERT", i => $"INSERT INTO t0 SELECT {values} FROM t{other} a JOIN t{tables - 1} b ON a.c0 = b.c0 + {i}");
        report.Add(new Figure("quality", "statements of a small join read", 1_000 / join, "1/s", "target", 500));
        Remembered(report, extractor, join, $"SELECT a.c1, b.c3 FROM t0 a JOIN t{other} b ON a.c0 = b.c0 WHERE a.c2 > 3");
    }

    /// <summary>A cascade below one failure in a warehouse of layers, and alerts that have nothing to do with each other.</summary>
    public static void Incidents(BenchmarkReport report)
    {
        const int Layers = 20;
        const int Width = 25_000;
        const int Alerts = 5_000;
        var random = new Random(42);
        var edges = Enumerable.Range(0, (Layers - 1) * Width).SelectMany(i => Enumerable.Range(0, 3).Select(_ => new LineageEdge(
            Column(i), Column(((i / Width) + 1) * Width + random.Next(Width)), LineageEdgeKind.Direct, LineageOrigin.Sql, "job"))).ToList();
        var index = LineageIndex.Build(edges);
        var below = index.Downstream(Column(0)).Take(Alerts).Select(r => r.Column).ToList();
        Fold(report, index, "fold a cascade below one failure", [Column(0), .. below]);
        Fold(report, index, "fold alerts of one layer", [.. Enumerable.Range(0, Alerts).Select(i => Column(((Layers - 2) * Width) + i))]);
    }

    private static void Fold(BenchmarkReport report, LineageIndex index, string name, IReadOnlyList<ColumnId> columns)
    {
        var now = DateTimeOffset.UnixEpoch;
        var alerts = columns.Select(c => new Alert(c.ToString(), c.ToString(), Severity.Critical, AlertState.Open, "", now, now, now, Column: c)).ToList();
        var watch = Stopwatch.StartNew();
        var decision = IncidentFold.Decide(index, alerts, [], now);
        report.Add(new Figure(
            "quality",
            string.Create(CultureInfo.InvariantCulture, $"{name}: {alerts.Count} alerts, {decision.Open.Count} incidents"),
            watch.Elapsed.TotalMilliseconds,
            "ms"));
    }

    private static double Statement(BenchmarkReport report, DuckDbLineageExtractor extractor, string name, Func<int, string> sql)
    {
        extractor.Extract(sql(-1));
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < Statements; i++)
        {
            // Another constant each time: a statement that was seen is not bound again.
            extractor.Extract(sql(i));
        }

        var each = watch.Elapsed.TotalMilliseconds / Statements;
        report.Add(new Figure("quality", $"lineage of a {name}", each, "ms", "target", 2));
        return each;
    }

    private static void Remembered(BenchmarkReport report, DuckDbLineageExtractor extractor, double bound, string sql)
    {
        extractor.Extract(sql);
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < Statements; i++)
        {
            extractor.Extract(sql);
        }

        report.Add(new Figure("quality", "lineage of a small join, remembered", watch.Elapsed.TotalMilliseconds / Statements, "ms", "read anew", bound));
    }

    private static ColumnId Column(int id) => new($"t{id / 50}", $"c{id % 50}");
}
