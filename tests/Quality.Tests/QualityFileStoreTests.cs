using System.Text;
using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;

namespace DataPlatform.Quality.Tests;

public sealed class QualityFileStoreTests
{
    private static readonly DateTimeOffset Start = new(2001, 1, 31, 23, 59, 59, TimeSpan.Zero);
    private readonly InMemoryObjectStore _objects = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_comes_back_as_it_was()
    {
        var store = new QualityFileStore(_objects);
        var written = Result("a1", Start);

        Assert.True(await store.AppendAsync(written, Token));
        Assert.False(await store.AppendAsync(written, Token));

        var read = Assert.Single(await ReadAsync(store));
        Assert.Equal(written with { Verdicts = read.Verdicts }, read);
        Assert.Equal(written.Verdicts[0] with { Sample = read.Verdicts[0].Sample, Tags = read.Verdicts[0].Tags }, read.Verdicts[0]);
        Assert.Equal(written.Verdicts[0].Sample.Rows, read.Verdicts[0].Sample.Rows);
    }

    [Fact]
    public async Task Runs_come_in_the_order_they_began_and_from_an_instant_on()
    {
        var store = new QualityFileStore(_objects);
        await store.AppendAsync(Result("b", Start.AddSeconds(2)), Token);
        await store.AppendAsync(Result("c", Start.AddSeconds(1)), Token);
        await store.AppendAsync(Result("a", Start.AddSeconds(3)), Token);

        Assert.Equal(["c", "b", "a"], (await ReadAsync(store)).Select(r => r.RunId));
        Assert.Equal(["b", "a"], (await ReadAsync(store, Start.AddSeconds(2))).Select(r => r.RunId));
        Assert.Equal(2, await store.RemoveBeforeAsync("flights / raw", Start.AddSeconds(3), Token));
        Assert.Equal(["a"], (await ReadAsync(store)).Select(r => r.RunId));
    }

    [Fact]
    public async Task A_damaged_object_is_named()
    {
        var store = new QualityFileStore(_objects);
        await store.AppendAsync(Result("a1", Start), Token);
        var path = "";
        await foreach (var found in _objects.ListAsync("", null, Token))
        {
            path = found.Path;
        }

        var text = Encoding.UTF8.GetString((await _objects.TryGetAsync(path, Token))!.Value.Span);
        foreach (var damaged in new[] { text[..^20], text.Replace("XXX", "YYY", StringComparison.Ordinal), "", text.Replace("\n", "", StringComparison.Ordinal) })
        {
            await _objects.PutAsync(path, Encoding.UTF8.GetBytes(damaged), Token);
            var error = await Assert.ThrowsAsync<QualityException>(() => ReadAsync(store));
            Assert.Equal(ErrorKind.Corrupt, error.Kind);
            Assert.Contains(path, error.Message, StringComparison.Ordinal);
        }
    }

    private static SuiteResult Result(string id, DateTimeOffset start) => new()
    {
        RunId = id,
        Suite = "flights / raw",
        Table = "flights",
        Version = new DatasetVersion(new DatasetId("lake/flights"), 7),
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
        ],
    };

    private static async Task<List<SuiteResult>> ReadAsync(QualityFileStore store, DateTimeOffset? from = null)
    {
        List<SuiteResult> results = [];
        await foreach (var result in store.ReadAsync("flights / raw", from, Token))
        {
            results.Add(result);
        }

        return results;
    }
}
