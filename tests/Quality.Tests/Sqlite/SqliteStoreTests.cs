using DataPlatform.Kernel;
using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.Lineage;
using DataPlatform.Quality.Sqlite;

namespace DataPlatform.Quality.Tests.Sqlite;

public sealed class SqliteStoreTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2001, 1, 31, 23, 59, 59, TimeSpan.Zero);
    private readonly string _folder = Directory.CreateTempSubdirectory("quality-db-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string File => Path.Combine(_folder, "quality.db");

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Runs_come_back_as_they_were_in_order_and_over_many_pages()
    {
        var store = new SqliteQualityStore(QualityDatabase.Open(File));
        for (var i = 0; i < 130; i++)
        {
            Assert.True(await store.AppendAsync(Result($"r{i}", Start.AddSeconds(-i)), Token));
        }

        Assert.False(await store.AppendAsync(Result("r0", Start), Token));

        var again = new SqliteQualityStore(QualityDatabase.Open(File));
        var read = await ReadAsync(again);
        Assert.Equal(Enumerable.Range(0, 130).Reverse().Select(i => $"r{i}"), read.Select(r => r.RunId));
        var expected = Result("r7", Start.AddSeconds(-7));
        var actual = read.Single(r => r.RunId == "r7");
        Assert.Equal(expected with { Verdicts = actual.Verdicts }, actual);
        Assert.Equal(expected.Verdicts[0] with { Sample = actual.Verdicts[0].Sample }, actual.Verdicts[0]);
        Assert.Equal([[null, "XXX"]], actual.Verdicts[0].Sample.Rows);
        Assert.Equal(3, (await ReadAsync(again, Start.AddSeconds(-2))).Count);
        Assert.Equal(128, again.RemoveBefore(Start.AddSeconds(-1)));
        Assert.Equal(["r1", "r0"], (await ReadAsync(again)).Select(r => r.RunId));
        Assert.Equal("r", Assert.Single(again.Latest("suite")).RuleId);
    }

    [Fact]
    public void A_point_measured_again_keeps_what_was_said_about_it()
    {
        var store = new SqliteSeriesStore(QualityDatabase.Open(File));
        store.Put("t/rows", new MetricPoint(Start, 5));
        Assert.True(store.Mark("t/rows", Start, PointFeedback.Real));
        Assert.False(store.Mark("t/rows", Start.AddDays(1), PointFeedback.Real));
        store.Put("t/rows", new MetricPoint(Start, 7));
        store.Put("t/rows", new MetricPoint(Start.AddDays(-1), 1));

        Assert.Equal([new MetricPoint(Start.AddDays(-1), 1), new MetricPoint(Start, 7, PointFeedback.Real)], store.Before("t/rows", Start.AddDays(1)));
        Assert.Empty(store.Before("other", Start.AddDays(1)));
    }

    [Fact]
    public void A_graph_survives_with_its_history_and_denials()
    {
        var graph = new LineageGraph();
        LineageEdge Edge(string from, string to) => new(new ColumnId(from, "x"), new ColumnId(to, "x"), LineageEdgeKind.Direct, LineageOrigin.Sql, "j", 0.8);
        graph.Observe("j", [Edge("a", "b"), Edge("b", "c")], Start);
        graph.Observe("j", [Edge("a", "b")], Start.AddDays(1));
        graph.Deny(new ColumnId("q", "x"), new ColumnId("r", "x"));
        var store = new SqliteLineageStore(QualityDatabase.Open(File));

        store.Save(graph);
        store.Save(graph);
        var loaded = store.Load();

        Assert.Equal(graph.History().OrderBy(r => r.Edge.Source), loaded.History().OrderBy(r => r.Edge.Source));
        Assert.Equal(graph.Denied(), loaded.Denied());
    }

    [Fact]
    public void A_file_that_is_none_of_ours_is_named()
    {
        System.IO.File.WriteAllText(File, "not a database, though long enough to be looked at as one by anybody who opens it");

        var error = Assert.Throws<QualityException>(() => QualityDatabase.Open(File));

        Assert.Equal(ErrorKind.Corrupt, error.Kind);
        Assert.Contains(File, error.Message, StringComparison.Ordinal);
    }

    private static SuiteResult Result(string id, DateTimeOffset start) => new()
    {
        RunId = id,
        Suite = "suite",
        Table = "t",
        Version = new DatasetVersion(new DatasetId("lake/t"), 7),
        StartedAt = start,
        Duration = TimeSpan.FromMilliseconds(12.5),
        Queries = new QueryCounts(1, 2, 3, 4, 5, 6),
        Verdicts =
        [
            new Verdict
            {
                RuleId = "r", Rule = "a is not null", Kind = "not-null", Severity = Severity.Warning, Outcome = Outcome.Fail, Message = "1 of 2",
                Observed = "1", Violations = 1, Evaluated = 2, Sample = new RowSample(["a", "b"], [[null, "XXX"]]), Owner = "me",
            },
        ],
    };

    private static async Task<List<SuiteResult>> ReadAsync(SqliteQualityStore store, DateTimeOffset? from = null)
    {
        List<SuiteResult> results = [];
        await foreach (var result in store.ReadAsync("suite", from, Token))
        {
            results.Add(result);
        }

        return results;
    }
}
