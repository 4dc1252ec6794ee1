using DataPlatform.Quality.Lineage;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Quality.Tests.Stores;

/// <summary>What every store of lineage must do.</summary>
public abstract class LineageStoreContract
{
    private static readonly DateTimeOffset Start = new(2001, 1, 31, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A new, empty store.</summary>
    protected abstract ValueTask<ILineageStore> OpenAsync();

    [Fact]
    public async Task A_graph_survives_with_its_history_and_annotations()
    {
        var (store, graph) = (await OpenAsync(), new LineageGraph());
        var keeper = new LineageKeeper(graph, store);
        graph.Observe(new LineageObservation("j", [Edge("a", "b"), Edge("b", "c")], Start, "s1", "run 1"));
        await keeper.SaveAsync(Token);
        graph.Observe(new LineageObservation("j", [Edge("a", "b")], Start.AddDays(1), "s1", "run 2"));
        graph.Annotate(new LineageAnnotation(Column("q"), Column("r"), LineageAnnotationKind.Denied, "ann", Start, "never read"));
        graph.Annotate(new LineageAnnotation(Column("x"), Column("c"), LineageAnnotationKind.Indirect, "bob", Start));
        Assert.Equal(4, await keeper.SaveAsync(Token));
        Assert.Equal(0, await keeper.SaveAsync(Token));

        var loaded = new LineageGraph();
        await new LineageKeeper(loaded, store).LoadAsync(Token);

        Assert.Equal(graph.History().OrderBy(r => r.Edge.Source), loaded.History().OrderBy(r => r.Edge.Source));
        Assert.Equal(graph.Annotations(), loaded.Annotations());
        Assert.Equal(Start.AddDays(1), loaded.History().Single(r => r.Edge.Source == Column("b")).RetiredAt);
        Assert.Equal("run 2", loaded.History().Single(r => r.Edge.Source == Column("a")).LastRun);
        Assert.False(loaded.Observe(new LineageObservation("j", [], Start, "s1", "run 1")));
    }

    [Fact]
    public async Task What_others_keep_shows_up_at_the_next_look_and_a_store_that_did_not_change_is_not_read()
    {
        var (store, time) = (await OpenAsync(), new FakeTimeProvider());
        var (ours, theirs) = (new LineageGraph(), new LineageGraph());
        var keeper = new LineageKeeper(ours, store, time);
        await keeper.LoadAsync(Token);
        theirs.Observe(new LineageObservation("j", [Edge("a", "b")], Start, "s1", "run 1"));
        await new LineageKeeper(theirs, store).SaveAsync(Token);

        Assert.True(await keeper.RefreshAsync(Token));
        Assert.Equal(theirs.History(), ours.History());

        if (await store.StampAsync(Token) is not null)
        {
            Assert.False(await keeper.RefreshAsync(Token));
        }

        theirs.Observe(new LineageObservation("j", [], Start.AddDays(1), "s1", "run 2"));
        await new LineageKeeper(theirs, store).SaveAsync(Token);
        Assert.True(await keeper.RefreshAsync(Token));
        Assert.Equal(Start.AddDays(1), Assert.Single(ours.History()).RetiredAt);
    }

    [Fact]
    public async Task Of_two_processes_the_newer_image_of_an_edge_stays()
    {
        var store = await OpenAsync();
        var newer = new EdgeRecord(Edge("a", "b"), Start.AddDays(1), Start.AddDays(2), null, "new");
        await store.SaveAsync(new LineageChanges([newer], [Said("new", 2)]), Token);

        await store.SaveAsync(new LineageChanges([new EdgeRecord(Edge("a", "b"), Start, Start.AddDays(1), null, "old")], [Said("old", 1)]), Token);

        var kept = await store.LoadAsync(Token);
        Assert.Equal(("new", Start.AddDays(2)), (kept.Edges[0].LastRun, kept.Edges[0].LastSeen));
        Assert.Equal("new", Assert.Single(kept.Annotations).By);
        await store.SaveAsync(new LineageChanges([new EdgeRecord(Edge("a", "b"), Start, Start.AddDays(2), Start.AddDays(3))], []), Token);
        kept = await store.LoadAsync(Token);
        Assert.Equal((Start, (DateTimeOffset?)Start.AddDays(3)), (Assert.Single(kept.Edges).FirstSeen, kept.Edges[0].RetiredAt));
    }

    [Fact]
    public async Task Edges_retired_long_ago_are_forgotten()
    {
        var store = await OpenAsync();
        await store.SaveAsync(
            new LineageChanges([.. Enumerable.Range(0, 5).Select(i => new EdgeRecord(Edge($"a{i}", "b"), Start, Start, i < 3 ? Start.AddDays(i) : null))], []), Token);

        Assert.Equal(1, await store.RemoveRetiredAsync(Start.AddDays(2), 1, Token));
        Assert.Equal(1, await store.RemoveRetiredAsync(Start.AddDays(2), 10, Token));
        Assert.Equal(["a2", "a3", "a4"], (await store.LoadAsync(Token)).Edges.Select(e => e.Edge.Source.Dataset).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Names_longer_than_an_index_takes_are_kept()
    {
        var store = await OpenAsync();
        var name = string.Concat(Enumerable.Range(0, 2_000).Select(i => $"very-long-{i}/"));

        await store.SaveAsync(new LineageChanges([new EdgeRecord(Edge(name, name + "'"), Start, Start)], [Said("me", 1)]), Token);

        Assert.Equal(name, Assert.Single((await store.LoadAsync(Token)).Edges).Edge.Source.Dataset);
    }

    private static LineageAnnotation Said(string by, int day) => new(Column("a"), Column("b"), LineageAnnotationKind.Denied, by, Start.AddDays(day));

    private static ColumnId Column(string dataset) => new(dataset, "x");

    private static LineageEdge Edge(string from, string to) => new(Column(from), Column(to), LineageEdgeKind.Direct, LineageOrigin.Sql, "j", 0.8, "s1");
}
