using System.Globalization;
using DataPlatform.Kernel;
using DataPlatform.Quality;
using DataPlatform.Quality.Alerts;
using DataPlatform.Quality.Alerts.Incidents;
using DataPlatform.Quality.Catalog;
using DataPlatform.Quality.Lineage;
using DataPlatform.Quality.Postgres;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace DataPlatform.Integration.Quality;

/// <summary>Verdicts in PostgreSQL lie by day: made ahead, dropped whole, and moved there from a schema that had them in one table.</summary>
[Collection<PostgresCollection>]
public sealed class VerdictDayTests(PostgresDatabases databases)
{
    private static readonly DateTimeOffset Start = new(2001, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Old_days_are_dropped_whole_and_days_to_come_are_there()
    {
        var address = await databases.NewConnectionStringAsync();
        var database = await databases.OpenAsync(address);
        var store = new PostgresQualityStore(database);
        await store.AppendAsync([.. Enumerable.Range(0, 40).Select(Run)], Token);
        Assert.Equal(40, (await DaysAsync(address)).Count(IsOfStory));

        await database.ForgetAsync(new RetentionOptions { Results = TimeSpan.FromDays(10), BatchRows = 3 }, new FakeTimeProvider(Start), Token);

        // Ten whole days and the one that the limit falls into; of that one nothing older than the limit is seen.
        List<int> kept = [.. (await DaysAsync(address)).Order()];
        var today = (int)(Start.UtcTicks / TimeSpan.TicksPerDay);
        Assert.Equal(Enumerable.Range(today - 10, 18), kept.Where(IsOfStory));
        Assert.Equal(11, (await store.ReadAsync("suite", cancellationToken: Token).ToListAsync(Token)).Count);
        Assert.Equal(11 * 2, await CountAsync(address));
        var rule = (await new PostgresCatalog(database).RuleAsync(new RuleKey("suite", "r1"), Token))!;
        Assert.Equal(11, (await new PostgresCatalog(database).HistoryAsync([rule.Number], 100, Token))[rule.Number].Count);
    }

    [Fact]
    public async Task A_run_of_a_day_that_another_process_dropped_is_kept_all_the_same()
    {
        var address = await databases.NewConnectionStringAsync();
        var (one, other) = (await databases.OpenAsync(address), await databases.OpenAsync(address));
        await new PostgresQualityStore(one).AppendAsync(Run(5), Token);
        await new PostgresQualityStore(other).AppendAsync(Run(5) with { RunId = "again" }, Token);
        await other.ForgetAsync(new RetentionOptions { Results = TimeSpan.FromDays(1) }, new FakeTimeProvider(Start), Token);

        // The first process still believes the day to be there.
        Assert.True(await new PostgresQualityStore(one).AppendAsync(Run(5) with { RunId = "late" }, Token));

        var read = Assert.Single(await new PostgresQualityStore(other).ReadAsync("suite", cancellationToken: Token).ToListAsync(Token));
        Assert.Equal(("late", 2), (read.RunId, read.Verdicts.Count));
    }

    [Fact]
    public async Task Writers_of_a_new_day_do_not_stand_in_each_others_way()
    {
        var address = await databases.NewConnectionStringAsync();
        PostgresQualityDatabase[] processes = [await databases.OpenAsync(address), await databases.OpenAsync(address), await databases.OpenAsync(address)];

        var kept = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => Task.Run(
            async () => await new PostgresQualityStore(processes[i % 3]).AppendAsync(Run(i % 6) with { RunId = $"run {i}", Suite = $"suite {i % 5}" }, Token), Token)));

