using DataPlatform.Quality.Alerts;
using DataPlatform.Quality.Alerts.Incidents;
using DataPlatform.Quality.Lineage;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Quality.Tests.Stores;

/// <summary>What every store of alerts must do beside a store of incidents: lists by page, and rates that all who send hold together.</summary>
public abstract class AlertPagesContract
{
    private static readonly DateTimeOffset Noon = new(2001, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>New, empty stores over one database.</summary>
    protected abstract ValueTask<(IAlertStore Alerts, IIncidentStore Incidents)> OpenAsync();

    [Fact]
    public async Task Alerts_come_by_pages_newest_first_and_each_once()
    {
        var (alerts, _) = await OpenAsync();
        foreach (var i in Enumerable.Range(0, 10))
        {
            await alerts.TrySaveAsync(Alert($"k{i}") with { OpenedAt = Noon.AddHours(i / 3), State = i == 4 ? AlertState.Resolved : AlertState.Open }, [], Token);
        }

        List<string> seen = [];
        for (var after = (AlertCursor?)null; await alerts.PageAsync(new AlertQuery { After = after, Limit = 2 }, Token) is { Count: > 0 } page;)
        {
            seen.AddRange(page.Select(a => a.Key));
            after = new AlertCursor(page[^1].OpenedAt, page[^1].Key);
        }

        Assert.Equal(["k9", "k6", "k7", "k8", "k3", "k5", "k0", "k1", "k2"], seen);
        Assert.Equal(["k4", "k5"], (await alerts.PageAsync(new AlertQuery { IncludeResolved = true, After = new AlertCursor(Noon.AddHours(1), "k3"), Limit = 2 }, Token)).Select(a => a.Key));
        Assert.Equal(["k2", "k4"], (await alerts.FindAsync(["k4", "none", "k2", "k4"], Token)).Select(a => a.Key).Order());
    }

    [Fact]
    public async Task A_resolved_alert_matters_while_the_incident_it_was_in_is_open()
    {
        var (alerts, incidents) = await OpenAsync();
        await alerts.TrySaveAsync(Alert("member") with { Column = new ColumnId("t", "x"), State = AlertState.Resolved }, [], Token);
        await alerts.TrySaveAsync(Alert("stranger") with { Column = new ColumnId("t", "y"), State = AlertState.Resolved }, [], Token);
        Assert.Empty(await alerts.MatteringAsync(["t"], Token));

        var member = new IncidentMember("member", "m", new ColumnId("t", "x"), Severity.Info, Noon, "d", Noon);
        var incident = new Incident { Id = "i", Title = "i", Severity = Severity.Info, Root = member.Column, RootKey = "member", OpenedAt = Noon, ChangedAt = Noon, Members = [member] };
        Assert.True(await incidents.TrySaveAsync([new IncidentRevision(incident, [])], Token));
        Assert.Equal(["member"], (await alerts.MatteringAsync(["t"], Token)).Select(a => a.Key));

        Assert.True(await incidents.TrySaveAsync([new IncidentRevision(incident with { Sequence = 2, State = IncidentState.Closed, ClosedAt = Noon }, [])], Token));
        Assert.Empty(await alerts.MatteringAsync(["t"], Token));
    }

    [Fact]
    public async Task Alerts_that_an_incident_speaks_for_are_left_out()
    {
        var (alerts, incidents) = await OpenAsync();
        foreach (var key in new[] { "incident/i", "member", "loose", "incidental" })
        {
            await alerts.TrySaveAsync(Alert(key), [], Token);
        }

        var incident = Incident("i", "member");
        Assert.True(await incidents.TrySaveAsync([new IncidentRevision(incident, [])], Token));
        Assert.Equal(["incidental", "loose"], await OutsideAsync(false));

        // Once all is right again the alerts stay with the incident they were in.
        await incidents.TrySaveAsync([new IncidentRevision(incident with { State = IncidentState.Closed, ClosedAt = Noon, Sequence = 2 }, [])], Token);
        foreach (var key in new[] { "member", "loose" })
        {
            await alerts.TrySaveAsync(Alert(key) with { State = AlertState.Resolved, Revision = 1 }, [], Token);
        }

        Assert.Equal(["incidental"], await OutsideAsync(false));
        Assert.Equal(["incidental", "loose"], await OutsideAsync(true));

        async Task<IEnumerable<string>> OutsideAsync(bool resolved)
            => (await alerts.PageAsync(new AlertQuery { OutsideIncidents = true, IncludeResolved = resolved }, Token)).Select(a => a.Key).Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task What_a_channel_may_send_is_taken_once_and_comes_back_with_time()
    {
        var (alerts, _) = await OpenAsync();
        var rate = new ChannelRate(3, TimeSpan.FromMinutes(1));

        Assert.Equal(2, await alerts.TakeAsync("chat", 2, rate, Noon, Token));
        Assert.Equal(1, await alerts.TakeAsync("chat", 5, rate, Noon.AddSeconds(59), Token));
        Assert.Equal(0, await alerts.TakeAsync("chat", 5, rate, Noon.AddSeconds(59), Token));
        Assert.Equal(3, await alerts.TakeAsync("mail", 9, rate, Noon, Token));
        Assert.Equal(1, await alerts.TakeAsync("chat", 5, rate, Noon.AddSeconds(61), Token));
        Assert.Equal(0, await alerts.TakeAsync("chat", 5, rate, Noon.AddSeconds(-60), Token));
        await alerts.ReturnAsync("chat", 2, rate, Token);
        Assert.Equal(2, await alerts.TakeAsync("chat", 5, rate, Noon.AddSeconds(61), Token));
        await alerts.ReturnAsync("chat", 50, rate, Token);
        Assert.Equal(3, await alerts.TakeAsync("chat", 50, rate, Noon.AddSeconds(61), Token));
    }

    [Fact]
    public async Task Many_who_take_at_once_get_no_more_than_there_is()
    {
        var (alerts, _) = await OpenAsync();
        var rate = new ChannelRate(40, TimeSpan.FromHours(1));

        var taken = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(async () => await alerts.TakeAsync("chat", 5, rate, Noon, Token), Token)));

        Assert.Equal(40, taken.Sum());
    }

