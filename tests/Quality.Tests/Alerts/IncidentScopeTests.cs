using System.Globalization;
using DataPlatform.Quality.Alerts;
using DataPlatform.Quality.Alerts.Incidents;
using DataPlatform.Quality.Lineage;
using DataPlatform.Quality.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Quality.Tests.Alerts;

/// <summary>Folding what signals have to do with says what folding everything says, and reads no more than that.</summary>
public sealed class IncidentScopeTests : IDisposable
{
    private const int Tables = 14;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2001, 2, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly string _folder = Directory.CreateTempSubdirectory("quality-scope-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 25)];

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Folding_what_signals_touch_leaves_the_incidents_that_folding_everything_leaves(int seed)
    {
        var random = new Random(seed);
        var graph = RandomGraph(random);
        var (some, all) = (new InMemoryIncidentStore(), new InMemoryIncidentStore());
        using var scoped = Desk(new InMemoryAlertStore(some), some, graph, TimeSpan.FromDays(9), out var scopedDesk);
        using var whole = Desk(new InMemoryAlertStore(all), all, graph, TimeSpan.Zero, out var wholeDesk);
        for (var step = 0; step < 40; step++)
        {
            AlertSignal[] signals = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => RandomSignal(random))];

            await scopedDesk.ObserveAsync(signals, Token);
            await wholeDesk.ObserveAsync(signals, Token);

            Assert.Equivalent(await all.ListAsync(includeClosed: true, cancellationToken: Token), await some.ListAsync(includeClosed: true, cancellationToken: Token), strict: true);
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.NotEmpty(await some.ListAsync(includeClosed: true, cancellationToken: Token));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_read_grows_with_what_signals_touch_and_not_with_all_that_is_open(bool isFile)
    {
        const int Strangers = 400;
        var database = isFile ? QualityDatabase.Open(Path.Combine(_folder, "quality.db")) : null;
        var memory = new InMemoryIncidentStore();
        var incidents = new CountingIncidents(database is null ? memory : new SqliteIncidentStore(database));
        var alerts = new CountingAlerts(database is null ? new InMemoryAlertStore(memory) : new SqliteAlertStore(database));
        LineageEdge[] chain = [Edge("raw.x", "core.x"), Edge("core.x", "mart.x"), Edge("other.x", "mart.x")];
        using var desk = Desk(alerts, incidents, LineageIndex.Build(chain), TimeSpan.FromDays(9), out var fold);
        await fold.ObserveAsync(Enumerable.Range(0, Strangers).Select(i => Bad($"stranger{i}.x")), Token);
        (alerts.Read, incidents.Read) = (0, 0);

        await fold.ObserveAsync([Bad("mart.x")], Token);
        var open = await fold.ObserveAsync([Bad("raw.x")], Token);

        Assert.Equal(["mart.x", "raw.x"], Assert.Single(open).Members.Select(m => m.Key).Order(StringComparer.Ordinal));
        Assert.InRange(alerts.Read, 1, 20);
        Assert.InRange(incidents.Read, 1, 10);
        Assert.Equal(Strangers, (await fold.FoldAsync(Token)).Count - 1);
        Assert.InRange(alerts.Read, Strangers, int.MaxValue);
    }

    [Fact]
    public async Task What_was_left_unread_is_folded_when_its_time_has_come()
    {
        var incidents = new InMemoryIncidentStore();
        using var desk = Desk(new InMemoryAlertStore(incidents), incidents, LineageIndex.Build([]), TimeSpan.FromHours(1), out var fold);
        await fold.ObserveAsync([], Token);
        await desk.RecordAsync([Bad("left.x")], Token);

        Assert.Equal(["t.x"], (await fold.ObserveAsync([Bad("t.x")], Token)).Select(i => i.RootKey));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(["left.x", "t.x"], (await fold.ObserveAsync([Bad("t.x")], Token)).Select(i => i.RootKey).Order(StringComparer.Ordinal));
    }

    private AlertDesk Desk(IAlertStore alerts, IIncidentStore incidents, LineageIndex graph, TimeSpan every, out IncidentDesk fold)
    {
        var desk = new AlertDesk(alerts, [], time: _time);
        fold = new IncidentDesk(desk, alerts, incidents, () => graph, new IncidentOptions { FoldAllEvery = every, RecoveryGrace = TimeSpan.FromDays(1) }, _time);
        return desk;
    }

    private static LineageIndex RandomGraph(Random random) => LineageIndex.Build([.. Enumerable.Range(0, Tables).Select(_ =>
    {
        var from = random.Next(Tables - 1);
        return Edge(
            string.Create(CultureInfo.InvariantCulture, $"t{from}.{RandomColumn(random)}"),
            string.Create(CultureInfo.InvariantCulture, $"t{random.Next(from + 1, Tables)}.{RandomColumn(random)}"),
            random.Next(3) == 0 ? LineageEdgeKind.Indirect : LineageEdgeKind.Direct);
    })]);

    private static string RandomColumn(Random random) => random.Next(4) switch { 0 => "*", 1 => "y", _ => "x" };

    private static AlertSignal RandomSignal(Random random)
    {
        var signal = Bad(string.Create(CultureInfo.InvariantCulture, $"t{random.Next(Tables)}.{RandomColumn(random)}"));
        return random.Next(12) switch
        {
            0 => signal with { Column = null, Key = "unknown" },
            < 5 => signal with { IsBad = false },
            _ => signal with { Severity = (Severity)random.Next(3) },
        };
    }

    private static AlertSignal Bad(string column) => new(column, $"{column} is wrong", Severity.Critical, true, "3 rows", Column(column));

    private static ColumnId Column(string text) => new(text.Split('.')[0], text.Split('.')[1]);

    private static LineageEdge Edge(string source, string target, LineageEdgeKind kind = LineageEdgeKind.Direct)
        => new(Column(source), Column(target), kind, LineageOrigin.Sql, "job");

    /// <summary>Counts the alerts that somebody is given.</summary>
    private sealed class CountingAlerts(IAlertStore inner) : IAlertStore
    {
        public int Read { get; set; }

        public async ValueTask<Alert?> FindAsync(string key, CancellationToken cancellationToken = default)
        {
            var alert = await inner.FindAsync(key, cancellationToken);
            Read += alert is null ? 0 : 1;
            return alert;
        }

        public ValueTask<bool> TrySaveAsync(Alert alert, IReadOnlyList<AlertMessage> messages, CancellationToken cancellationToken = default)
            => inner.TrySaveAsync(alert, messages, cancellationToken);

        public async ValueTask<IReadOnlyList<Alert>> FindAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default)
            => Counted(await inner.FindAsync(keys, cancellationToken));

        public async ValueTask<IReadOnlyList<Alert>> MatteringAsync(IReadOnlyCollection<string> datasets, CancellationToken cancellationToken = default)
            => Counted(await inner.MatteringAsync(datasets, cancellationToken));

        public async ValueTask<IReadOnlyList<Alert>> PageAsync(AlertQuery query, CancellationToken cancellationToken = default)
            => Counted(await inner.PageAsync(query, cancellationToken));

        public async ValueTask<IReadOnlyList<Alert>> ListAsync(bool includeResolved = false, CancellationToken cancellationToken = default)
            => Counted(await inner.ListAsync(includeResolved, cancellationToken));

        public ValueTask<IReadOnlyList<AlertMessage>> ClaimAsync(string channel, DateTimeOffset now, DateTimeOffset until, int messagesMax, CancellationToken cancellationToken = default)
            => inner.ClaimAsync(channel, now, until, messagesMax, cancellationToken);

        public ValueTask<int> TakeAsync(string channel, int wanted, ChannelRate rate, DateTimeOffset now, CancellationToken cancellationToken = default)
            => inner.TakeAsync(channel, wanted, rate, now, cancellationToken);

        public ValueTask ReturnAsync(string channel, int unused, ChannelRate rate, CancellationToken cancellationToken = default)
            => inner.ReturnAsync(channel, unused, rate, cancellationToken);

        public ValueTask RemoveAsync(IReadOnlyList<AlertMessage> messages, CancellationToken cancellationToken = default) => inner.RemoveAsync(messages, cancellationToken);

        public ValueTask PostponeAsync(IReadOnlyList<AlertMessage> messages, CancellationToken cancellationToken = default) => inner.PostponeAsync(messages, cancellationToken);

        public ValueTask<int> RemoveBeforeAsync(DateTimeOffset before, int rowsMax, CancellationToken cancellationToken = default)
            => inner.RemoveBeforeAsync(before, rowsMax, cancellationToken);

        private IReadOnlyList<Alert> Counted(IReadOnlyList<Alert> alerts)
        {
            Read += alerts.Count;
            return alerts;
        }
    }

