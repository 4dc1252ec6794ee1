using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Lakehouse.Scans.DeletionVectors;
using DataPlatform.Lakehouse.Tests.Kit;

namespace DataPlatform.Lakehouse.Tests.Scans;

public sealed class DeletionVectorTests
{
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;

    public static TheoryData<long[]> Sets => new(
        [],
        [0, 3, 4, 9],
        [.. Enumerable.Range(100, 400).Select(i => (long)i)],
        [.. Enumerable.Range(0, 30_000).Select(i => (long)i * 2)],
        [1, 65_536, 65_537, 200_000, 1L << 33, (1L << 33) + 1],
        [.. Enumerable.Range(0, 6).SelectMany(c => Enumerable.Range(c * 65_536, 5_000 * (c % 2)).Append((c * 65_536) + 60_000)).Select(i => (long)i)]);

    [Theory]
    [MemberData(nameof(Sets))]
    public void Rows_come_back_from_the_roaring_form(long[] rows)
    {
        var decoded = RoaringCodec.Decode(RoaringCodec.Encode(RowSet.Of(rows)));
        Assert.Equal(rows.Order(), decoded.Rows.ToArray());
    }

    [Fact]
    public async Task A_vector_is_checked_by_size_checksum_and_cardinality()
    {
        var store = new InMemoryObjectStore();
        var rows = RowSet.Of(Enumerable.Range(0, 1_000).Select(i => (long)i * 7));
        var vector = (await DeletionVectorStore.WriteAsync(store, [rows, RowSet.Of([1, 2])], _cancel))[0];
        Assert.Equal(rows.Rows.ToArray(), (await DeletionVectorStore.ReadAsync(store, vector, _cancel)).Rows.ToArray());

        Assert.Contains("deletes 1000 rows, and the log says 999", (await Refused(vector with { Cardinality = 999 })).Message, StringComparison.Ordinal);
        Assert.Contains("and the log", (await Refused(vector with { SizeInBytes = vector.SizeInBytes - 1 })).Message, StringComparison.Ordinal);
        var path = DeletionVectorPath.InStore(vector);
        var bytes = (await store.TryGetAsync(path, _cancel))!.Value.ToArray();
        bytes[100] ^= 1;
        await store.PutAsync(path, bytes, _cancel);
        var error = await Refused(vector);
        Assert.Equal(ErrorKind.Corrupt, error.Kind);
        Assert.Contains("wrong checksum", error.Message, StringComparison.Ordinal);

        Task<DeltaException> Refused(DeletionVectorDescriptor bad)
            => Assert.ThrowsAsync<DeltaException>(() => DeletionVectorStore.ReadAsync(store, bad, _cancel).AsTask());
    }

    [Fact]
    public async Task Rows_deleted_by_a_vector_are_gone_for_scans_queries_counts_and_the_change_feed_and_compaction_drops_them()
    {
        using var folder = new TempFolder();
        var table = await DeltaTable.CreateAsync(folder.Store, Order.Mapping.Schema, new()
        {
            Properties = new Dictionary<string, string> { ["delta.enableDeletionVectors"] = "true", ["delta.enableChangeDataFeed"] = "true" },
        }, _cancel);
        await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(1_000))], _cancel);
        var delete = table.BeginTransaction();
        await delete.MarkRowsDeletedAsync([new(table.Snapshot.Files[0], [.. Enumerable.Range(0, 500).Select(i => (long)i * 2)])], _cancel);
        var version = await delete.CommitAsync("DELETE", _cancel);

        Assert.Equal(500, table.Snapshot.RowCount);
        await using var lake = LakeQuery.Open();
        await lake.RegisterAsync("t", table.Snapshot, _cancel);
        Assert.Equal(500, await lake.ScalarAsync<long>("select count(*) from t where id % 2 = 1", _cancel));
        Assert.Equal(500, await lake.ScalarAsync<long>("select count(*) from t", _cancel));
        Assert.Equal(500, await CountAsync(table.Scan().Where("id % 2 = 1").ReadAsync(_cancel)));
        Assert.Equal(500, await CountAsync(table.ReadChangesAsync(version, null, _cancel)));
        Assert.True((await table.CheckAsync(_cancel)).IsSound);

        await table.CompactAsync(cancellationToken: _cancel);
        Assert.Null(Assert.Single(table.Snapshot.Files).DeletionVector);
        Assert.Equal((500, 500), (table.Snapshot.RowCount, table.Snapshot.Files[0].NumRecords));
    }

    private static async Task<int> CountAsync(IAsyncEnumerable<Apache.Arrow.RecordBatch> batches)
    {
        var rows = 0;
        await foreach (var batch in batches)
        {
            rows += batch.Length;
        }

        return rows;
    }
}