    [Fact]
    public async Task Two_desks_hold_a_channels_rate_together()
    {
        var (alerts, _) = await OpenAsync();
        var time = new FakeTimeProvider(Noon);
        var box = new Box();
        using var first = new AlertDesk(alerts, [new AlertChannel("chat", box) { Burst = 4, RefillEvery = TimeSpan.FromMinutes(1) }], time: time);
        using var second = new AlertDesk(alerts, [new AlertChannel("chat", box) { Burst = 4, RefillEvery = TimeSpan.FromMinutes(1) }], time: time);
        await first.ObserveAsync([Signal("a"), Signal("b"), Signal("c")], Token);
        Assert.Equal(3, await first.SendDueAsync(Token));
        await second.ObserveAsync([Signal("d"), Signal("e"), Signal("f")], Token);
        Assert.Equal(3, await second.SendDueAsync(Token));

        // Three alone and the rest in one: four sendings, as of one desk. Then neither may, until a minute has passed.
        Assert.Equal([1, 1, 1, 3], box.Sizes);
        await first.ObserveAsync([Signal("g")], Token);
        Assert.Equal((0, 0), (await first.SendDueAsync(Token), await second.SendDueAsync(Token)));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((1, 0), (await second.SendDueAsync(Token), await first.SendDueAsync(Token)));
        Assert.Equal(5, box.Sizes.Count);
    }

    private static AlertSignal Signal(string key) => new(key, $"{key} is wrong", Severity.Critical, true, "3 rows");

    private static Alert Alert(string key) => new(key, "t is wrong", Severity.Critical, AlertState.Open, "3 rows", Noon, Noon.AddSeconds(1), Noon.AddSeconds(2));

    private static Incident Incident(string id, string key) => new()
    {
        Id = id,
        Title = "raw is wrong",
        Severity = Severity.Critical,
        Root = new ColumnId("raw", "x"),
        RootKey = key,
        OpenedAt = Noon,
        ChangedAt = Noon,
        Members = [new IncidentMember(key, key, new ColumnId("raw", key), Severity.Warning, Noon, "3 rows")],
        Cut = new LineageCut([new ColumnId("raw", "x")], []),
        Sequence = 1,
    };

    private sealed class Box : INotifier
    {
        public List<int> Sizes { get; } = [];

        public ValueTask SendAsync(IReadOnlyList<AlertMessage> messages, CancellationToken cancellationToken = default)
        {
            Sizes.Add(messages.Count);
            return ValueTask.CompletedTask;
        }
    }
}
