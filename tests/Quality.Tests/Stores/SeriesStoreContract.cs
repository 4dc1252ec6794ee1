using DataPlatform.Quality.Anomalies;

namespace DataPlatform.Quality.Tests.Stores;

/// <summary>What every store of series must do.</summary>
public abstract class SeriesStoreContract
{
    private static readonly DateTimeOffset Start = new(2001, 1, 31, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A new, empty store.</summary>
    protected abstract ValueTask<ISeriesStore> OpenAsync();

    [Fact]
    public async Task A_point_measured_again_keeps_what_was_said_about_it()
    {
        var store = await OpenAsync();
        await store.PutAsync([Point("t/rows", 0, 5)], Token);
        Assert.True(await store.MarkAsync("t/rows", Start, PointFeedback.Real, Token));
        Assert.False(await store.MarkAsync("t/rows", Start.AddDays(1), PointFeedback.Real, Token));

        await store.PutAsync([Point("t/rows", 0, 7), Point("t/rows", -1, 1)], Token);

        Assert.Equal(
            [new MetricPoint(Start.AddDays(-1), 1), new MetricPoint(Start, 7, PointFeedback.Real)],
            await store.BeforeAsync("t/rows", Start.AddDays(1), cancellationToken: Token));
        Assert.Equal([1], (await store.BeforeAsync("t/rows", Start, cancellationToken: Token)).Select(p => p.Value));
        Assert.Equal([7], (await store.BeforeAsync("t/rows", Start.AddDays(1), 1, Token)).Select(p => p.Value));
        Assert.Empty(await store.BeforeAsync("other", Start.AddDays(1), cancellationToken: Token));
    }

    [Fact]
    public async Task Names_are_listed_by_prefix_in_order()
    {
        var store = await OpenAsync();
        await store.PutAsync([Point("b/x", 0, 1), Point("b/x", 1, 1), Point("a/rows", 0, 1), Point("a_rows", 0, 1), Point("a/Rows", 0, 1)], Token);

        Assert.Equal(["a/Rows", "a/rows"], await store.ListAsync("a/", cancellationToken: Token));
        Assert.Equal(["a/Rows", "a/rows", "a_rows", "b/x"], await store.ListAsync(string.Empty, cancellationToken: Token));
        Assert.Equal(["a/Rows"], await store.ListAsync(string.Empty, 1, Token));
        Assert.Empty(await store.ListAsync("c", cancellationToken: Token));
    }

    private static SeriesPoint Point(string series, int day, double value) => new(series, new MetricPoint(Start.AddDays(day), value));
}
