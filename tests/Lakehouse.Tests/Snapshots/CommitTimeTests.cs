using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Tests.Kit;

namespace DataPlatform.Lakehouse.Tests.Snapshots;

public sealed class CommitTimeTests : IDisposable
{
    private static readonly StructType Schema = DeltaType.Struct(new StructField("id", DeltaType.Long));
    private static readonly DateTimeOffset Start = new(2001, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;
    private readonly TempFolder _folder = new() { NotJudgedBecause = "its logs are written by hand, as other engines write them" };
    private readonly RawTable _raw;

    public CommitTimeTests() => _raw = new RawTable(_folder);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task File_times_that_are_out_of_order_are_made_to_grow()
    {
        await FillAsync(5);
        foreach (var (version, minutes) in new[] { (0, 0.0), (1, 10), (2, 5), (3, 5), (4, 20) })
        {
            SetTime(version, Start.AddMinutes(minutes));
        }

        var table = await DeltaTable.OpenAsync(_raw.Store, null, _cancel);
        Assert.Equal(0, await AtAsync(table, Start.AddMinutes(9)));
        Assert.Equal(1, await AtAsync(table, Start.AddMinutes(10)));
        Assert.Equal(2, await AtAsync(table, Start.AddMinutes(10).AddMilliseconds(1)));
        Assert.Equal(3, await AtAsync(table, Start.AddMinutes(15)));
        Assert.Equal(4, await AtAsync(table, Start.AddMinutes(20)));
        Assert.Equal(
            [Start.AddMinutes(20), Start.AddMinutes(10).AddMilliseconds(2), Start.AddMinutes(10).AddMilliseconds(1), Start.AddMinutes(10), Start],
            (await table.HistoryAsync(cancellationToken: _cancel)).Select(r => r.Timestamp));
        Assert.Equal([2L, 1L], (await table.HistoryBeforeAsync(3, 2, _cancel)).Select(r => r.Version));
    }

    [Fact]
    public async Task In_commit_timestamps_decide_from_the_version_that_enabled_them_and_few_commits_are_read()
    {
        await FillAsync(4);
        (string, string)[] properties = [("delta.enableInCommitTimestamps", "true"), ("delta.inCommitTimestampEnablementVersion", "4"),
            ("delta.inCommitTimestampEnablementTimestamp", Start.AddHours(5).ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture))];
        await _raw.CommitAsync(4, Info(5), RawTable.Protocol(1, 7, "inCommitTimestamp"), RawTable.Metadata(Schema, null, properties));
        for (var version = 5; version < 40; version++)
        {
            await _raw.CommitAsync(version, Info(version + 1));
        }

        for (var version = 0; version < 40; version++)
        {
            // Copied by a tool: the file times of the later commits say nothing.
            SetTime(version, version < 4 ? Start.AddHours(version) : Start.AddYears(1));
        }

        var counting = new CountingStore(_raw.Store);
        var table = await DeltaTable.OpenAsync(counting, null, _cancel);
        Assert.Equal(Start.AddHours(40), table.Snapshot.Timestamp);
        foreach (var (hours, version) in new[] { (0.5, 0), (3.0, 3), (4.9, 3), (5.0, 4), (5.5, 4), (20.0, 19), (1000.0, 39) })
        {
            Assert.Equal(version, await AtAsync(table, Start.AddHours(hours)));
        }

        var times = await Lakehouse.Snapshots.CommitTimes.ReadAsync(counting, table.Snapshot.Metadata, _cancel);
        counting.Reads = 0;
        Assert.Equal(30, await times.LastAtOrBeforeAsync(0, Start.AddHours(31), _cancel));
        Assert.InRange(counting.Reads, 1, 8);
        Assert.Equal(7, await times.FirstAtOrAfterAsync(Start.AddHours(7.5), _cancel));
        Assert.Null(await times.FirstAtOrAfterAsync(Start.AddHours(41), _cancel));
    }

    [Fact]
    public async Task A_time_before_the_oldest_version_that_can_be_rebuilt_is_refused()
    {
        await FillAsync(3);
        for (var version = 0; version < 3; version++)
        {
            SetTime(version, Start.AddHours(version));
        }

        var table = await DeltaTable.OpenAsync(_raw.Store, null, _cancel);
        await table.CheckpointAsync(_cancel);
        await _raw.Store.DeleteAsync("_delta_log/00000000000000000000.json", _cancel);
        var error = await Assert.ThrowsAsync<DeltaException>(() => table.SnapshotAtAsync(Start.AddHours(1), _cancel));
        Assert.Equal(ErrorKind.Invalid, error.Kind);
        Assert.Contains("oldest version of the table is of 2001-01-01T02:00:00", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, await AtAsync(table, Start.AddHours(2)));
    }

