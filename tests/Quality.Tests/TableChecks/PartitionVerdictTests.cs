using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Quality.Profiles;
using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Rules;
using DataPlatform.Quality.TableChecks;

namespace DataPlatform.Quality.Tests.TableChecks;

/// <summary>A check by kept states tells what rules are in each partition, as a check of the partition alone does.</summary>
public sealed class PartitionVerdictTests : IAsyncLifetime
{
    private static readonly RowMapping<Sale> Mapping = new RowMapping<Sale>()
        .Column("day", DeltaType.Date, s => s.Day)
        .Column("amount", DeltaType.Double, s => s.Amount)
        .Column("country", DeltaType.String, s => s.Country);

    private readonly string _folder = Directory.CreateTempSubdirectory("quality-partitions-").FullName;
    private readonly PartitionStateStore _states = new(new InMemoryObjectStore());
    private DeltaTable _table = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static QualitySuite Suite => new QualitySuiteBuilder("sales")
        .InRange("amount", 0, 100, new RuleSettings { Threshold = Threshold.Percent(20) })
        .InSet("country", ["CH", "DE"], Severity.Warning)
        .RowCountBetween(5, null)
        .AggregateBetween(AggregateFunction.Mean, "amount", 0, 50)
        .Unique("country", Severity.Info)
        .Build();

