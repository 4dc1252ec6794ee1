using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.Tests.Kit;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Lakehouse.Tests.Snapshots;

public sealed class TimeTravelTests
{
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2001, 1, 1, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task A_version_shows_the_rows_it_had_from_the_log_alone_and_past_a_checkpoint()
    {
        var (table, store) = await TableAsync(commits: 25);
        foreach (var version in new long[] { 0, 1, 9, 10, 11, 19, 20, 24, 25 })
        {
            Assert.Equal(version, (await table.SnapshotAtAsync(version, _cancel)).RowCount);
        }

        var reopened = await DeltaTable.OpenAsync(store, null, _cancel);
        Assert.Equal((25, 25), (reopened.Snapshot.Version, reopened.Snapshot.RowCount));
        Assert.Equal(20, reopened.Snapshot.State.CheckpointVersion);
    }

    [Fact]
    public async Task A_timestamp_shows_the_newest_version_at_or_before_it()
    {
        var (table, _) = await TableAsync(commits: 3);
        var start = new DateTimeOffset(2001, 1, 1, 0, 0, 0, TimeSpan.Zero);
        Assert.Equal(2, (await table.SnapshotAtAsync(start.AddMinutes(2), _cancel)).Version);
        Assert.Equal(2, (await table.SnapshotAtAsync(start.AddMinutes(2.5), _cancel)).Version);
        Assert.Equal(3, (await table.SnapshotAtAsync(start.AddYears(1), _cancel)).Version);
        Assert.Equal(ErrorKind.Invalid, (await Assert.ThrowsAsync<DeltaException>(() => table.SnapshotAtAsync(start.AddMinutes(-1), _cancel))).Kind);
    }

    [Fact]
    public async Task A_version_that_is_not_there_is_refused_by_number()
    {
        var (table, _) = await TableAsync(commits: 1);
        var error = await Assert.ThrowsAsync<DeltaException>(() => table.SnapshotAtAsync(7, _cancel));
        Assert.Contains("no version 7; the newest one is 1", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"version\":")]
    [InlineData("{\"version\":9999}")]
    [InlineData("{\"version\":3}")]
    [InlineData("[]")]
    [InlineData("")]
    public async Task A_hint_that_is_torn_stale_or_points_nowhere_does_not_break_reading(string hint)
    {
        var (_, store) = await TableAsync(commits: 12);
        await store.PutAsync("_delta_log/_last_checkpoint", System.Text.Encoding.UTF8.GetBytes(hint), _cancel);
        Assert.Equal(12, (await DeltaTable.OpenAsync(store, null, _cancel)).Snapshot.RowCount);
    }

    [Fact]
    public async Task Refresh_moves_on_by_the_commits_of_others()
    {
        var (table, store) = await TableAsync(commits: 2);
        var other = await DeltaTable.OpenAsync(store, null, _cancel);
        await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(5))], _cancel);
        await table.OverwriteAsync([Order.Mapping.ToBatch(Order.Some(4))], _cancel);

        Assert.Equal(2, other.Snapshot.Version);
        Assert.Equal((4, 4), ((await other.RefreshAsync(_cancel)).Version, other.Snapshot.RowCount));
        Assert.Single(other.Snapshot.Files);
    }

    [Fact]
    public async Task History_tells_the_operations_newest_first()
    {
        var (table, _) = await TableAsync(commits: 2);
        var history = await table.HistoryAsync(2, _cancel);
        Assert.Equal([(2L, "WRITE"), (1L, "WRITE")], history.Select(h => (h.Version, h.Info!.Operation!)));
        Assert.Equal("1", history[0].Info!.OperationMetrics!["numOutputRows"]);
        Assert.True(history[0].Info!.IsBlindAppend);
    }

    private async Task<(DeltaTable Table, InMemoryObjectStore Store)> TableAsync(int commits)
    {
        var store = new InMemoryObjectStore(_time);
        var table = await DeltaTable.CreateAsync(store, Order.Mapping.Schema, new() { Time = _time }, _cancel);
        for (var i = 0; i < commits; i++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            await table.AppendAsync([Order.Mapping.ToBatch([Order.Of(i)])], _cancel);
        }

        return (table, store);
    }
}
