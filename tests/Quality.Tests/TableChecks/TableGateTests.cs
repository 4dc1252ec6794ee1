using DataPlatform.Kernel;
using DataPlatform.Kernel.Feeds;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Quality.Freshness;
using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Rules;
using DataPlatform.Quality.TableChecks;

namespace DataPlatform.Quality.Tests.TableChecks;

public sealed class TableGateTests : IAsyncLifetime
{
    private static readonly RowMapping<Arrival> Mapping = new RowMapping<Arrival>()
        .Column("day", DeltaType.Date, a => a.Day)
        .Column("destination", DeltaType.String, a => a.Destination)
        .Column("delay", DeltaType.Integer, a => a.Delay);

    private readonly string _folder = Directory.CreateTempSubdirectory("quality-gate-").FullName;
    private DeltaTable _table = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var options = new DeltaTableOptions { Dataset = new DatasetId("lake/arrivals"), PartitionColumns = ["day"] };
        _table = await DeltaTable.CreateAsync(new LocalObjectStore(Path.Combine(_folder, "arrivals"), durable: false), Mapping.Schema, options, Token);
        await AppendAsync(new Arrival(new DateOnly(2001, 1, 1), "ATL", 5), new Arrival(new DateOnly(2001, 1, 2), "ORD", -90));
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_gate_judges_the_version_it_is_given_and_no_later_one()
    {
        var good = await _table.RefreshAsync(Token);
        await AppendAsync(new Arrival(new DateOnly(2001, 1, 3), "XXX", null));
        var bad = await _table.RefreshAsync(Token);
        var store = new QualityFileStore(new InMemoryObjectStore());
        var gate = Gate(new TableGateOptions { Store = store });

        var passed = await gate.EnsurePassedAsync(good, Token);
        var failed = await Assert.ThrowsAsync<GateFailedException>(async () => await gate.EnsurePassedAsync(bad, Token));

        Assert.Equal(new DatasetVersion(new DatasetId("lake/arrivals"), good.Version), passed.Version);
        Assert.Equal(new DatasetVersion(new DatasetId("lake/arrivals"), bad.Version), failed.Result.Version);
        Assert.Equal(["destination occurs in airports.iata", "delay is not null"], failed.Result.Blocking.Select(v => v.Rule));
        Assert.Equal([["2001-01-03", "XXX", null]], failed.Result.Blocking.First().Sample.Rows);
        Assert.Equal("delay is at least -60", Assert.Single(passed.Warnings).Rule);
        Assert.Equal([passed.RunId, failed.Result.RunId], await RunIdsAsync(store));
    }

    [Fact]
    public async Task A_gate_costs_one_scan_and_a_query_per_reference()
    {
        var result = await Gate(new TableGateOptions()).CheckAsync(await _table.RefreshAsync(Token), Token);

        Assert.Equal(new QueryCounts(Scans: 1, References: 1, Samples: 1), result.Queries);
    }

    [Fact]
    public async Task A_reference_may_be_a_version_of_another_table()
    {
        var airports = await DeltaTable.CreateAsync(
            new LocalObjectStore(Path.Combine(_folder, "airports"), durable: false), new StructType([new StructField("iata", DeltaType.String, Nullable: true)]), null, Token);
        var empty = await airports.RefreshAsync(Token);

        var result = await new TableGate(Suite()).Reference("airports", empty).CheckAsync(await _table.RefreshAsync(Token), Token);

        Assert.Equal(2, result.Verdicts.Single(v => v.Kind == "reference").Violations);
    }

    [Fact]
    public async Task A_missing_reference_file_is_named_before_anything_runs_and_an_unregistered_one_is_an_error()
    {
        var missing = Assert.Throws<QualityException>(() => new TableGate(Suite()).ReferenceCsv("airports", "/nowhere/airports.csv"));
        var result = await new TableGate(Suite()).CheckAsync(await _table.RefreshAsync(Token), Token);

        Assert.Contains("/nowhere/airports.csv", missing.Message, StringComparison.Ordinal);
        Assert.Equal("reference", Assert.Single(result.Blocking).Kind);
    }

    [Fact]
    public async Task No_data_closes_the_gate_only_where_it_is_told_to()
    {
        var empty = await DeltaTable.CreateAsync(new LocalObjectStore(Path.Combine(_folder, "empty"), durable: false), Mapping.Schema, null, Token);
        var snapshot = await empty.RefreshAsync(Token);

        Assert.True((await Gate(new TableGateOptions()).CheckAsync(snapshot, Token)).Passed);
        Assert.False((await Gate(new TableGateOptions { StopsOnNoData = true }).CheckAsync(snapshot, Token)).Passed);
    }