        Assert.All(kept, Assert.True);
        Assert.Equal((60, 6), (await CountAsync(address), (await DaysAsync(address)).Count(IsOfStory)));
    }

    [Fact]
    public async Task A_schema_with_verdicts_in_one_table_is_brought_up_without_loss()
    {
        var address = await databases.NewConnectionStringAsync();
        await OldSchemaAsync(address);

        var database = await databases.OpenAsync(address);

        var read = await new PostgresQualityStore(database).ReadAsync("suite", cancellationToken: Token).ToListAsync(Token);
        Assert.Equal(["b", "a"], read.Select(r => r.RunId));
        Assert.Equal(
            [("r1", Outcome.Fail, 3L, "bad", "me"), ("r2", Outcome.Pass, 0, "fine", null)],
            read[1].Verdicts.Select(v => (v.RuleId, v.Outcome, v.Violations!.Value, v.Message, v.Owner)));
        Assert.Equal(4, await CountAsync(address));
        Assert.Equal(2, (await DaysAsync(address)).Count(IsOfStory));
        Assert.True(await new PostgresQualityStore(database).AppendAsync(Run(0), Token));

        // Alerts of incidents that were closed before stay with them.
        Assert.Equal(["loose"], (await new PostgresAlertStore(database).PageAsync(new AlertQuery { OutsideIncidents = true, IncludeResolved = true }, Token)).Select(a => a.Key));
    }

    private static bool IsOfStory(int day) => day < new DateOnly(2010, 1, 1).DayNumber;

    private static SuiteResult Run(int daysAgo) => new()
    {
        RunId = $"run {daysAgo} days ago",
        Suite = "suite",
        Table = "t",
        Version = new DatasetVersion(new DatasetId("lake/t"), 100 - daysAgo),
        StartedAt = Start.AddDays(-daysAgo),
        Duration = TimeSpan.FromMilliseconds(5),
        Queries = new QueryCounts(),
        Verdicts =
        [
            .. new[] { "r1", "r2" }.Select(id => new Verdict
            {
                RuleId = id, Rule = $"{id} holds", Kind = "range", Severity = Severity.Warning, Outcome = Outcome.Pass, Message = "all", Violations = 0, Evaluated = 9,
            }),
        ],
    };

    /// <summary>A schema as the first migration makes it, with two runs of two verdicts and a closed incident.</summary>
    private static async Task OldSchemaAsync(string address)
    {
        var assembly = typeof(PostgresQualityDatabase).Assembly;
        using var reader = new StreamReader(assembly.GetManifestResourceStream("001-initial.sql")!);
        var script = await reader.ReadToEndAsync(Token);
        var incident = IncidentDocument.Write(new Incident
        {
            Id = "i",
            Title = "t",
            Severity = Severity.Warning,
            Root = new ColumnId("raw", "x"),
            RootKey = "member",
            OpenedAt = Start,
            ChangedAt = Start,
            ClosedAt = Start,
            State = IncidentState.Closed,
            Members = [new IncidentMember("member", "m", new ColumnId("raw", "x"), Severity.Warning, Start, "d", Start)],
            Cut = new LineageCut([], []),
            Sequence = 2,
        });
        await ExecuteAsync(address, string.Create(CultureInfo.InvariantCulture, $$"""
            CREATE SCHEMA quality; SET search_path TO quality;
            CREATE TABLE schema_version (version INTEGER NOT NULL); INSERT INTO schema_version VALUES (1);
            {{script}}
            INSERT INTO suite (name) VALUES ('suite');
            INSERT INTO rule (suite, rule_id, kind) VALUES (1, 'r1', 'range'), (1, 'r2', 'set');
            INSERT INTO run (run_id, suite, table_name, started, duration, queries) VALUES
              ('a', 1, 't', {{Start.UtcTicks}}, 5, '{}'), ('b', 1, 't', {{Start.AddDays(-1).UtcTicks}}, 5, '{}');
            INSERT INTO verdict (run, place, rule, severity, outcome, violations, evaluated, observed, detail) VALUES
              (1, 0, 1, 1, 1, 3, 9, '3', '{"rule":"r1 holds","message":"bad","owner":"me"}'), (1, 1, 2, 1, 0, 0, 9, '0', '{"rule":"r2 holds","message":"fine"}'),
              (2, 0, 1, 1, 0, 0, 9, '0', '{"rule":"r1 holds","message":"fine"}'), (2, 1, 2, 1, 0, 0, 9, '0', '{"rule":"r2 holds","message":"fine"}');
            INSERT INTO incident VALUES ('i', 2, 1, {{Start.UtcTicks}}, {{Start.UtcTicks}}, '{{incident.Replace("'", "''", StringComparison.Ordinal)}}');
            INSERT INTO alert VALUES ('member', 't', 1, 3, 'd', {{Start.UtcTicks}}, 0, 0, 1, NULL, 1, NULL, NULL, 1), ('loose', 't', 1, 3, 'd', {{Start.UtcTicks}}, 0, 0, 1, NULL, 1, NULL, NULL, 1);
            """));
    }

    private static async Task<List<int>> DaysAsync(string address)
    {
        await using var source = NpgsqlDataSource.Create(address);
        await using var command = source.CreateCommand(
            "SELECT substr(c.relname, 9)::integer FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'quality.verdict'::regclass");
        await using var reader = await command.ExecuteReaderAsync(Token);
        List<int> days = [];
        while (await reader.ReadAsync(Token))
        {
            days.Add(reader.GetInt32(0));
        }

        return days;
    }

    private static async Task<long> CountAsync(string address)
    {
        await using var source = NpgsqlDataSource.Create(address);
        await using var command = source.CreateCommand("SELECT count(*) FROM quality.verdict v JOIN quality.run r ON r.id = v.run");
        return (long)(await command.ExecuteScalarAsync(Token))!;
    }

    private static async Task ExecuteAsync(string address, string sql)
    {
        await using var source = NpgsqlDataSource.Create(address);
#pragma warning disable CA2100 // Texts of this test.
        await using var command = source.CreateCommand(sql);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(Token);
    }
}