    public async ValueTask InitializeAsync()
    {
        var options = new DeltaTableOptions { Dataset = new DatasetId("lake/sales"), PartitionColumns = ["day"] };
        _table = await DeltaTable.CreateAsync(new LocalObjectStore(Path.Combine(_folder, "sales"), durable: false), Mapping.Schema, options, Token);
        await AppendAsync(new Sale(Day(1), 10, "CH"), new Sale(Day(1), 20, null), new Sale(Day(2), -5, "CH"), new Sale(Day(2), 30, "FR"));
        await AppendAsync(new Sale(Day(2), 40, "DE"), new Sale(Day(3), 50, "DE"));
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_partition_is_judged_as_if_it_were_the_table()
    {
        var result = await CheckAsync();

        Assert.Equal(["day=2001-01-01", "day=2001-01-02", "day=2001-01-03"], result.Partitions.Select(p => p.Partition).Distinct());
        Assert.Equal(4 * 3, result.Partitions.Count);
        foreach (var day in Enumerable.Range(1, 3))
        {
            var alone = await AloneAsync(day);
            foreach (var told in result.Partitions.Where(p => p.Partition == $"day=2001-01-0{day}"))
            {
                var expected = alone[told.RuleId];
                Assert.Equal(Number(expected.Observed), Number(told.Observed), 1e-9);
                if (expected.Kind is "range" or "set")
                {
                    Assert.Equal((expected.Outcome, expected.Violations, expected.Evaluated), (told.Outcome, told.Violations, told.Evaluated));
                }
                else
                {
                    Assert.Null(told.Outcome);
                }
            }
        }

        // Two thirds of a partition's rows hold: the threshold of the whole, a fifth, is the partition's too.
        Assert.Equal(Outcome.Pass, result.Verdicts[0].Outcome);
        Assert.Equal(Outcome.Fail, Of(result, 0, 2).Outcome);
    }

    [Fact]
    public async Task Rows_are_shown_of_partitions_that_were_read_and_of_no_other()
    {
        var first = await CheckAsync();
        Assert.Equal([["2001-01-02", "-5.0", "CH"]], Of(first, 0, 2).Sample.Rows);
        Assert.Empty(Of(first, 0, 1).Sample.Rows);
        await AppendAsync(new Sale(Day(3), 900, "XX"));

        var second = await CheckAsync();

        Assert.Equal((5, 1), (second.Queries.PartsLive, second.Queries.PartsRead));
        Assert.Equal([["2001-01-03", "900.0", "XX"]], Of(second, 0, 3).Sample.Rows);
        Assert.Equal((1L, 3L), (Of(second, 0, 2).Violations, Of(second, 0, 2).Evaluated));
        Assert.Empty(Of(second, 0, 2).Sample.Rows);
        Assert.Empty((await CheckAsync(new QualityRunnerOptions { PartitionSamplesMax = 0 })).Partitions.SelectMany(p => p.Sample.Rows));
    }

    [Fact]
    public async Task A_table_without_partitions_and_a_check_without_states_tell_of_none()
    {
        Assert.Empty((await new TableGate(Suite).CheckAsync(await _table.RefreshAsync(Token), Token)).Partitions);
        var flat = await DeltaTable.CreateAsync(new LocalObjectStore(Path.Combine(_folder, "flat"), durable: false), Mapping.Schema, null, Token);
        await flat.AppendAsync([Mapping.ToBatch([new Sale(Day(1), 10, "CH")])], Token);

        var result = await new TableGate(Suite, new TableGateOptions { States = _states }).CheckAsync(await flat.RefreshAsync(Token), Token);

        Assert.Equal((1, 0), (result.Queries.PartsLive, result.Partitions.Count));
    }

    [Fact]
    public async Task A_comparison_with_the_version_before_reads_no_file_that_was_read_before()
    {
        static QualitySuite Comparing(double share) => new QualitySuiteBuilder("sales")
            .RowCountMatches(MatchSource.Of(MatchSource.PreviousVersion), Tolerance.Percent((decimal)share))
            .AggregateMatches(AggregateFunction.Mean, "amount", MatchSource.Of(MatchSource.PreviousVersion, "amount > 0"), Tolerance.Percent(500))
            .Build();
        var before = await _table.RefreshAsync(Token);
        await AppendAsync(new Sale(Day(4), 60, "DE"));
        var after = await _table.RefreshAsync(Token);
        var expected = await new TableGate(Comparing(10)).Previous(before).CheckAsync(after, Token);
        var gate = new TableGate(Comparing(10), new TableGateOptions { States = _states }).Previous(before);
        var first = await gate.CheckAsync(after, Token);
        foreach (var file in after.Files)
        {
            // Whoever reads a byte of it now, footer included, fails.
            File.WriteAllText(Path.Combine(_folder, "sales", Uri.UnescapeDataString(file.Path)), "no Parquet");
        }

        var second = await gate.CheckAsync(after, Token);

        Assert.Equal([Outcome.Fail, Outcome.Pass], expected.Verdicts.Select(v => v.Outcome));
        foreach (var result in new[] { first, second })
        {
            Assert.Equal(expected.Verdicts.Select(v => (v.Outcome, v.Message, v.Observed)), result.Verdicts.Select(v => (v.Outcome, v.Message, v.Observed)));
            Assert.Equal(0, result.Queries.References);
        }

        // What does not fold opens the version before, and is told that it cannot be read.
        var custom = new QualitySuiteBuilder("sales").CustomSql("no fewer", "select count(*) = 0 from previous", CustomSqlMode.Boolean).Build();
        var refused = await new TableGate(custom, new TableGateOptions { States = _states }).Previous(before).CheckAsync(after, Token);
        Assert.Equal(Outcome.Error, refused.Verdicts[0].Outcome);
    }

    private static PartitionVerdict Of(SuiteResult result, int rule, int day)
        => result.Partitions.Single(p => p.RuleId == result.Verdicts[rule].RuleId && p.Partition == $"day=2001-01-0{day}");

    private static double Number(string? text) => double.Parse(text!, System.Globalization.CultureInfo.InvariantCulture);

    private static DateOnly Day(int day) => new(2001, 1, day);

    private async Task<SuiteResult> CheckAsync(QualityRunnerOptions? options = null) => await new TableGate(
        Suite, new TableGateOptions { States = _states, Runner = options ?? new QualityRunnerOptions() }).CheckAsync(await _table.RefreshAsync(Token), Token);

    private async Task<SuiteResult> AloneAsync(int day)
    {
        var snapshot = await _table.RefreshAsync(Token);
        List<Lakehouse.DeltaLog.AddFile> files = [.. snapshot.Files.Where(f => f.PartitionValues["day"] == $"2001-01-0{day}")];
        return await new TableGate(Suite).CheckAsync(snapshot, files, Token);
    }

    private async Task AppendAsync(params Sale[] sales) => await _table.AppendAsync([Mapping.ToBatch(sales)], Token);

    private sealed record Sale(DateOnly Day, double Amount, string? Country);
}