    [Fact]
    public async Task A_gate_tells_the_feed_what_it_read()
    {
        var feed = new DatasetFeed();
        await using var events = feed.FollowLineageAsync(Token).GetAsyncEnumerator(Token);
        var next = events.MoveNextAsync();
        var snapshot = await _table.RefreshAsync(Token);

        await Gate(new TableGateOptions { Feed = feed }).CheckAsync(snapshot, Token);

        Assert.True(await next);
        Assert.Equal([new LineageDataset(new DatasetId("lake/arrivals"), snapshot.Version)], events.Current.Inputs);
        Assert.Equal(LineageEventKind.Complete, events.Current.Kind);
    }

    [Fact]
    public async Task Failed_rows_are_put_aside_once_with_the_rules_they_broke()
    {
        await AppendAsync(new Arrival(new DateOnly(2001, 1, 3), "XXX", null));
        var snapshot = await _table.RefreshAsync(Token);
        var result = await Gate(new TableGateOptions()).CheckAsync(snapshot, Token);
        var quarantine = await TableQuarantine.OpenAsync(new LocalObjectStore(Path.Combine(_folder, "quarantine"), durable: false), snapshot.Schema, null, Token);

        var version = await TableQuarantine.CopyAsync(Suite(), result, snapshot, quarantine, Token);
        var again = await TableQuarantine.CopyAsync(Suite(), result, snapshot, quarantine, Token);

        Assert.NotNull(version);
        Assert.Null(again);
        await using var lake = Lakehouse.DuckDb.LakeQuery.Open();
        lake.Register("q", await quarantine.RefreshAsync(Token));
        var notNull = result.Verdicts.Single(v => v.Kind == "not-null").RuleId;
        var range = result.Verdicts.Single(v => v.Kind == "range").RuleId;
        Assert.Equal(
            $"2001-01-02/ORD/-90/{range} 2001-01-03/XXX//{notNull}",
            await lake.ScalarAsync<string>("SELECT string_agg(concat_ws('/', day, destination, coalesce(delay::VARCHAR, ''), failed_rules), ' ' ORDER BY day) FROM q", Token));
    }

    [Fact]
    public async Task A_commit_that_does_not_pass_leaves_the_table_and_its_folder_as_they_were()
    {
        var gate = new CommitGate(Gate(new TableGateOptions()));
        var before = (await _table.RefreshAsync(Token)).Version;
        var files = DataFiles();

        await Assert.ThrowsAsync<GateFailedException>(async () => await gate.AppendAsync(_table, [Mapping.ToBatch([new Arrival(new DateOnly(2001, 1, 4), "ATL", null)])], Token));
        Assert.Equal(before, (await _table.RefreshAsync(Token)).Version);
        Assert.Equal(files, DataFiles());

        var (version, result) = await gate.AppendAsync(_table, [Mapping.ToBatch([new Arrival(new DateOnly(2001, 1, 4), "ATL", 1)])], Token);
        Assert.Equal(before + 1, version);
        Assert.True(result.Passed);

        // Written once: the only new file is the one that the commit names.
        Assert.Equal((await _table.RefreshAsync(Token)).Files.Count, DataFiles().Count);
        Assert.Equal(files.Count + 1, DataFiles().Count);
    }

    [Fact]
    public async Task A_commit_gate_judges_the_rows_that_come_and_no_others()
    {
        var suite = new QualitySuiteBuilder("arrivals").RowCountBetween(2, 2).Unique("destination").Build();
        var batch = Mapping.ToBatch([new Arrival(new DateOnly(2001, 1, 4), "ATL", 1), new Arrival(new DateOnly(2001, 1, 5), "ORD", 1)]);

        var (_, result) = await new CommitGate(new TableGate(suite)).AppendAsync(_table, [batch], Token);

        Assert.All(result.Verdicts, v => Assert.Equal(Outcome.Pass, v.Outcome));
        Assert.Equal(_table.Snapshot.Version, (await new CommitGate(Gate(new TableGateOptions())).AppendAsync(_table, [], Token)).Version);
    }

