using System.Globalization;
using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse;
using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Snapshots;
using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.DuckDb;
using DataPlatform.Quality.DuckDb.Profiles;
using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Profiles;
using DataPlatform.Quality.Rules;
using DataPlatform.Quality.TableChecks;

namespace DataPlatform.Quality.Tests.TableChecks;

/// <summary>A check by kept states says what a check of the whole version says, and reads new files only.</summary>
public sealed class IncrementalGateTests : IAsyncLifetime
{
    private static readonly RowMapping<Arrival> Mapping = new RowMapping<Arrival>()
        .Column("day", DeltaType.Date, a => a.Day)
        .Column("destination", DeltaType.String, a => a.Destination)
        .Column("delay", DeltaType.Integer, a => a.Delay)
        .Column("fare", DeltaType.Decimal(12, 2), a => a.Fare)
        .Column("score", DeltaType.Double, a => a.Score)
        .Column("at", DeltaType.Timestamp, a => a.At);

    private readonly string _folder = Directory.CreateTempSubdirectory("quality-states-").FullName;
    private readonly InMemoryObjectStore _objects = new();
    private readonly Random _random = new(7);
    private DeltaTable _table = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private PartitionStateStore States => new(_objects);

    public async ValueTask InitializeAsync()
    {
        var options = new DeltaTableOptions
        {
            Dataset = new DatasetId("lake/arrivals"),
            PartitionColumns = ["day"],
            Properties = new Dictionary<string, string> { ["delta.enableDeletionVectors"] = "true" },
        };
        _table = await DeltaTable.CreateAsync(new LocalObjectStore(Path.Combine(_folder, "arrivals"), durable: false), Mapping.Schema, options, Token);
        await AppendAsync(1, 300);
        await AppendAsync(2, 200);
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_second_check_reads_no_byte_of_old_files()
    {
        // Without rows to show: those of an old file would be read from it, and from no other.
        var gate = Gate(Folding(), new QualityRunnerOptions { SampleRowsMax = 0 });
        var first = await gate.CheckAsync(await _table.RefreshAsync(Token), Token);
        var old = _table.Snapshot.Files;
        await AppendAsync(3, 100);
        var expected = await new TableGate(Folding()).CheckAsync(await _table.RefreshAsync(Token), Token);
        foreach (var file in old)
        {
            // Whoever reads a byte of it now, footer included, fails.
            File.WriteAllText(Path.Combine(_folder, "arrivals", Uri.UnescapeDataString(file.Path)), "no Parquet");
        }

        var second = await gate.CheckAsync(_table.Snapshot, Token);

        Assert.Equal((2, 2), (first.Queries.PartsLive, first.Queries.PartsRead));
        Assert.Equal((3, 1), (second.Queries.PartsLive, second.Queries.PartsRead));
        Assert.Equal(_table.Snapshot.Files.Except(old).Single().Size, second.Queries.PartBytesRead);
        AssertSame(expected, second);
        Assert.Equal((3, 0), await ReadAsync(gate));
    }

    [Fact]
    public async Task Failed_rows_are_shown_from_a_new_file_that_has_them()
    {
        var suite = new QualitySuiteBuilder("arrivals").NotNull("delay").Build();
        await Gate(suite).CheckAsync(await _table.RefreshAsync(Token), Token);
        var old = _table.Snapshot.Files;
        await AppendAsync(3, 100);
        await _table.RefreshAsync(Token);
        foreach (var file in old)
        {
            File.WriteAllText(Path.Combine(_folder, "arrivals", Uri.UnescapeDataString(file.Path)), "no Parquet");
        }

        var verdict = Assert.Single((await Gate(suite).CheckAsync(_table.Snapshot, Token)).Verdicts);

        Assert.Equal(Outcome.Fail, verdict.Outcome);
        Assert.All(verdict.Sample.Rows, r => Assert.Equal(("2001-01-03", null), (r[0], r[2])));
        Assert.NotEmpty(verdict.Sample.Rows);
    }

    [Fact]
    public async Task Rewrites_deletions_and_drops_are_right_at_every_step()
    {
        var gate = Gate(Folding());
        List<int> read = [];
        foreach (var step in new Func<Task>[] { () => Task.CompletedTask, () => AppendAsync(3, 150), DeleteRowsAsync, CompactAsync, ReplaceDayAsync, DeleteRowsAsync, ClearAsync, () => AppendAsync(4, 10) })
        {
            await step();
            var snapshot = await _table.RefreshAsync(Token);
            var folded = await gate.CheckAsync(snapshot, Token);
            AssertSame(await new TableGate(Folding()).CheckAsync(snapshot, Token), folded);
            read.Add(folded.Queries.PartsRead);
        }

        Assert.Equal([2, 1, 3], read.Take(3));
        Assert.Equal([0, 1], read.TakeLast(2));
    }

    [Fact]
    public async Task A_kill_between_reading_and_keeping_leaves_the_next_check_right()
    {
        await AppendAsync(3, 100);
        var snapshot = await _table.RefreshAsync(Token);
        var expected = await new TableGate(Folding()).CheckAsync(snapshot, Token);
        for (var puts = 0; puts < 4; puts++)
        {
            var dying = new TableGate(Folding(), new TableGateOptions { States = new DyingStore(States, puts) });
            var killed = await Record.ExceptionAsync(async () => await dying.CheckAsync(snapshot, Token));

            Assert.Equal(puts < 3, killed is IOException);
            var after = await Gate(Folding()).CheckAsync(snapshot, Token);
            AssertSame(expected, after);
            Assert.Equal(puts < 3 ? 3 - puts : 0, after.Queries.PartsRead);
            await States.RemoveExceptAsync("arrivals", (_, _) => false, Token);
        }
    }

    [Fact]
    public async Task States_that_are_damaged_or_of_another_engine_are_read_again()
    {
        var gate = Gate(Folding());
        var snapshot = await _table.RefreshAsync(Token);
        var expected = await gate.CheckAsync(snapshot, Token);
        var path = "";
        await foreach (var found in _objects.ListAsync("states/", null, Token))
        {
            path = found.Path;
        }

        var bytes = (await _objects.TryGetAsync(path, Token))!.Value.ToArray();
        var other = StateBytes.Write(StateBytes.Read(bytes) with { Engine = "duckdb of tomorrow" });
        bytes[^40] ^= 1;
        foreach (var spoilt in new[] { bytes, other, [] })
        {
            await _objects.PutAsync(path, spoilt, Token);
            var result = await gate.CheckAsync(snapshot, Token);

            AssertSame(expected, result);
            Assert.Equal((2, 1), (result.Queries.PartsLive, result.Queries.PartsRead));
            Assert.Equal((2, 0), await ReadAsync(gate));
        }
    }

    [Fact]
    public async Task A_new_rule_reads_the_files_once_for_what_it_lacks_and_an_edited_threshold_reads_nothing()
    {
        await Gate(new QualitySuiteBuilder("arrivals").InRange("score", 0, 1).Build()).CheckAsync(await _table.RefreshAsync(Token), Token);

        Assert.Equal((2, 0), await ReadAsync(Gate(new QualitySuiteBuilder("arrivals").InRange("score", 0, 1, new RuleSettings { Threshold = Threshold.Percent(5) }).Build())));
        Assert.Equal((2, 2), await ReadAsync(Gate(new QualitySuiteBuilder("arrivals").InRange("score", 0, 1).InRange("score", 0, 2).Build())));
        Assert.Equal((2, 0), await ReadAsync(Gate(new QualitySuiteBuilder("arrivals").InRange("score", 0, 2).InRange("score", 0, 1).Build())));
    }

    [Fact]
    public async Task What_the_log_knows_exactly_reads_no_file_until_rows_were_deleted()
    {
        var suite = new QualitySuiteBuilder("arrivals").NotNull("delay", Severity.Info).RowCountBetween(1, 499).InRange("delay", -10_000, 10_000)
            .AggregateBetween(AggregateFunction.Minimum, "delay", -10_000, null).AggregateBetween(AggregateFunction.Maximum, "delay", null, 10_000).Build();
        var known = await Gate(suite, new QualityRunnerOptions { SampleRowsMax = 0 }).CheckAsync(await _table.RefreshAsync(Token), Token);
        AssertSame(await new TableGate(suite).CheckAsync(_table.Snapshot, Token), known);
        Assert.Equal((2, 0), (known.Queries.PartsLive, known.Queries.PartsRead));

        await DeleteRowsAsync();
        var deleted = await Gate(suite).CheckAsync(await _table.RefreshAsync(Token), Token);

        AssertSame(await new TableGate(suite).CheckAsync(_table.Snapshot, Token), deleted);
        Assert.Equal(2, deleted.Queries.PartsRead);
        Assert.Equal((2, 0), await ReadAsync(Gate(new QualitySuiteBuilder("arrivals").RowCountBetween(1, 2).Build())));
    }

    [Fact]
    public async Task Rules_that_do_not_add_up_say_so_and_read_the_whole_version()
    {
        var suite = new QualitySuiteBuilder("arrivals")
            .Unique("score", Severity.Info)
            .AggregateBetween(AggregateFunction.Median, "delay", null, null)
            .AggregateBetween(AggregateFunction.DistinctCount, "destination", null, null)
            .NotNull("delay", new RuleSettings { Filter = "day = (select max(day) from arrivals)", Severity = Severity.Info })
            .RowSql("\"at\" < now() + INTERVAL 1 DAY")
            .RowSql("random() < 2")
            .Build();
        var gate = Gate(suite);

        var result = await gate.CheckAsync(await _table.RefreshAsync(Token), Token);

        AssertSame(await new TableGate(suite).CheckAsync(_table.Snapshot, Token), result);
        Assert.Equal(
            ["exact uniqueness does not add up", "median of parts", "exact distinct counts", "further than the row", "further than the row", "further than the row"],
            result.Verdicts.Select((v, i) => new[] { "exact uniqueness does not add up", "median of parts", "exact distinct counts" }.FirstOrDefault(t => v.Message.Contains(t, StringComparison.Ordinal))
                ?? (v.Message.Contains("further than the row", StringComparison.Ordinal) ? "further than the row" : v.Message)));
    }

    [Fact]
    public async Task A_renamed_column_is_another_column()
    {
        await _table.SetPropertiesAsync(new Dictionary<string, string?> { ["delta.columnMapping.mode"] = "name" }, Token);
        var suite = new QualitySuiteBuilder("arrivals").AggregateBetween(AggregateFunction.Sum, "delay", null, null).Build();
        var before = await Gate(suite).CheckAsync(await _table.RefreshAsync(Token), Token);
        await _table.RenameColumnAsync("delay", "late", Token);
        await _table.AddColumnsAsync([new StructField("delay", DeltaType.Integer)], Token);

        var after = await Gate(suite).CheckAsync(await _table.RefreshAsync(Token), Token);

        Assert.Equal(Outcome.Pass, before.Verdicts[0].Outcome);
        Assert.Equal((Outcome.NoData, 2), (after.Verdicts[0].Outcome, after.Queries.PartsRead));
    }

    [Fact]
    public async Task A_rule_that_fails_over_a_part_is_an_error_alone()
    {
        var suite = new QualitySuiteBuilder("arrivals").RowSql("ghost > 1").RowSql("CAST(destination AS INTEGER) > 0").NotNull("score").Build();

        var result = await Gate(suite).CheckAsync(await _table.RefreshAsync(Token), Token);

        Assert.Equal([Outcome.Error, Outcome.Error, Outcome.Pass], result.Verdicts.Select(v => v.Outcome));
        Assert.Contains("ghost", result.Verdicts[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Profiles_fold_over_the_live_files_and_only_new_ones_are_read()
    {
        IReadOnlyList<PartitionState> byDay = [];
        async Task<(PartitionState Whole, int Read)> ProfileAsync()
        {
            await using var lake = LakeQuery.Open();
            var read = 0;
            var snapshot = await _table.RefreshAsync(Token);
            var files = new LakeParts(lake, snapshot, "part");
            var states = new FoldedStates(new DuckDbMetricEngine(lake.Connection), files, States, "arrivals");
            var parts = await states.ProfileAsync(
                (relation, part, cancel) =>
                {
                    read++;
                    return new DuckDbProfiler(lake.Connection).ReadAsync(relation, null, part, cancel);
                },
                Token);
            byDay = PartitionState.FoldBy(parts, files.PartitionOf);
            return (PartitionState.Fold(parts), read);
        }

        await Gate(Folding()).CheckAsync(await _table.RefreshAsync(Token), Token);
        var first = await ProfileAsync();
        await AppendAsync(3, 50);
        await DeleteRowsAsync();
        var second = await ProfileAsync();

        Assert.Equal((500, 2), (first.Whole.Columns[0].Rows, first.Read));
        Assert.Equal((_table.Snapshot.RowCount!.Value, 3), (second.Whole.Columns[0].Rows, second.Read));
        Assert.Equal((3, 3), await ReadAsync(Gate(Folding())));
        Assert.Equal(0, (await ProfileAsync()).Read);
        Assert.Equal(["day=2001-01-01", "day=2001-01-02", "day=2001-01-03"], byDay.Select(p => p.Partition));
        Assert.Equal(second.Whole.Columns[0].Rows, byDay.Sum(p => p.Columns[0].Rows));
        var points = ProfileSeries.Of("arrivals", DateTimeOffset.UnixEpoch, second.Whole).ToDictionary(p => p.Series, p => p.Point.Value);
        Assert.Equal(second.Whole.Columns[0].Rows, points["arrivals/rows"]);
        Assert.InRange(points["arrivals/delay/null-share"], 0.1, 0.25);
        Assert.False(points.ContainsKey("arrivals/destination/mean"));
    }

    [Fact]
    public async Task Pruning_keeps_the_states_of_live_files_alone()
    {
        await Gate(Folding()).CheckAsync(await _table.RefreshAsync(Token), Token);
        await CompactAsync();
        await AppendAsync(3, 5);
        await Gate(Folding()).CheckAsync(await _table.RefreshAsync(Token), Token);
        await using var lake = LakeQuery.Open();
        var states = new FoldedStates(new DuckDbMetricEngine(lake.Connection), new LakeParts(lake, _table.Snapshot, "part"), States, "arrivals");

        var before = await CountAsync();
        var removed = await states.PruneAsync(Token);

        Assert.Equal(before - removed, _table.Snapshot.Files.Count);
        Assert.Equal((_table.Snapshot.Files.Count, 0), await ReadAsync(Gate(Folding())));
    }

    [Fact]
    public void Every_kind_of_value_survives_storage()
    {
        var sketch = new HyperLogLog(ApproximateDistinctMetric.Precision);
        sketch.AddHash(ulong.MaxValue / 3);
        var state = new PartitionState("p", [])
        {
            Engine = "e 1",
            Metrics = new Dictionary<string, object?>
            {
                ["a"] = null,
                ["b"] = System.Numerics.BigInteger.Parse("-123456789012345678901234567890123456789", CultureInfo.InvariantCulture),
                ["c"] = 1.50m,
                ["d"] = double.NaN,
                ["e"] = (IReadOnlyList<long>)[1, 2, 3],
                ["f"] = sketch,
                ["g"] = new Moments(3, 1, 2, -1, 4),
            },
        };

        var read = StateBytes.Read(StateBytes.Write(state));

        Assert.Equal("e 1", read.Engine);
        Assert.Equal(sketch.Estimate(), ((HyperLogLog)read.Metrics["f"]!).Estimate());
        Assert.Equal(state.Metrics.Where(m => m.Key != "f"), read.Metrics.Where(m => m.Key != "f"));
    }

    private static QualitySuite Folding() => new QualitySuiteBuilder("arrivals")
        .Schema(["day", "delay"])
        .RowCountBetween(1, null)
        .NotNull("delay", new RuleSettings { Threshold = Threshold.Percent(50) })
        .NotNull("delay", new RuleSettings { Filter = "destination = 'ATL'", Threshold = Threshold.Percent(50) })
        .InRange("delay", -10_000, 10_000).InRange("score", -1e9, null, new RuleSettings { Threshold = Threshold.Count(1_000) })
        .InSet("destination", ["ATL", "ORD", "JFK"]).Matches("destination", "[A-Z]{3}")
        .When("delay > 0", "fare >= 0")
        .AggregateBetween(AggregateFunction.Sum, "fare", null, null)
        .AggregateBetween(AggregateFunction.Sum, "delay", null, null)
        .AggregateBetween(AggregateFunction.Maximum, "fare", null, null)
        .AggregateBetween(AggregateFunction.Minimum, "delay", null, null)
        .AggregateBetween(AggregateFunction.Minimum, "delay", null, null, new RuleSettings { Filter = "day > DATE '2001-01-01'" })
        .AggregateBetween(AggregateFunction.Mean, "delay", null, null)
        .AggregateBetween(AggregateFunction.StandardDeviation, "score", null, null)
        .ApproximatelyUnique(["destination", "delay"], Severity.Info)
        .FreshWithin("at", TimeSpan.FromDays(36_500))
        .Build();

    private static void AssertSame(SuiteResult expected, SuiteResult actual)
    {
        foreach (var (a, b) in expected.Verdicts.Zip(actual.Verdicts))
        {
            Assert.True((a.Outcome, a.Violations, a.Evaluated) == (b.Outcome, b.Violations, b.Evaluated), $"{a.Rule}: {a.Message} / {b.Message}");
            if (a.Rule.StartsWith("mean", StringComparison.Ordinal) || a.Rule.StartsWith("standard", StringComparison.Ordinal))
            {
                Assert.Equal(Number(a), Number(b), 1e-9);
            }
            else
            {
                Assert.Equal(a.Observed, b.Observed);
            }
        }
    }

    private static double Number(Verdict verdict) => verdict.Observed is null ? 0 : double.Parse(verdict.Observed, CultureInfo.InvariantCulture);

    private TableGate Gate(QualitySuite suite, QualityRunnerOptions? runner = null) => new(suite, new TableGateOptions { States = States, Runner = runner ?? new QualityRunnerOptions() });

    private async Task<(int Live, int Read)> ReadAsync(TableGate gate)
    {
        var queries = (await gate.CheckAsync(_table.Snapshot, Token)).Queries;
        return (queries.PartsLive, queries.PartsRead);
    }

    private async Task<int> CountAsync()
    {
        var count = 0;
        await foreach (var _ in _objects.ListAsync("states/", null, Token))
        {
            count++;
        }

        return count;
    }

    private Arrival[] Rows(int day, int count) =>
    [
        .. Enumerable.Range(0, count).Select(i => new Arrival(
            new DateOnly(2001, 1, day), _random.Next(10) switch { 0 => null, < 5 => "ATL", < 8 => "ORD", _ => "JFK" }, _random.Next(6) == 0 ? null : _random.Next(-100, 900),
            _random.Next(7) == 0 ? null : _random.Next(100_000) / 100m, _random.Next(50) switch { 0 => double.NaN, 1 => double.PositiveInfinity, _ => _random.NextDouble() * 100 },
            new DateTimeOffset(2001, 1, day, _random.Next(24), 0, 0, TimeSpan.Zero))),
    ];

    private async Task AppendAsync(int day, int count) => await _table.AppendAsync([Mapping.ToBatch(Rows(day, count))], Token);

    private async Task DeleteRowsAsync()
    {
        var snapshot = await _table.RefreshAsync(Token);
        var delete = _table.BeginTransaction(snapshot);
        await delete.MarkRowsDeletedAsync([.. snapshot.Files.Select(f => new RowPositions(f, [.. Enumerable.Range(0, 5).Select(_ => _random.NextInt64(f.NumRecords!.Value))]))], Token);
        await delete.CommitAsync("DELETE", Token);
    }

    private async Task CompactAsync() => await _table.CompactAsync(null, Token);

    private async Task ReplaceDayAsync()
        => await _table.WriteAsync([Mapping.ToBatch(Rows(1, 40))], new WriteOptions { Mode = WriteMode.Overwrite, ReplaceWhere = Lakehouse.Scans.Predicate.Parse("day = DATE '2001-01-01'") }, Token);

    private async Task ClearAsync()
    {
        var snapshot = await _table.RefreshAsync(Token);
        var clear = _table.BeginTransaction(snapshot);
        foreach (var file in snapshot.Files)
        {
            clear.Remove(file);
        }

        await clear.CommitAsync("DELETE", Token);
    }

    private sealed record Arrival(DateOnly Day, string? Destination, int? Delay, decimal? Fare, double Score, DateTimeOffset At);

    /// <summary>Dies at a write, as a process does that is killed after it read and before it kept.</summary>
    private sealed class DyingStore(PartitionStateStore inner, int puts) : IPartitionStateStore
    {
        private int _left = puts;

        public ValueTask<PartitionState?> TryGetAsync(string table, string partition, string fingerprint, CancellationToken cancellationToken = default)
            => inner.TryGetAsync(table, partition, fingerprint, cancellationToken);

        public ValueTask PutAsync(string table, PartitionState state, string fingerprint, CancellationToken cancellationToken = default)
            => _left-- > 0 ? inner.PutAsync(table, state, fingerprint, cancellationToken) : throw new IOException("killed");

        public ValueTask<int> RemoveExceptAsync(string table, Func<string, string, bool> isLive, CancellationToken cancellationToken = default)
            => inner.RemoveExceptAsync(table, isLive, cancellationToken);
    }
}
