using DataPlatform.Quality.Alerts.Incidents;
using DataPlatform.Quality.Lineage;

namespace DataPlatform.Quality.Tests.Stores;

/// <summary>What every store of incidents must do.</summary>
public abstract class IncidentStoreContract
{
    private static readonly DateTimeOffset Noon = new(2001, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A new, empty store.</summary>
    protected abstract ValueTask<IIncidentStore> OpenAsync();

    [Fact]
    public async Task An_incident_comes_back_as_it_was_with_what_happened_to_it()
    {
        var store = await OpenAsync();
        var opened = Incident("i", 1, "a", "b");
        Assert.True(await SaveAsync(store, opened, IncidentChangeKind.Opened, IncidentChangeKind.Grown));
        Assert.True(await SaveAsync(store, opened with { Sequence = 2, State = IncidentState.Closed, ClosedAt = Noon.AddHours(1) }, IncidentChangeKind.Closed));

        var kept = (await store.FindAsync("i", Token))!;
        Assert.Equivalent(opened with { Sequence = 2, State = IncidentState.Closed, ClosedAt = Noon.AddHours(1) }, kept, strict: true);
        Assert.Equal(
            [(1, IncidentChangeKind.Opened), (1, IncidentChangeKind.Grown), (2, IncidentChangeKind.Closed)],
            (await store.HistoryAsync("i", cancellationToken: Token)).Select(c => (c.Sequence, c.Kind)));
        Assert.Empty(await store.ListAsync(cancellationToken: Token));
        Assert.Single(await store.ListAsync(includeClosed: true, cancellationToken: Token));
        Assert.Null(await store.FindAsync("other", Token));
    }

    [Fact]
    public async Task A_revision_that_is_not_the_next_one_is_refused_with_all_that_came_with_it()
    {
        var store = await OpenAsync();
        await SaveAsync(store, Incident("i", 1, "a"));

        Assert.False(await SaveAsync(store, Incident("i", 1, "a")));
        Assert.False(await SaveAsync(store, Incident("i", 3, "a")));
        Assert.False(await store.TrySaveAsync([Revision(Incident("new", 1, "z")), Revision(Incident("i", 3, "a"))], Token));
        Assert.Null(await store.FindAsync("new", Token));
        Assert.True(await SaveAsync(store, Incident("i", 2, "a")));
    }

    [Fact]
    public async Task Open_incidents_are_found_by_the_alerts_in_them_each_once()
    {
        var store = await OpenAsync();
        await SaveAsync(store, Incident("i", 1, "a", "b"));
        await SaveAsync(store, Incident("j", 1, "c"));
        await SaveAsync(store, Incident("k", 1, "d"));
        await SaveAsync(store, Incident("k", 2, "d") with { State = IncidentState.Closed });

        Assert.Equal(["i", "j"], (await store.WithMembersAsync(["a", "b", "c", "d", "z"], Token)).Select(i => i.Id).Order(StringComparer.Ordinal));
        Assert.Empty(await store.WithMembersAsync(["d", "z"], Token));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await store.WithMembersAsync([.. Enumerable.Range(0, 1_001).Select(i => $"k{i}")], Token));
    }

    [Fact]
    public async Task An_alert_is_in_one_open_incident_at_most()
    {
        var store = await OpenAsync();
        await SaveAsync(store, Incident("i", 1, "a", "b"));
        Assert.False(await SaveAsync(store, Incident("j", 1, "b")));

        Assert.True(await store.TrySaveAsync([Revision(Incident("i", 2, "a")), Revision(Incident("j", 1, "b"))], Token));
        await SaveAsync(store, Incident("i", 3, "a") with { State = IncidentState.Closed });
        Assert.True(await SaveAsync(store, Incident("k", 1, "a")));
        Assert.Equal(["j", "k"], (await store.ListAsync(cancellationToken: Token)).Select(i => i.Id).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Incidents_are_listed_by_pages_newest_first()
    {
        var store = await OpenAsync();
        foreach (var (id, minute) in new[] { ("a", 0), ("b", 1), ("c", 1), ("d", 2) })
        {
            await SaveAsync(store, Incident(id, 1, id) with { OpenedAt = Noon.AddMinutes(minute) });
        }

        Assert.Equal(["d", "b"], (await store.ListAsync(incidentsMax: 2, cancellationToken: Token)).Select(i => i.Id));
        Assert.Equal(
            ["c", "a"],
            (await store.ListAsync(incidentsMax: 2, after: new IncidentCursor(Noon.AddMinutes(1), "b"), cancellationToken: Token)).Select(i => i.Id));
    }

    private static ValueTask<bool> SaveAsync(IIncidentStore store, Incident incident, params IncidentChangeKind[] changes)
        => store.TrySaveAsync([Revision(incident, changes)], Token);

    private static IncidentRevision Revision(Incident incident, params IncidentChangeKind[] changes)
        => new(incident, [.. changes.Select(kind => new IncidentChange(incident.Id, incident.Sequence, Noon, kind, "why"))]);

    private static Incident Incident(string id, int sequence, params string[] keys) => new()
    {
        Id = id,
        Title = "raw is wrong",
        Severity = Severity.Critical,
        Root = new ColumnId("raw", "x"),
        RootKey = keys[0],
        OpenedAt = Noon,
        ChangedAt = Noon,
        Members = [.. keys.Select(k => new IncidentMember(k, k, new ColumnId("raw", k), Severity.Warning, Noon, "3 rows"))],
        Cut = new LineageCut([new ColumnId("raw", "x"), new ColumnId("mart", "*")], [new CutEdge(new ColumnId("raw", "x"), new ColumnId("mart", "*"), true)]),
        Sequence = sequence,
    };
}