    /// <summary>Counts the incidents that somebody is given.</summary>
    private sealed class CountingIncidents(IIncidentStore inner) : IIncidentStore
    {
        public int Read { get; set; }

        public async ValueTask<IReadOnlyList<Incident>> ListAsync(
            bool includeClosed = false, int incidentsMax = 10_000, IncidentCursor? after = null, CancellationToken cancellationToken = default)
            => Counted(await inner.ListAsync(includeClosed, incidentsMax, after, cancellationToken));

        public async ValueTask<Incident?> FindAsync(string id, CancellationToken cancellationToken = default)
        {
            var incident = await inner.FindAsync(id, cancellationToken);
            Read += incident is null ? 0 : 1;
            return incident;
        }

        public async ValueTask<IReadOnlyList<Incident>> WithMembersAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default)
            => Counted(await inner.WithMembersAsync(keys, cancellationToken));

        public ValueTask<IReadOnlyList<IncidentChange>> HistoryAsync(string id, int changesMax = 1_000, CancellationToken cancellationToken = default)
            => inner.HistoryAsync(id, changesMax, cancellationToken);

        public ValueTask<bool> TrySaveAsync(IReadOnlyList<IncidentRevision> revisions, CancellationToken cancellationToken = default)
            => inner.TrySaveAsync(revisions, cancellationToken);

        private IReadOnlyList<Incident> Counted(IReadOnlyList<Incident> incidents)
        {
            Read += incidents.Count;
            return incidents;
        }
    }
}