    [Fact]
    public async Task Changes_are_read_by_the_span_of_time_in_which_they_were_committed()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(Start);
        var store = new InMemoryObjectStore(time);
        var properties = new Dictionary<string, string> { ["delta.enableChangeDataFeed"] = "true" };
        var table = await DeltaTable.CreateAsync(store, Order.Mapping.Schema, new() { Properties = properties, Time = time }, _cancel);
        for (var hour = 1; hour <= 4; hour++)
        {
            time.Advance(TimeSpan.FromHours(1));
            await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(hour))], _cancel);
        }

        Assert.Equal(2 + 3, await RowsAsync(Start.AddHours(1.5), Start.AddHours(3)));
        Assert.Equal(3 + 4, await RowsAsync(Start.AddHours(3), null));
        var none = await Assert.ThrowsAsync<DeltaException>(() => RowsAsync(Start.AddHours(9), null));
        Assert.Contains("latest version, 4, is older", none.Message, StringComparison.Ordinal);
        Assert.Contains(
            "no version was committed in between", (await Assert.ThrowsAsync<DeltaException>(() => RowsAsync(Start.AddHours(2.1), Start.AddHours(2.2)))).Message, StringComparison.Ordinal);

        async Task<int> RowsAsync(DateTimeOffset from, DateTimeOffset? to)
        {
            var rows = 0;
            await foreach (var batch in table.ReadChangesAsync(from, to, _cancel))
            {
                rows += batch.Length;
            }

            return rows;
        }
    }

    private static string Info(int hours)
        => $$$"""{"commitInfo":{"inCommitTimestamp":{{{Start.AddHours(hours).ToUnixTimeMilliseconds()}}},"operation":"WRITE"}}""";

    private async Task FillAsync(int commits)
    {
        await _raw.CommitAsync(0, RawTable.Protocol(), RawTable.Metadata(Schema));
        for (var version = 1; version < commits; version++)
        {
            await _raw.CommitAsync(version, """{"commitInfo":{"operation":"WRITE"}}""");
        }
    }

    private void SetTime(int version, DateTimeOffset time)
        => File.SetLastWriteTimeUtc(Path.Combine(_folder.Path, "_delta_log", $"{version:D20}.json"), time.UtcDateTime);

    private async Task<long> AtAsync(DeltaTable table, DateTimeOffset time) => (await table.SnapshotAtAsync(time, _cancel)).Version;

    /// <summary>Counts how often a whole object is read.</summary>
    private sealed class CountingStore(IObjectStore inner) : IObjectStore
    {
        public int Reads { get; set; }

        public ValueTask<ReadOnlyMemory<byte>?> TryGetAsync(string path, CancellationToken cancellationToken = default)
        {
            Reads++;
            return inner.TryGetAsync(path, cancellationToken);
        }

        public ValueTask<ReadOnlyMemory<byte>> GetRangeAsync(string path, long offset, int length, CancellationToken cancellationToken = default)
            => inner.GetRangeAsync(path, offset, length, cancellationToken);

        public ValueTask<Stream> OpenReadAsync(string path, CancellationToken cancellationToken = default) => inner.OpenReadAsync(path, cancellationToken);

        public ValueTask<ObjectInfo?> TryStatAsync(string path, CancellationToken cancellationToken = default) => inner.TryStatAsync(path, cancellationToken);

        public IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, string? startAfter = null, CancellationToken cancellationToken = default)
            => inner.ListAsync(prefix, startAfter, cancellationToken);

        public ValueTask PutAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
            => inner.PutAsync(path, content, cancellationToken);

        public ValueTask<bool> TryPutIfAbsentAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
            => inner.TryPutIfAbsentAsync(path, content, cancellationToken);

        public ValueTask<IObjectWriter> OpenWriteAsync(string path, CancellationToken cancellationToken = default) => inner.OpenWriteAsync(path, cancellationToken);

        public ValueTask<bool> DeleteAsync(string path, CancellationToken cancellationToken = default) => inner.DeleteAsync(path, cancellationToken);

        public bool TryGetLocalPath(string path, out string localPath) => inner.TryGetLocalPath(path, out localPath);
    }
}