    [Fact]
    public async Task A_transaction_is_refused_whole_when_the_files_it_adds_do_not_pass()
    {
        var snapshot = await _table.RefreshAsync(Token);
        var files = await _table.WriteFilesAsync(new[] { Mapping.ToBatch([new Arrival(new DateOnly(2001, 1, 4), "XXX", 1)]) }.ToAsyncEnumerable(), Token);
        var transaction = _table.BeginTransaction(snapshot);
        transaction.Remove(snapshot.Files[0]);
        transaction.Add(files);

        await Assert.ThrowsAsync<GateFailedException>(async () => await new CommitGate(Gate(new TableGateOptions())).CommitAsync(_table, transaction, files, "WRITE", Token));

        Assert.Equal((snapshot.Version, snapshot.Files.Count), ((await _table.RefreshAsync(Token)).Version, _table.Snapshot.Files.Count));
        Assert.Equal(snapshot.Files.Count, DataFiles().Count);
    }

    [Fact]
    public async Task A_transaction_that_only_takes_files_away_is_committed()
    {
        var snapshot = await _table.RefreshAsync(Token);
        var transaction = _table.BeginTransaction(snapshot);
        transaction.Remove(snapshot.Files[0]);

        var (version, _) = await new CommitGate(Gate(new TableGateOptions())).CommitAsync(_table, transaction, [], "DELETE", Token);

        var after = await _table.RefreshAsync(Token);
        Assert.Equal((snapshot.Version + 1, snapshot.Version + 1, snapshot.Files.Count - 1), (version, after.Version, after.Files.Count));
    }

    [Fact]
    public async Task A_quarantine_takes_rows_of_a_table_that_got_a_column_since()
    {
        var folder = new LocalObjectStore(Path.Combine(_folder, "quarantine"), durable: false);
        await AppendAsync(new Arrival(new DateOnly(2001, 1, 3), "XXX", null));
        var before = await _table.RefreshAsync(Token);
        await TableQuarantine.CopyAsync(
            Suite(), await Gate(new TableGateOptions()).CheckAsync(before, Token), before, await TableQuarantine.OpenAsync(folder, before.Schema, null, Token), Token);
        await _table.AddColumnsAsync([new StructField("gate", DeltaType.String, Nullable: true)], Token);
        await AppendAsync(new Arrival(new DateOnly(2001, 1, 4), "YYY", null));
        var after = await _table.RefreshAsync(Token);

        var quarantine = await TableQuarantine.OpenAsync(folder, after.Schema, null, Token);
        Assert.NotNull(await TableQuarantine.CopyAsync(Suite(), await Gate(new TableGateOptions()).CheckAsync(after, Token), after, quarantine, Token));

        await using var lake = Lakehouse.DuckDb.LakeQuery.Open();
        lake.Register("q", await quarantine.RefreshAsync(Token));
        Assert.Equal(5, await lake.ScalarAsync<long>("SELECT count(*) FROM q WHERE gate IS NULL AND failed_rules <> ''", Token));
    }

