using DataPlatform.Kernel;
using DataPlatform.Quality;
using DataPlatform.Quality.Alerts;
using DataPlatform.Quality.Alerts.Incidents;
using DataPlatform.Quality.Lineage;
using DataPlatform.Quality.Postgres;
using Npgsql;

namespace DataPlatform.Integration.Quality;

/// <summary>What several processes on one database must not do to each other.</summary>
[Collection<PostgresCollection>]
public sealed class TeamTests(PostgresDatabases databases)
{
    private static readonly DateTimeOffset Noon = new(2001, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Processes_that_start_together_make_the_schema_once()
    {
        var connection = await databases.NewConnectionStringAsync();

        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => databases.OpenAsync(connection)));

        await using var source = NpgsqlDataSource.Create(connection);
        await using var command = source.CreateCommand("SELECT count(*) = max(version) FROM quality.schema_version");
        Assert.Equal(true, await command.ExecuteScalarAsync(Token));
    }

    [Fact]
    public async Task A_schema_of_a_newer_program_is_refused()
    {
        var connection = await databases.NewConnectionStringAsync();
        await databases.OpenAsync(connection);
        await using var source = NpgsqlDataSource.Create(connection);
        await using var command = source.CreateCommand("INSERT INTO quality.schema_version VALUES (99)");
        await command.ExecuteNonQueryAsync(Token);

        var refused = await Assert.ThrowsAsync<QualityException>(() => PostgresQualityDatabase.OpenAsync(connection, cancellationToken: Token));

        Assert.Equal(ErrorKind.Invalid, refused.Kind);
        Assert.Contains("version 99", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_said_to_be_unavailable()
        => Assert.Equal(
            ErrorKind.Unavailable,
            (await Assert.ThrowsAsync<QualityException>(() => PostgresQualityDatabase.OpenAsync(
                "Host=127.0.0.1;Port=1;Username=x;Timeout=2", new PostgresQualityOptions { RetriesMax = 0 }, Token))).Kind);

    [Fact]
    public async Task Many_desks_send_each_message_once()
    {
        var connection = await databases.NewConnectionStringAsync();
        var box = new Box();
        var desks = new List<AlertDesk>();
        for (var i = 0; i < 4; i++)
        {
            desks.Add(new AlertDesk(new PostgresAlertStore(await databases.OpenAsync(connection)), [new AlertChannel("chat", box) { Burst = 1_000 }]));
        }

        await desks[0].ObserveAsync(Enumerable.Range(0, 200).Select(i => Signal($"k{i}")), Token);
        var sent = await Task.WhenAll(desks.Select(d => Task.Run(async () => await d.SendDueAsync(Token), Token)));

        Assert.Equal(200, sent.Sum());
        Assert.Equal(200, box.Ids.Count);
        Assert.Equal(200, box.Ids.Distinct().Count());
        desks.ForEach(d => d.Dispose());
    }

    [Fact]
    public async Task Many_desks_that_see_one_alert_open_it_once()
    {
        var connection = await databases.NewConnectionStringAsync();
        var stores = new List<PostgresAlertStore>();
        for (var i = 0; i < 4; i++)
        {
            stores.Add(new PostgresAlertStore(await databases.OpenAsync(connection)));
        }

        await Task.WhenAll(stores.Select(store => Task.Run(async () =>
        {
            using var desk = new AlertDesk(store, [new AlertChannel("chat", new Box())]);
            for (var i = 0; i < 10; i++)
            {
                await desk.ObserveAsync([Signal("k")], Token);
            }
        }, Token)));

        Assert.Equal(40, (await stores[0].FindAsync("k", Token))!.Occurrences);
        Assert.Single(await stores[0].ClaimAsync("chat", DateTimeOffset.MaxValue, DateTimeOffset.MaxValue, 10, Token));
    }

    [Fact]
    public async Task Many_desks_that_fold_at_once_open_one_incident()
    {
        var connection = await databases.NewConnectionStringAsync();
        var graph = new LineageGraph();
        graph.Observe("j", [new LineageEdge(new("raw", "x"), new("mart", "x"), LineageEdgeKind.Direct, LineageOrigin.Sql, "j")], Noon);
        var folds = new List<IncidentDesk>();
        PostgresAlertStore? alerts = null;
        for (var i = 0; i < 4; i++)
        {
            var database = await databases.OpenAsync(connection);
            alerts = new PostgresAlertStore(database);
            folds.Add(new IncidentDesk(new AlertDesk(alerts, [new AlertChannel("chat", new Box())]), alerts, new PostgresIncidentStore(database), () => graph.Index));
        }

        var signals = new[] { "raw", "mart" }.Select(t => Signal(t) with { Column = new ColumnId(t, "x") }).ToList();
        await Task.WhenAll(folds.Select(f => Task.Run(async () => await f.ObserveAsync(signals, Token), Token)));

        var incident = Assert.Single(await new PostgresIncidentStore(await databases.OpenAsync(connection)).ListAsync(includeClosed: true, cancellationToken: Token));
        Assert.Equal(["mart", "raw"], incident.Members.Select(m => m.Key).Order(StringComparer.Ordinal));
        Assert.Single(await alerts!.ClaimAsync("chat", DateTimeOffset.MaxValue, DateTimeOffset.MaxValue, 10, Token));
    }

    [Fact]
    public async Task Writers_of_the_same_rules_all_get_through_and_the_newest_verdict_stays()
    {
        var connection = await databases.NewConnectionStringAsync();
        var stores = new List<PostgresQualityStore>();
        for (var i = 0; i < 4; i++)
        {
            stores.Add(new PostgresQualityStore(await databases.OpenAsync(connection)));
        }

        await Task.WhenAll(stores.Select((store, writer) => Task.Run(async () =>
        {
            for (var run = 0; run < 10; run++)
            {
                await store.AppendAsync([Result(writer, run), Result(writer, run + 100)], Token);
            }
        }, Token)));

        var latest = await stores[0].LatestAsync("suite", Token);
        Assert.Equal(20, latest.Count);
        Assert.All(latest, v => Assert.Equal("109", v.Observed));
        Assert.Equal(80, await CountAsync(stores[0]));
    }

    [Fact]
    public async Task A_connection_cut_in_the_middle_loses_nothing_and_doubles_nothing()
    {
        var connection = await databases.NewConnectionStringAsync();
        var store = new PostgresQualityStore(await databases.OpenAsync(connection));
        await using var admin = NpgsqlDataSource.Create(connection);
        using var done = new CancellationTokenSource();
        var cutting = CutAsync(admin, done.Token);

        for (var run = 0; run < 60; run++)
        {
            Assert.True(await store.AppendAsync(Result(0, run), Token) || await CountAsync(store) == run + 1);
        }

        await done.CancelAsync();
        Assert.True(await cutting > 0);
        Assert.Equal(60, await CountAsync(store));
    }

    [Fact]
    public async Task What_is_over_age_is_forgotten_by_several_at_once()
    {
        var connection = await databases.NewConnectionStringAsync();
        var all = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => databases.OpenAsync(connection)));
        await new PostgresQualityStore(all[0]).AppendAsync([.. Enumerable.Range(0, 300).Select(run => Result(0, run))], Token);
        await new PostgresSeriesStore(all[0]).PutAsync(
            [.. Enumerable.Range(0, 300).Select(i => new DataPlatform.Quality.Anomalies.SeriesPoint("s", new(Noon.AddMinutes(i), i)))], Token);
        var now = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(Noon.AddMinutes(400));
        var keep = TimeSpan.FromMinutes(200);
        var options = new RetentionOptions { Results = keep, Points = keep, BatchRows = 7 };

        var removed = await Task.WhenAll(all.Select(d => Task.Run(async () => await d.ForgetAsync(options, now, Token), Token)));
        var rest = await all[0].ForgetAsync(options, now, Token);

        Assert.Equal(400, removed.Sum() + rest);
        Assert.Equal(100, await CountAsync(new PostgresQualityStore(all[0])));
        Assert.Equal(20, (await new PostgresQualityStore(all[0]).LatestAsync("suite", Token)).Count);
    }

    /// <summary>Ends the other connections, again and again; one that was idle as well as one in a transaction.</summary>
    private static async Task<int> CutAsync(NpgsqlDataSource admin, CancellationToken cancellationToken)
    {
        var cuts = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            await using var command = admin.CreateCommand(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()");
            cuts += (int)(long)(await command.ExecuteScalarAsync(CancellationToken.None))!;
            await Task.Delay(TimeSpan.FromMilliseconds(150), TimeProvider.System, CancellationToken.None);
        }

        return cuts;
    }

    private static async Task<int> CountAsync(PostgresQualityStore store)
    {
        var count = 0;
        await foreach (var _ in store.ReadAsync("suite", null, Token))
        {
            count++;
        }

        return count;
    }

    private static AlertSignal Signal(string key) => new(key, $"{key} is wrong", Severity.Critical, true, "3 rows");

    private static SuiteResult Result(int writer, int run) => new()
    {
        RunId = $"{writer}/{run}",
        Suite = "suite",
        Table = "t",
        StartedAt = Noon.AddMinutes(run),
        Duration = TimeSpan.Zero,
        Queries = new QueryCounts(),
        Verdicts =
        [
            .. Enumerable.Range(0, 20).Select(i => new Verdict
            {
                RuleId = $"r{(i * 7) % 20}", Rule = "a is not null", Kind = "not-null", Severity = Severity.Warning,
                Outcome = run % 2 == 0 ? Outcome.Pass : Outcome.Fail, Message = "m", Observed = $"{run}",
            }),
        ],
    };

    private sealed class Box : INotifier
    {
        private readonly Lock _gate = new();

        public List<string> Ids { get; } = [];

        public ValueTask SendAsync(IReadOnlyList<AlertMessage> messages, CancellationToken cancellationToken = default)
        {
            lock (_gate)
            {
                Ids.AddRange(messages.Select(m => m.Id));
            }

            return ValueTask.CompletedTask;
        }
    }
}
