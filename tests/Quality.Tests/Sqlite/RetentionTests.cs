using DataPlatform.Quality.Alerts;
using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.Lineage;
using DataPlatform.Quality.Profiles;
using DataPlatform.Quality.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Quality.Tests.Sqlite;

public sealed class RetentionTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2002, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly string _folder = Directory.CreateTempSubdirectory("quality-retention-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task What_is_over_age_goes_in_batches_and_the_rest_stays()
    {
        var database = QualityDatabase.Open(Path.Combine(_folder, "quality.db"));
        var (results, series, alerts) = (new SqliteQualityStore(database), new SqliteSeriesStore(database), new SqliteAlertStore(database));
        await results.AppendAsync([.. Enumerable.Range(0, 100).Select(day => Result(day))], Token);
        await series.PutAsync([.. Enumerable.Range(0, 100).Select(day => new SeriesPoint("s", new MetricPoint(Now.AddDays(-day), day)))], Token);
        await new SqliteProfileStore(database).PutAsync(new StoredProfile("t", "", 1, Now.AddDays(-50), []), Token);
        await alerts.TrySaveAsync(Alert("old") with { State = AlertState.Resolved }, [], Token);
        await alerts.TrySaveAsync(Alert("open"), [], Token);
        var edge = new LineageEdge(new("a", "x"), new("b", "x"), LineageEdgeKind.Direct, LineageOrigin.Sql, "j");
        await new SqliteLineageStore(database).SaveAsync(new LineageChanges([new EdgeRecord(edge, Now.AddDays(-60), Now.AddDays(-60), Now.AddDays(-50))], []), Token);
        var week = TimeSpan.FromDays(7);
        var options = new RetentionOptions { Results = week, Points = week, Profiles = week, Alerts = week, Incidents = week, RetiredEdges = week, BatchRows = 10 };

        var removed = await database.ForgetAsync(options, new FakeTimeProvider(Now), Token);

        Assert.Equal(92 + 92 + 1 + 1 + 1, removed);
        Assert.Equal(0, await database.ForgetAsync(options, new FakeTimeProvider(Now), Token));
        Assert.Equal(8, (await series.BeforeAsync("s", Now.AddDays(1), cancellationToken: Token)).Count);
        Assert.Equal(["open"], (await alerts.ListAsync(includeResolved: true, Token)).Select(a => a.Key));
    }

    [Fact]
    public async Task Nothing_is_removed_of_what_may_stay_for_ever()
    {
        var database = QualityDatabase.Open(Path.Combine(_folder, "quality.db"));
        await new SqliteQualityStore(database).AppendAsync(Result(100), Token);

        Assert.Equal(0, await database.ForgetAsync(new RetentionOptions { Results = TimeSpan.MaxValue }, new FakeTimeProvider(Now), Token));
    }

    private static Alert Alert(string key) => new(
        key, key, Severity.Info, AlertState.Open, "", Now.AddDays(-50), Now.AddDays(-50), Now.AddDays(-50));

    private static SuiteResult Result(int day) => new()
    {
        RunId = $"r{day}",
        Suite = "s",
        Table = "t",
        StartedAt = Now.AddDays(-day),
        Duration = TimeSpan.Zero,
        Queries = new QueryCounts(),
        Verdicts = [new Verdict { RuleId = "r", Rule = "r", Kind = "k", Severity = Severity.Info, Outcome = Outcome.Pass, Message = "m" }],
    };
}
