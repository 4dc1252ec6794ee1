using DataPlatform.Kernel;

namespace DataPlatform.Quality.Tests.Stores;

/// <summary>What every store of results must do.</summary>
public abstract class HistoryContract
{
    private static readonly DateTimeOffset Start = new(2001, 1, 31, 23, 59, 59, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A new, empty store.</summary>
    protected abstract ValueTask<IQualityHistory> OpenAsync();

    [Fact]
    public async Task Runs_come_back_as_they_were_in_order_and_over_many_pages()
    {
        var store = await OpenAsync();
        Assert.Equal(130, await store.AppendAsync([.. Enumerable.Range(0, 130).Select(i => Result($"r{i}", Start.AddSeconds(-i)))], Token));
        Assert.False(await store.AppendAsync(Result("r0", Start), Token));
        Assert.True(await store.AppendAsync(Result("other", Start) with { Suite = "another" }, Token));
        Assert.Equal(1, await store.AppendAsync([Result("r0", Start), Result("r130", Start.AddSeconds(-130))], Token));

        var read = await ReadAsync(store);

        Assert.Equal(Enumerable.Range(0, 131).Reverse().Select(i => $"r{i}"), read.Select(r => r.RunId));
        Assert.Equivalent(Result("r7", Start.AddSeconds(-7)), read.Single(r => r.RunId == "r7"), strict: true);
        Assert.Equal(3, (await ReadAsync(store, Start.AddSeconds(-2))).Count);
        Assert.Equal(["r2", "r1", "r0"], (await store.NewestAsync("suite", 3, Token)).Select(r => r.RunId));
        Assert.Equivalent(Result("r1", Start.AddSeconds(-1)), (await store.NewestAsync("suite", 3, Token))[1], strict: true);
        Assert.Empty(await store.NewestAsync("none", 3, Token));
    }

    [Fact]
    public async Task Old_runs_are_forgotten_oldest_first_in_small_batches()
    {
        var store = await OpenAsync();
        await store.AppendAsync([.. Enumerable.Range(0, 10).Select(i => Result($"r{i}", Start.AddDays(-i)))], Token);

        Assert.Equal(3, await store.RemoveBeforeAsync(Start.AddDays(-1), 3, Token));
        Assert.Equal(["r6", "r5", "r4", "r3", "r2", "r1", "r0"], (await ReadAsync(store)).Select(r => r.RunId));
        Assert.Equal(5, await store.RemoveBeforeAsync(Start.AddDays(-1), 100, Token));
        Assert.Equal(0, await store.RemoveBeforeAsync(Start.AddDays(-1), 100, Token));
        Assert.Equal(["r1", "r0"], (await ReadAsync(store)).Select(r => r.RunId));
    }

    [Fact]
    public async Task Texts_of_any_kind_are_kept()
    {
        var store = await OpenAsync();
        var strange = Result("r'\"; DROP TABLE run; --", Start) with { Suite = "suite", Table = "tab\tle \U0001F600" };

        await store.AppendAsync(strange, Token);

        Assert.Equivalent(strange, Assert.Single(await ReadAsync(store)), strict: true);
    }

    private static SuiteResult Result(string id, DateTimeOffset start) => new()
    {
        RunId = id,
        Suite = "suite",
        Table = "t",
        Version = new DatasetVersion(new DatasetId("lake/t"), 7),
        StartedAt = start,
        Duration = TimeSpan.FromMilliseconds(12.5),
        Queries = new QueryCounts(1, 2, 3, 4, 5, 6),
        Verdicts =
        [
            new Verdict
            {
                RuleId = "r", Rule = "a is not null", Kind = "not-null", Severity = Severity.Warning, Outcome = Outcome.Fail, Message = "1 of 2",
                Observed = "1", Violations = 1, Evaluated = 2, Sample = new RowSample(["a", "b"], [[null, "XXX"]]), Owner = "me",
            },
            new Verdict { RuleId = "s", Rule = "t has rows", Kind = "row-count", Severity = Severity.Critical, Outcome = Outcome.Pass, Message = "2" },
        ],
    };

    private static async Task<List<SuiteResult>> ReadAsync(IQualityHistory store, DateTimeOffset? from = null)
    {
        List<SuiteResult> results = [];
        await foreach (var result in store.ReadAsync("suite", from, Token))
        {
            results.Add(result);
        }

        return results;
    }
}
