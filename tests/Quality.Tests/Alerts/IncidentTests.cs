using DataPlatform.Quality.Alerts;
using DataPlatform.Quality.Alerts.Incidents;
using DataPlatform.Quality.Lineage;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Quality.Tests.Alerts;

public sealed class IncidentTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2001, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly LineageGraph _graph = new();
    private readonly InMemoryAlertStore _alerts = new();
    private readonly InMemoryIncidentStore _incidents = new();
    private readonly Inbox _inbox = new();
    private readonly AlertDesk _desk;
    private readonly IncidentDesk _incidentDesk;

    public IncidentTests()
    {
        _desk = new AlertDesk(_alerts, [new AlertChannel("inbox", _inbox)], time: _time);
        _incidentDesk = new IncidentDesk(_desk, _alerts, _incidents, () => _graph.Index, time: _time);
        Observe("raw.x>clean.x", "clean.x>hourly.x", "hourly.x>mart.x", "hourly.x>report.x", "aside.z>mart.x");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _desk.Dispose();

    [Fact]
    public async Task Alerts_below_one_failure_are_one_incident_and_one_message()
    {
        var open = await SeeAsync(Bad("mart.x"), Bad("raw.x"), Bad("report.x"), Bad("lonely.q"));

        Assert.Equal(["lonely.q", "raw.x"], open.Select(i => i.Root.ToString()).Order(StringComparer.Ordinal));
        var incident = open.Single(i => i.Root == Column("raw.x"));
        Assert.Equal(["mart.x", "raw.x", "report.x"], incident.Members.Select(m => m.Key).Order(StringComparer.Ordinal));
        Assert.Equal(
            ["clean.x", "hourly.x", "mart.x", "raw.x", "report.x"],
            incident.Cut.Columns.Select(c => c.ToString()).Order(StringComparer.Ordinal));
        Assert.Equal(4, incident.Cut.Edges.Count);
        Assert.Equal([IncidentChangeKind.Opened, IncidentChangeKind.Grown], await HistoryAsync(incident));

        Assert.Equal(2, await _desk.SendDueAsync(Token));
        Assert.Contains("It explains 2 more", _inbox.Details.Single(d => d.StartsWith("raw.x", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_incident_grows_silently_and_takes_the_root_that_appears_above_it()
    {
        var first = Assert.Single(await SeeAsync(Bad("mart.x")));
        await _desk.SendDueAsync(Token);
        _time.Advance(TimeSpan.FromMinutes(10));
        await SeeAsync(Bad("hourly.x"));
        _time.Advance(TimeSpan.FromMinutes(10));

        var now = Assert.Single(await SeeAsync(Bad("raw.x"), Bad("report.x")));

        Assert.Equal((first.Id, "raw.x", 4), (now.Id, now.Root.ToString(), now.Members.Count));
        Assert.Equal(
            [IncidentChangeKind.Opened, IncidentChangeKind.Rerooted, IncidentChangeKind.Rerooted, IncidentChangeKind.Grown], await HistoryAsync(now));
        Assert.Equal(0, await _desk.SendDueAsync(Token));
    }

    [Fact]
    public async Task A_root_found_above_two_incidents_makes_them_one()
    {
        var before = await SeeAsync(Bad("mart.x"));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("report.x", Assert.Single(await SeeAsync(Bad("report.x"))).RootKey);
        before = await _incidents.ListAsync(cancellationToken: Token);
        Assert.Equal(2, before.Count);
        await _desk.SendDueAsync(Token);

        var now = Assert.Single(await SeeAsync(Bad("hourly.x")));

        var (oldest, taken) = (before.Single(i => i.RootKey == "mart.x"), before.Single(i => i.RootKey == "report.x"));
        Assert.Equal(oldest.Id, now.Id);
        Assert.Equal((IncidentState.Closed, now.Id), ((await _incidents.FindAsync(taken.Id, Token))!.State, (await _incidents.FindAsync(taken.Id, Token))!.MergedInto));
        Assert.Contains(IncidentChangeKind.Merged, await HistoryAsync(now));
        await _desk.SendDueAsync(Token);
        Assert.Equal([$"incident/{taken.Id} Resolved"], _inbox.Said.Skip(2));
    }

    [Fact]
    public async Task A_root_that_recovers_first_still_explains_what_is_below_and_the_incident_ends_with_its_last_member()
    {
        await SeeAsync(Bad("raw.x"), Bad("mart.x"), Bad("report.x"));
        _time.Advance(TimeSpan.FromHours(1));
        var open = Assert.Single(await SeeAsync(Good("raw.x"), Good("report.x")));
        Assert.Equal(("raw.x", IncidentState.Open), (open.Root.ToString(), open.State));
        Assert.Equal(["mart.x"], open.Members.Where(m => m.IsOpen).Select(m => m.Key));
        _time.Advance(TimeSpan.FromHours(1));

        Assert.Empty(await SeeAsync(Good("mart.x")));

        var closed = (await _incidents.FindAsync(open.Id, Token))!;
        Assert.Equal((IncidentState.Closed, _time.GetUtcNow()), (closed.State, closed.ClosedAt!.Value));
        await _desk.SendDueAsync(Token);
        Assert.Equal(["Opened", "Resolved"], _inbox.Said.Select(s => s.Split(' ')[1]));
        Assert.NotEqual(open.Id, Assert.Single(await SeeAsync(Bad("mart.x"))).Id);
    }

    [Fact]
    public async Task After_the_grace_of_a_recovered_root_what_is_still_wrong_has_roots_of_its_own()
    {
        var before = Assert.Single(await SeeAsync(Bad("raw.x"), Bad("mart.x"), Bad("report.x")));
        await SeeAsync(Good("raw.x"));
        _time.Advance(TimeSpan.FromHours(24));

        var now = await SeeAsync();

        Assert.Equal(["mart.x", "report.x"], now.Select(i => i.Root.ToString()).Order(StringComparer.Ordinal));
        Assert.Contains(now, i => i.Id == before.Id);
        Assert.Contains(IncidentChangeKind.Split, await HistoryAsync(before));
    }

    [Fact]
    public async Task Trouble_of_a_whole_dataset_explains_its_columns_and_what_depends_on_any_of_them()
    {
        var open = Assert.Single(await SeeAsync(Bad("mart.x"), Bad("hourly.x"), Bad("hourly.*")));

        Assert.Equal("hourly.*", open.Root.ToString());
        Assert.Equal(3, open.Members.Count);
    }

    [Fact]
    public async Task In_a_circle_the_first_seen_is_the_root()
    {
        Observe("p.x>q.x", "q.x>r.x", "r.x>p.x");
        await SeeAsync(Bad("q.x"));
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal("q.x", Assert.Single(await SeeAsync(Bad("p.x"), Bad("r.x"))).Root.ToString());
    }

    [Fact]
    public async Task Of_two_roots_the_one_whose_values_flow_down_explains_an_alert()
    {
        Observe("filter.f~sum.x", "value.v>sum.x");

        var open = await SeeAsync(Bad("filter.f"), Bad("value.v"), Bad("sum.x"));

        Assert.Equal(["sum.x", "value.v"], open.Single(i => i.Members.Count == 2).Members.Select(m => m.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Errors_and_repeats_change_nothing()
    {
        var first = Assert.Single(await SeeAsync(Bad("raw.x")));
        var again = Assert.Single(await SeeAsync(Bad("raw.x"), new AlertSignal("mart.x", "m", Severity.Critical, null, "could not look")));

        Assert.Equal(first.Sequence, again.Sequence);
        Assert.Single(await HistoryAsync(first));
    }

    [Fact]
    public async Task An_incident_is_acknowledged_as_one_and_muted_with_its_members()
    {
        var open = Assert.Single(await SeeAsync(Bad("raw.x"), Bad("mart.x")));
        await _desk.SendDueAsync(Token);
        await _desk.ChangeAsync(open.AlertKey, AlertMachine.Acknowledge, Token);
        _time.Advance(TimeSpan.FromDays(1));
        await SeeAsync(Bad("raw.x"));
        Assert.Equal(0, await _desk.SendDueAsync(Token));

        await SeeAsync(Bad("lonely.q"));
        await _desk.ChangeAsync("lonely.q", a => AlertMachine.Mute(a, _time.GetUtcNow().AddDays(7)), Token);
        _time.Advance(TimeSpan.FromDays(2));
        await _desk.SendDueAsync(Token);
        await SeeAsync(Bad("lonely.q"));
        Assert.Equal(0, await _desk.SendDueAsync(Token));
    }

    [Fact]
    public void The_same_input_gives_the_same_decision_in_any_order()
    {
        var alerts = new[] { "raw.x", "mart.x", "report.x", "hourly.x", "aside.z", "lonely.q" }.Select((key, i) => new Alert(
            key, key, Severity.Critical, AlertState.Open, "", _time.GetUtcNow(), _time.GetUtcNow(), _time.GetUtcNow(), Column: Column(key))).ToList();
        var expected = IncidentFold.Decide(_graph.Index, alerts, [], _time.GetUtcNow());
        var random = new Random(7);
        for (var i = 0; i < 20; i++)
        {
            var shuffled = alerts.ToArray();
            random.Shuffle(shuffled);
            Assert.Equivalent(expected, IncidentFold.Decide(_graph.Index, shuffled, [], _time.GetUtcNow()), strict: true);
        }
    }

    [Fact]
    public async Task A_desk_that_died_between_keeping_an_incident_and_telling_of_it_tells_at_the_next_fold()
    {
        await _desk.RecordAsync([Bad("raw.x")], Token);
        var decision = IncidentFold.Decide(_graph.Index, await _alerts.ListAsync(cancellationToken: Token), [], _time.GetUtcNow());
        Assert.True(await _incidents.TrySaveAsync(decision.Revisions, Token));
        Assert.Equal(0, await _desk.SendDueAsync(Token));

        await _incidentDesk.FoldAsync(Token);
        await _incidentDesk.FoldAsync(Token);

        Assert.Equal(1, await _desk.SendDueAsync(Token));
    }

    [Fact]
    public async Task Two_desks_that_fold_at_once_open_one_incident()
    {
        await _desk.RecordAsync([Bad("raw.x"), Bad("mart.x")], Token);
        var desks = Enumerable.Range(0, 4).Select(_ => new IncidentDesk(_desk, _alerts, _incidents, () => _graph.Index, time: _time));

        await Task.WhenAll(desks.Select(d => Task.Run(async () => await d.FoldAsync(Token), Token)));

        Assert.Single(await _incidents.ListAsync(includeClosed: true, cancellationToken: Token));
        Assert.Equal(1, await _desk.SendDueAsync(Token));
    }

    [Fact]
    public async Task A_thousand_alerts_below_one_are_folded()
    {
        Observe([.. Enumerable.Range(0, 1000).Select(i => $"source.x>t{i}.x")]);

        var open = Assert.Single(await SeeAsync([Bad("source.x"), .. Enumerable.Range(0, 1000).Select(i => Bad($"t{i}.x"))]));

        Assert.Equal((1001, true), (open.Members.Count, open.Cut.Columns.Count >= 500));
        Assert.Contains("and 995 more", (await _incidents.HistoryAsync(open.Id, cancellationToken: Token))[1].Detail, StringComparison.Ordinal);
        Assert.Equal(1, await _desk.SendDueAsync(Token));
    }

    [Fact]
    public void A_stored_incident_reads_back_and_a_damaged_one_is_said_to_be()
    {
        var incident = IncidentFold.Decide(
            _graph.Index,
            [new Alert("k", "t", Severity.Info, AlertState.Open, "d", _time.GetUtcNow(), _time.GetUtcNow(), _time.GetUtcNow(), Column: Column("raw.x"))],
            [],
            _time.GetUtcNow()).Open[0];

        Assert.Equivalent(incident, IncidentDocument.Read(IncidentDocument.Write(incident)), strict: true);
        Assert.Equal(Kernel.ErrorKind.Corrupt, Assert.Throws<QualityException>(() => IncidentDocument.Read("{")).Kind);
    }

    private static AlertSignal Bad(string column) => new(column, $"{column} is wrong", Severity.Critical, true, "3 rows", Column(column));

    private static AlertSignal Good(string column) => Bad(column) with { IsBad = false, Detail = "none" };

    private static ColumnId Column(string text) => new(text.Split('.')[0], text.Split('.')[1]);

    private ValueTask<IReadOnlyList<Incident>> SeeAsync(params AlertSignal[] signals) => _incidentDesk.ObserveAsync(signals, Token);

    private async Task<IEnumerable<IncidentChangeKind>> HistoryAsync(Incident incident)
        => (await _incidents.HistoryAsync(incident.Id, cancellationToken: Token)).Select(c => c.Kind);

    private void Observe(params string[] edges) => _graph.Observe(edges[0], edges.Select(e => new LineageEdge(
        Column(e.Split('>', '~')[0]),
        Column(e.Split('>', '~')[1]),
        e.Contains('>', StringComparison.Ordinal) ? LineageEdgeKind.Direct : LineageEdgeKind.Indirect,
        LineageOrigin.Sql,
        string.Empty)), _time.GetUtcNow());

    private sealed class Inbox : INotifier
    {
        public List<string> Said { get; } = [];

        public List<string> Details { get; } = [];

        public ValueTask SendAsync(IReadOnlyList<AlertMessage> messages, CancellationToken cancellationToken = default)
        {
            Said.AddRange(messages.Select(m => $"{m.Key} {m.Kind}"));
            Details.AddRange(messages.Select(m => m.Detail));
            return ValueTask.CompletedTask;
        }
    }
}