    [Fact]
    public async Task A_version_with_deleted_rows_is_judged_without_them()
    {
        var options = new DeltaTableOptions { Properties = new Dictionary<string, string> { ["delta.enableDeletionVectors"] = "true" } };
        var table = await DeltaTable.CreateAsync(new LocalObjectStore(Path.Combine(_folder, "deleted"), durable: false), Mapping.Schema, options, Token);
        await table.AppendAsync([Mapping.ToBatch([new Arrival(new DateOnly(2001, 1, 1), "ATL", null), new Arrival(new DateOnly(2001, 1, 1), "ATL", 3)])], Token);
        Assert.False((await Gate(new TableGateOptions()).CheckAsync(await table.RefreshAsync(Token), Token)).Passed);
        var delete = table.BeginTransaction();
        await delete.MarkRowsDeletedAsync([new RowPositions(table.Snapshot.Files[0], [0])], Token);
        await delete.CommitAsync("DELETE", Token);

        Assert.True((await Gate(new TableGateOptions()).CheckAsync(await table.RefreshAsync(Token), Token)).Passed);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_table_whose_files_vanished_is_an_error_of_every_rule_that_reads_rows(bool withStates)
    {
        foreach (var file in DataFiles())
        {
            File.Delete(file);
        }

        var states = withStates ? new DataPlatform.Quality.Profiles.PartitionStateStore(new InMemoryObjectStore()) : null;
        var result = await Gate(new TableGateOptions { States = states }).CheckAsync(_table.Snapshot, Token);

        Assert.Equal(4, result.Verdicts.Count);
        Assert.All(result.Verdicts.Where(v => v.Kind is not ("schema" or "not-null")), v => Assert.Equal(Outcome.Error, v.Outcome));
        Assert.Contains("missing", result.Verdicts.Single(v => v.Kind == "reference").Message, StringComparison.Ordinal);
        Assert.False(result.Passed);
    }

    [Fact]
    public async Task Freshness_goes_by_the_log_and_only_by_commits_that_added_rows()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var sla = FreshnessSla.In(TimeOnly.FromDateTime(time.GetUtcNow().UtcDateTime.AddMinutes(-30)), TimeSpan.FromMinutes(20), "UTC");
        var gate = new TableGate(new QualitySuiteBuilder("arrivals").CommittedBy(sla).Build(), new TableGateOptions { Time = time });
        var committed = (await _table.RefreshAsync(Token)).Timestamp;

        Assert.Equal(Outcome.Pass, (await gate.CheckAsync(_table.Snapshot, Token)).Verdicts[0].Outcome);
        time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(Outcome.Fail, (await gate.CheckAsync(_table.Snapshot, Token)).Verdicts[0].Outcome);
        await _table.SetPropertiesAsync(new Dictionary<string, string?> { ["x.note"] = "looked after" }, Token);
        await _table.CompactAsync(null, Token);

        var newest = await LakeFreshness.NewestDataAsync(await _table.RefreshAsync(Token), Token);
        Assert.InRange((newest!.Value - committed).Duration(), TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.Equal(Outcome.Fail, (await gate.CheckAsync(_table.Snapshot, Token)).Verdicts[0].Outcome);
    }

    [Fact]
    public async Task The_version_before_is_what_numbers_and_columns_are_held_against()
    {
        var before = await _table.RefreshAsync(Token);
        await AppendAsync([.. Enumerable.Range(0, 8).Select(i => new Arrival(new DateOnly(2001, 1, 3), "ATL", i))]);
        await _table.AddColumnsAsync([new StructField("gate", DeltaType.String)], Token);
        var suite = new QualitySuiteBuilder("arrivals")
            .RowCountMatches(MatchSource.Of(MatchSource.PreviousVersion), Tolerance.Percent(50)).AggregateMatches(AggregateFunction.Minimum, "delay", MatchSource.Of(MatchSource.PreviousVersion))
            .SchemaUnchanged().Build();

        var result = await new TableGate(suite).Previous(before).CheckAsync(await _table.RefreshAsync(Token), Token);

        Assert.Equal([Outcome.Fail, Outcome.Pass, Outcome.Fail], result.Verdicts.Select(v => v.Outcome));
        Assert.Equal("It is 10 here and 2 in previous.", result.Verdicts[0].Message);
        Assert.Equal("column 'gate' is new as VARCHAR.", result.Verdicts[2].Message);
        Assert.Equal([Outcome.Error, Outcome.Error, Outcome.NoData], (await new TableGate(suite).CheckAsync(_table.Snapshot, Token)).Verdicts.Select(v => v.Outcome));
    }

    private static QualitySuite Suite() => new QualitySuiteBuilder("arrivals")
        .Schema([new("day", "date"), new("destination", "varchar"), new("delay", "int")], SchemaMatch.Exact)
        .References("destination", "airports", "iata")
        .NotNull("delay")
        .InRange("delay", -60, null, Severity.Warning)
        .Build();

    private static async Task<List<string>> RunIdsAsync(QualityFileStore store)
    {
        List<string> ids = [];
        await foreach (var run in store.ReadAsync("arrivals", null, Token))
        {
            ids.Add(run.RunId);
        }

        return ids;
    }

    private TableGate Gate(TableGateOptions options)
    {
        var path = Path.Combine(_folder, "airports.csv");
        File.WriteAllText(path, "iata,name\nATL,Atlanta\nORD,Chicago\n");
        return new TableGate(Suite(), options).ReferenceCsv("airports", path);
    }

    private List<string> DataFiles()
        => [.. Directory.EnumerateFiles(Path.Combine(_folder, "arrivals"), "*.parquet", SearchOption.AllDirectories).Where(f => !f.Contains("_delta_log", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private async Task AppendAsync(params Arrival[] arrivals) => await _table.AppendAsync([Mapping.ToBatch(arrivals)], Token);

    private sealed record Arrival(DateOnly Day, string Destination, int? Delay);
}
