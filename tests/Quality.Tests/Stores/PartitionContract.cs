using DataPlatform.Kernel;
using DataPlatform.Quality.Catalog;

namespace DataPlatform.Quality.Tests.Stores;

/// <summary>What every store must remember of rules in partitions.</summary>
public abstract class PartitionContract
{
    private static readonly DateTimeOffset Start = new(2001, 1, 31, 6, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A new, empty store with its catalog, and what makes it forget.</summary>
    protected abstract ValueTask<(IQualityHistory Results, IQualityCatalog Catalog, Func<RetentionOptions, TimeProvider, ValueTask<long>> Forget)> OpenAsync();

    [Fact]
    public async Task The_newest_of_each_partition_is_kept_since_it_changed_last()
    {
        var (results, catalog, _) = await OpenAsync();
        await results.AppendAsync(Run(0, Cell("r", "day=1", 0), Cell("r", "day=2", 3)), Token);
        await results.AppendAsync(Run(1, Cell("r", "day=1", 0), Cell("r", "day=2", 5), Cell("r", "day=3", 1)), Token);
        await results.AppendAsync(Run(2, Cell("r", "day=1", 0), Cell("r", "day=2", 5), Cell("r", "day=3", 0)), Token);

        var (number, cells) = await CellsAsync(catalog, "r");

        Assert.Equal(
            [("day=3", 0L, Outcome.Pass, "run2"), ("day=2", 5, Outcome.Fail, "run1"), ("day=1", 0, Outcome.Pass, "run0")],
            cells.Select(c => (c.Verdict.Partition, c.Verdict.Violations!.Value, c.Verdict.Outcome!.Value, c.RunId)));
        Assert.All(cells, c => Assert.Equal(("r", number, 100L, "7"), (c.Verdict.RuleId, c.Rule, c.Verdict.Evaluated, c.Verdict.Observed)));
        Assert.Equal((new DatasetVersion(new DatasetId("lake/t"), 1), Start.AddHours(1)), (cells[1].Version, cells[1].At));
        Assert.All(cells, c => Assert.Empty(c.Verdict.Sample.Rows));
        Assert.Equal([["1", null]], (await catalog.PartitionAsync(number, "day=2", Token))!.Verdict.Sample.Rows);
        Assert.Null(await catalog.PartitionAsync(number, "day=9", Token));
    }

    [Fact]
    public async Task What_a_rule_was_in_a_partition_is_an_entry_for_each_change()
    {
        var (results, catalog, _) = await OpenAsync();
        foreach (var (run, bad) in new[] { 0, 0, 4, 4, 4, 2, 0 }.Index())
        {
            await results.AppendAsync(Run(run, Cell("r", "day=1", bad), Cell("r", "day=2", 1)), Token);
        }

        var number = (await CellsAsync(catalog, "r")).Number;

        Assert.Equal(
            [("day=1", 0L, "run0"), ("day=1", 4, "run2"), ("day=1", 2, "run5"), ("day=1", 0, "run6"), ("day=2", 1, "run0")],
            (await catalog.PartitionChangesAsync(number, ["day=2", "day=1", "day=3"], 10, Token)).Select(c => (c.Verdict.Partition, c.Verdict.Violations!.Value, c.RunId)));
        Assert.Equal(["run5", "run6"], (await catalog.PartitionChangesAsync(number, ["day=1"], 2, Token)).Select(c => c.RunId));
    }

    [Fact]
    public async Task A_partition_that_is_gone_is_forgotten_and_a_run_that_tells_of_none_forgets_nothing()
    {
        var (results, catalog, _) = await OpenAsync();
        await results.AppendAsync(Run(0, Cell("r", "day=1", 0), Cell("r", "day=2", 3)), Token);
        await results.AppendAsync(Run(1), Token);
        Assert.Equal(2, (await CellsAsync(catalog, "r")).Cells.Count);

        await results.AppendAsync(Run(2, Cell("r", "day=2", 3), Cell("r", "day=3", 3)), Token);

        Assert.Equal(["day=3", "day=2"], (await CellsAsync(catalog, "r")).Cells.Select(c => c.Verdict.Partition));
    }

    [Fact]
    public async Task A_run_that_comes_late_changes_nothing_that_is_newer()
    {
        var (results, catalog, _) = await OpenAsync();
        await results.AppendAsync(Run(5, Cell("r", "day=1", 1), Cell("r", "day=2", 1)), Token);
        await results.AppendAsync(Run(2, Cell("r", "day=1", 9)), Token);

        Assert.Equal([("day=2", 1L), ("day=1", 1)], (await CellsAsync(catalog, "r")).Cells.Select(c => (c.Verdict.Partition, c.Verdict.Violations!.Value)));
    }

    [Fact]
    public async Task Partitions_are_listed_by_pages_the_highest_names_first()
    {
        var (results, catalog, _) = await OpenAsync();
        await results.AppendAsync(Run(0, [.. Enumerable.Range(10, 7).SelectMany(i => new[] { Cell("r", $"day={i}", i % 2), Cell("s", $"day={i}", null) })]), Token);
        long[] numbers = [.. (await catalog.RulesAsync(new RuleQuery(), Token)).Select(r => r.Number)];

        List<string> seen = [];
        while (await catalog.PartitionsAsync(numbers, seen.LastOrDefault(), 3, Token) is { Count: > 0 } page)
        {
            Assert.Equal(page.Select(c => c.Verdict.Partition).Distinct().Count() * 2, page.Count);
            seen.AddRange(page.Select(c => c.Verdict.Partition).Distinct());
        }

        Assert.Equal(Enumerable.Range(10, 7).Reverse().Select(i => $"day={i}"), seen);
        var value = (await CellsAsync(catalog, "s")).Cells[0].Verdict;
        Assert.Equal((null, null, "7"), (value.Outcome, value.Violations, value.Observed));
    }

    [Fact]
    public async Task Changes_are_forgotten_by_age_and_what_a_rule_is_now_stays()
    {
        var (results, catalog, forget) = await OpenAsync();
        await results.AppendAsync(Run(0, Cell("r", "day=1", 3)), Token);
        await results.AppendAsync(Run(30, Cell("r", "day=1", 3), Cell("r", "day=2", 0)), Token);
        var number = (await CellsAsync(catalog, "r")).Number;

        await forget(new RetentionOptions { Results = TimeSpan.FromHours(24) }, new Microsoft.Extensions.Time.Testing.FakeTimeProvider(Start.AddHours(31)));

        Assert.Equal(["run30"], (await catalog.PartitionChangesAsync(number, ["day=1", "day=2"], 10, Token)).Select(c => c.RunId));
        Assert.Equal([("day=2", "run30"), ("day=1", "run0")], (await CellsAsync(catalog, "r")).Cells.Select(c => (c.Verdict.Partition, c.RunId)));
        Assert.Null(await catalog.RunAsync("run0", Token));
    }

    [Fact]
    public async Task A_rule_that_its_suite_no_longer_has_takes_its_partitions_along()
    {
        var (results, catalog, _) = await OpenAsync();
        await results.AppendAsync(Run(0, Cell("r", "day=1", 3), Cell("s", "day=1", 3)), Token);
        var number = (await CellsAsync(catalog, "s")).Number;
        var next = Run(1, Cell("r", "day=1", 3));

        Assert.Equal(1, await results.AppendAsync([next with { Verdicts = [.. next.Verdicts.Where(v => v.RuleId == "r")] }], Token));

        Assert.Empty(await catalog.PartitionsAsync([number], null, 10, Token));
        Assert.Single((await CellsAsync(catalog, "r")).Cells);
    }

    [Fact]
    public async Task Runs_kept_together_leave_what_they_leave_one_by_one()
    {
        var (results, catalog, _) = await OpenAsync();
        await results.AppendAsync(
            [Run(0, Cell("r", "day=1", 0)), Run(1, Cell("r", "day=1", 4), Cell("r", "day=2", 0)), Run(2, Cell("r", "day=2", 0), Cell("r", "day=3", 1))], Token);
        var (number, cells) = await CellsAsync(catalog, "r");

        Assert.Equal(["day=3", "day=2"], cells.Select(c => c.Verdict.Partition));
        Assert.Equal(
            ["run0", "run1", "run1", "run2"], (await catalog.PartitionChangesAsync(number, ["day=1", "day=2", "day=3"], 10, Token)).Select(c => c.RunId));
    }

    [Fact]
    public async Task What_verdicts_were_made_from_is_read_newest_first()
    {
        var (results, catalog, _) = await OpenAsync();
        foreach (var hour in new[] { 0, 30, 60, 6 })
        {
            var run = Run(hour);
            await results.AppendAsync(run with { Verdicts = [.. run.Verdicts.Select(v => v with { Evidence = hour == 30 ? null : $"{{\"of\":{hour}}}" })] }, Token);
        }

        var number = (await catalog.RuleAsync(new RuleKey("suite", "r"), Token))!.Number;

        Assert.Equal(["{\"of\":60}", "{\"of\":6}", "{\"of\":0}"], await catalog.EvidenceAsync(number, 10, Token));
        Assert.Equal(["{\"of\":60}"], await catalog.EvidenceAsync(number, 2, Token));
    }

    private static async Task<(long Number, IReadOnlyList<RulePartition> Cells)> CellsAsync(IQualityCatalog catalog, string rule)
    {
        var number = (await catalog.RuleAsync(new RuleKey("suite", rule), Token))!.Number;
        return (number, await catalog.PartitionsAsync([number], null, 100, Token));
    }

    private static PartitionVerdict Cell(string rule, string partition, int? bad)
        => new(rule, partition, bad is null ? null : bad > 0 ? Outcome.Fail : Outcome.Pass)
        {
            Violations = bad,
            Evaluated = bad is null ? null : 100,
            Observed = "7",
            Sample = bad > 0 ? new RowSample(["a", "b"], [["1", null]]) : RowSample.Empty,
        };

    private static SuiteResult Run(int hour, params PartitionVerdict[] partitions) => new()
    {
        RunId = $"run{hour}",
        Suite = "suite",
        Table = "t",
        Version = new DatasetVersion(new DatasetId("lake/t"), hour),
        StartedAt = Start.AddHours(hour),
        Duration = TimeSpan.FromMilliseconds(12.5),
        Queries = new QueryCounts(),
        Partitions = partitions,
        Verdicts =
        [
            .. new[] { "r", "s" }.Select(id => new Verdict
            {
                RuleId = id, Rule = $"{id} holds", Kind = "range", Severity = Severity.Warning, Outcome = Outcome.Pass, Message = "all", Violations = 0, Evaluated = 100,
            }),
        ],
    };
}
