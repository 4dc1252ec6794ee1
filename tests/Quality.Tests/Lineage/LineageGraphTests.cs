using DataPlatform.Kernel;
using DataPlatform.Quality.Lineage;

namespace DataPlatform.Quality.Tests.Lineage;

public sealed class LineageGraphTests
{
    private static readonly DateTimeOffset Noon = new(2001, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly LineageGraph _graph = new();

    [Fact]
    public void A_search_tells_distance_and_whether_values_flow_all_the_way()
    {
        Observe("a", "raw.x>mid.x", "raw.y~mid.x", "mid.x>mart.x", "raw.y>side.y", "side.y~mart.x");

        var reached = _graph.Index.Downstream(Column("raw.y")).ToDictionary(r => r.Column.ToString());

        Assert.Equal((1, false), (reached["mid.x"].Distance, reached["mid.x"].IsDirect));
        Assert.Equal((1, true), (reached["side.y"].Distance, reached["side.y"].IsDirect));
        Assert.Equal((2, false), (reached["mart.x"].Distance, reached["mart.x"].IsDirect));
        Assert.Equal(["side.y"], _graph.Index.Downstream(Column("raw.y"), new LineageSearch(Indirect: false)).Select(r => r.Column.ToString()));
        Assert.Equal(["mid.x", "raw.x"], _graph.Index.Upstream(Column("mart.x"), new LineageSearch(Indirect: false)).Select(r => r.Column.ToString()));
        Assert.Equal(2, _graph.Index.Downstream(Column("raw.y"), new LineageSearch(DepthMax: 1)).Count);
        Assert.Empty(_graph.Index.Downstream(Column("no.where")));
    }

    [Fact]
    public void A_direct_path_is_found_though_a_shorter_indirect_one_exists()
    {
        Observe("a", "s.a~t.a", "s.a>m.a", "m.a>t.a");

        var reach = _graph.Index.Downstream(Column("s.a")).Single(r => r.Column == Column("t.a"));

        Assert.Equal((1, true), (reach.Distance, reach.IsDirect));
    }

    [Fact]
    public void A_cycle_ends_and_an_edge_of_two_jobs_counts_once()
    {
        Observe("a", "p.x>q.x", "q.x>p.x");
        Observe("b", "p.x~q.x");

        Assert.Equal(2, _graph.Index.EdgeCount);
        Assert.Equal([new LineageReach(Column("q.x"), 1, true)], _graph.Index.Downstream(Column("p.x")));
    }

    [Fact]
    public void A_newer_run_of_a_job_retires_what_it_no_longer_shows_and_an_older_event_changes_nothing()
    {
        Observe("a", Noon, "s.a>t.a", "s.b>t.b");
        Observe("other", Noon, "s.b>t.b");
        Assert.True(Observe("a", Noon.AddHours(1), "s.a>t.a"));
        Assert.False(Observe("a", Noon.AddMinutes(30), "s.z>t.z"));

        Assert.Equal(["t.b"], _graph.Index.Downstream(Column("s.b")).Select(r => r.Column.ToString()));
        var retired = Assert.Single(_graph.History(), r => r.RetiredAt is not null);
        Assert.Equal((Noon.AddHours(1), "a"), (retired.RetiredAt!.Value, retired.Edge.Job));
        Assert.Equal((Noon, Noon.AddHours(1)), _graph.History().Where(r => r.Edge.Source == Column("s.a")).Select(r => (r.FirstSeen, r.LastSeen)).Single());
    }

    [Fact]
    public void What_people_say_wins_over_what_jobs_show()
    {
        Observe("a", "s.a>t.a");
        _graph.Deny(Column("s.a"), Column("t.a"));
        Observe("a", Noon.AddDays(1), "s.a>t.a");
        Assert.Empty(_graph.Index.Downstream(Column("s.a")));

        _graph.Annotate(Column("x.a"), Column("t.a"), Noon);
        Observe("a", Noon.AddDays(2), "s.q>t.q");
        Assert.Equal(["x.a"], _graph.Index.Upstream(Column("t.a")).Select(r => r.Column.ToString()));
    }

    [Fact]
    public void A_restored_graph_goes_on_where_it_stopped()
    {
        Observe("a", Noon, "s.a>t.a", "s.b>t.b");
        _graph.Deny(Column("s.b"), Column("t.b"));
        var again = new LineageGraph();

        again.Restore(_graph.History(), _graph.Denied());

        Assert.Equal(1, again.Index.EdgeCount);
        Assert.False(again.Observe("a", [], Noon.AddHours(-1)));
        Assert.True(again.Observe("a", [], Noon.AddHours(1)));
        Assert.Equal(0, again.Index.EdgeCount);
    }

    [Fact]
    public void The_root_cause_is_the_most_upstream_trouble_that_explains_the_rest()
    {
        Observe("a", "raw.x>clean.x", "clean.x>hourly.x", "hourly.x>mart.x", "aside.z>mart.x", "hourly.x>report.x");
        LineageSymptom At(string column, int minute, Severity severity = Severity.Critical) => new(Column(column), severity, Noon.AddMinutes(minute), column);
        var asked = At("mart.x", 30);

        var ranking = RootCause.Rank(_graph.Index, asked, [At("raw.x", 0), At("hourly.x", 10), At("report.x", 20), At("aside.z", 5, Severity.Info), At("else.q", 0)]);

        Assert.Equal(["raw.x", "hourly.x"], ranking.Take(2).Select(c => c.Symptom.What));
        Assert.Equal((3, 3), (ranking[0].Distance, ranking[0].Explains));
        Assert.DoesNotContain(ranking, c => c.Symptom.What is "else.q" or "report.x");
        Assert.Equal("mart.x", Assert.Single(RootCause.Rank(_graph.Index, asked, [At("report.x", 0)])).Symptom.What);
    }

    [Fact]
    public void Events_of_engines_become_edges_by_column_or_by_dataset()
    {
        var collector = new LineageCollector(_graph);
        DatasetId raw = new("lake/raw"), hourly = new("lake/hourly");
        var streaming = new LineageEvent("job", "r1", Noon, LineageEventKind.Running, [new(raw)], [new(hourly, 3)]);

        Assert.True(collector.Accept(streaming));
        Assert.False(collector.Accept(streaming with { Kind = LineageEventKind.Fail }));
        Assert.True(collector.Accept(new LineageEvent(
            "dag/mart", "r2", Noon, LineageEventKind.Complete, [new(hourly)], [new(new DatasetId("mart"))],
            Columns: [new LineageColumn(new DatasetId("mart"), "worst", [new LineageSource(hourly, "mean")])])));

        Assert.Equal(["lake/hourly.*"], _graph.Index.Downstream(new ColumnId("lake/raw", "*")).Select(r => r.Column.ToString()));
        Assert.Equal(["mart.worst"], _graph.Index.Downstream(new ColumnId("lake/hourly", "mean")).Select(r => r.Column.ToString()));
    }

    private static ColumnId Column(string text) => new(text[..text.IndexOf('.', StringComparison.Ordinal)], text[(text.IndexOf('.', StringComparison.Ordinal) + 1)..]);

    private bool Observe(string job, params string[] edges) => Observe(job, Noon, edges);

    private bool Observe(string job, DateTimeOffset at, params string[] edges) => _graph.Observe(job, edges.Select(e => new LineageEdge(
        Column(e.Split('>', '~')[0]), Column(e.Split('>', '~')[1]), e.Contains('>', StringComparison.Ordinal) ? LineageEdgeKind.Direct : LineageEdgeKind.Indirect, LineageOrigin.Sql, job)), at);
}
