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
    public void What_people_say_wins_over_what_jobs_show_until_they_take_it_back()
    {
        Observe("a", "s.a>t.a");
        Say("s.a", "t.a", LineageAnnotationKind.Denied, Noon);
        Observe("a", Noon.AddDays(1), "s.a>t.a");
        Assert.Empty(_graph.Index.Downstream(Column("s.a")));

        Say("x.a", "t.a", LineageAnnotationKind.Direct, Noon);
        Observe("a", Noon.AddDays(2), "s.q>t.q");
        Assert.Equal(["x.a"], _graph.Index.Upstream(Column("t.a")).Select(r => r.Column.ToString()));

        Assert.False(Say("x.a", "t.a", LineageAnnotationKind.Denied, Noon.AddHours(-1)));
        Say("x.a", "t.a", LineageAnnotationKind.Withdrawn, Noon.AddDays(1));
        Say("s.a", "t.a", LineageAnnotationKind.Withdrawn, Noon.AddDays(1));
        Observe("a", Noon.AddDays(3), "s.a>t.a");
        Assert.Equal(["s.a"], _graph.Index.Upstream(Column("t.a")).Select(r => r.Column.ToString()));
        Assert.Equal(("ann", Noon.AddDays(1)), _graph.Annotations().Select(a => (a.By, a.At)).First());
    }

    [Fact]
    public void Two_statements_of_one_run_stand_side_by_side_and_another_run_replaces_what_it_writes_anew()
    {
        See("s1", "run 1", 0, "a.x>t.x");
        See("s2", "run 1", 1, "b.x>t.x", "b.x>u.x");
        Assert.Equal(["a.x", "b.x"], _graph.Index.Upstream(Column("t.x")).Select(r => r.Column.ToString()));

        See("s3", "run 2", 2, "c.x>t.x");

        Assert.Equal(["c.x"], _graph.Index.Upstream(Column("t.x")).Select(r => r.Column.ToString()));
        Assert.Equal(["b.x"], _graph.Index.Upstream(Column("u.x")).Select(r => r.Column.ToString()));
        Assert.All(_graph.History().Where(r => r.RetiredAt is not null), r => Assert.Equal(Noon.AddHours(2), r.RetiredAt));
        See("s1", "run 1", 0, "a.x>t.x");
        See("s4", "run 1", 1, "late.x>t.x");
        Assert.Equal(["c.x"], _graph.Index.Upstream(Column("t.x")).Select(r => r.Column.ToString()));
    }

    [Fact]
    public void A_whole_dataset_stands_for_each_of_its_columns()
    {
        Observe("stream", "raw.*>hourly.*");
        Observe("mart", "hourly.mean>mart.worst", "hourly.n~mart.worst");

        Assert.Equal(["hourly.*", "hourly.mean", "hourly.n", "mart.worst"], _graph.Index.Downstream(Column("raw.delay")).Select(r => r.Column.ToString()));
        Assert.Equal([1, 1, 1, 2], _graph.Index.Downstream(Column("raw.delay")).Select(r => r.Distance));
        Assert.Equal(["hourly.mean", "hourly.n", "raw.*"], _graph.Index.Upstream(Column("mart.worst")).Select(r => r.Column.ToString()));
        Assert.Equal(["raw.*"], _graph.Index.Upstream(Column("hourly.mean")).Select(r => r.Column.ToString()));
        Assert.Equal(["mart.worst"], _graph.Index.Downstream(Column("hourly.*")).Select(r => r.Column.ToString()));
        Assert.Empty(_graph.Index.Upstream(Column("raw.*")));
    }

    [Fact]
    public void A_cut_has_what_lies_between_and_nothing_else()
    {
        Observe("a", "raw.x>mid.x", "mid.x>mart.x", "mid.x>side.x", "other.x>mid.x", "raw.y~mart.x");

        var cut = _graph.Index.Between([Column("raw.x")], [Column("mart.x")]);

        Assert.Equal(["raw.x", "mid.x", "mart.x"], cut.Columns.Select(c => c.ToString()));
        Assert.Equal(["raw.x>mid.x", "mid.x>mart.x"], cut.Edges.Select(e => $"{e.Source}>{e.Target}"));
        Assert.False(cut.IsTruncated);
        var small = _graph.Index.Between([Column("raw.x")], [Column("mart.x")], columnsMax: 2);
        Assert.Equal((2, true), (small.Columns.Count, small.IsTruncated));
        Assert.Equal(["no.where", "mart.x"], _graph.Index.Between([Column("no.where")], [Column("mart.x")]).Columns.Select(c => c.ToString()).OrderDescending());
    }

    [Fact]
    public void A_cut_leads_through_whole_datasets()
    {
        Observe("a", "raw.x>mid.*", "mid.y>mart.x");

        var cut = _graph.Index.Between([Column("raw.x")], [Column("mart.x")]);

        Assert.Equal(["raw.x>mid.y", "mid.y>mart.x"], cut.Edges.Select(e => $"{e.Source}>{e.Target}"));
    }

    [Fact]
    public void A_neighbourhood_tells_distance_and_who_shows_each_edge()
    {
        Observe("a", "raw.x>mid.x", "mid.x>mart.x", "mart.x>far.x");
        Observe("b", "raw.x>mid.x");
        Say("said.x", "mid.x", LineageAnnotationKind.Direct, Noon);

        var near = _graph.Neighbourhood(Column("mid.x"), depth: 1);

        Assert.Equal(
            [("mid.x", 0), ("mart.x", 1), ("raw.x", -1), ("said.x", -1)],
            near.Nodes.Select(n => (n.Column.ToString(), n.Distance)));
        Assert.Equal(["mid.x a", "raw.x a", "raw.x b", "said.x ann"], near.Edges.Select(r => $"{r.Edge.Source} {r.Edge.Job}"));
        Assert.False(near.IsTruncated);
        Assert.True(_graph.Neighbourhood(Column("mid.x"), 1, columnsMax: 3).IsTruncated);
        Assert.Equal(["mid.x"], _graph.Neighbourhood(Column("mid.*"), 0).Nodes.Select(n => n.Column.ToString()));
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

        Assert.Equal(["lake/hourly.*", "lake/hourly.mean", "mart.worst"], _graph.Index.Downstream(new ColumnId("lake/raw", "*")).Select(r => r.Column.ToString()));
        Assert.Equal(["mart.worst"], _graph.Index.Downstream(new ColumnId("lake/hourly", "mean")).Select(r => r.Column.ToString()));
    }

    [Fact]
    public void A_run_that_showed_columns_says_no_more_by_the_datasets_it_read_and_wrote()
    {
        var collector = new LineageCollector(_graph);
        LineageDataset raw = new(new DatasetId("raw")), aside = new(new DatasetId("aside")), mart = new(new DatasetId("mart"));
        LineageEvent Complete(string run, int hour) => new("job", run, Noon.AddHours(hour), LineageEventKind.Complete, [raw, aside], [mart]);
        collector.Accept(new LineageEvent(
            "job", "r1", Noon, LineageEventKind.Running, [raw], [mart], Columns: [new LineageColumn(mart.Dataset, "x", [new LineageSource(raw.Dataset, "x")])]));
        collector.Accept(Complete("r1", 0));

        Assert.Equal(["aside.*>mart.*", "raw.x>mart.x"], Alive());

        // A run that tells less than the one before has changed, or is not all told: then the datasets are what is known.
        collector.Accept(Complete("r2", 1));
        Assert.Equal(["aside.*>mart.*", "raw.*>mart.*"], Alive());

        IEnumerable<string> Alive() => _graph.History().Where(r => r.RetiredAt is null).Select(r => $"{r.Edge.Source}>{r.Edge.Target}").Order(StringComparer.Ordinal);
    }

    [Fact]
    public void Which_of_several_inputs_went_into_which_of_several_outputs_is_less_certain()
    {
        var collector = new LineageCollector(_graph);
        LineageDataset one = new(new DatasetId("one")), two = new(new DatasetId("two"));
        collector.Accept(new LineageEvent("a", "r", Noon, LineageEventKind.Complete, [one], [two]));
        collector.Accept(new LineageEvent("b", "r", Noon, LineageEventKind.Complete, [one, two], [new(new DatasetId("x")), new(new DatasetId("y"))]));

        Assert.Equal([1, 0.5, 0.5, 0.5, 0.5], _graph.History().Select(r => r.Edge.Confidence));
    }

    [Fact]
    public void A_job_of_two_sinks_that_reports_each_by_itself_keeps_both()
    {
        var collector = new LineageCollector(_graph);
        DatasetId raw = new("raw"), one = new("one"), two = new("two");
        collector.Accept(new LineageEvent("job", "r1", Noon, LineageEventKind.Running, [new(raw)], [new(one)]));
        collector.Accept(new LineageEvent("job", "r2", Noon.AddHours(1), LineageEventKind.Running, [new(raw)], [new(two)]));

        Assert.Equal(["one.*", "two.*"], _graph.Index.Downstream(new ColumnId("raw", "*")).Select(r => r.Column.ToString()));
        Assert.All(_graph.History(), r => Assert.Equal("job", r.Edge.Job));
    }

    private bool Say(string source, string target, LineageAnnotationKind kind, DateTimeOffset at)
        => _graph.Annotate(new LineageAnnotation(Column(source), Column(target), kind, "ann", at));

    private void See(string statement, string run, int hour, params string[] edges)
        => _graph.Observe(new LineageObservation("job", edges.Select(Edge), Noon.AddHours(hour), statement, run));

    private static LineageEdge Edge(string text) => new(
        Column(text.Split('>', '~')[0]),
        Column(text.Split('>', '~')[1]),
        text.Contains('>', StringComparison.Ordinal) ? LineageEdgeKind.Direct : LineageEdgeKind.Indirect,
        LineageOrigin.Sql,
        string.Empty);

    private static ColumnId Column(string text) => new(text[..text.IndexOf('.', StringComparison.Ordinal)], text[(text.IndexOf('.', StringComparison.Ordinal) + 1)..]);

    private bool Observe(string job, params string[] edges) => Observe(job, Noon, edges);

    private bool Observe(string job, DateTimeOffset at, params string[] edges) => _graph.Observe(job, edges.Select(Edge), at);
}
