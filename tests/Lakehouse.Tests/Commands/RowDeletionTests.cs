using DataPlatform.Kernel;
using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Lakehouse.Tests.Kit;

namespace DataPlatform.Lakehouse.Tests.Commands;

public sealed class RowDeletionTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Marked_rows_are_gone_and_a_second_mark_adds_to_the_first()
    {
        var table = await TableAsync(1_000);
        Assert.Equal(3, await DeleteAsync(table, [5, 7, 999]));
        Assert.Equal(2, await DeleteAsync(table, [7, 8, 0, 8]));

        Assert.Equal(995, table.Snapshot.RowCount);
        Assert.Equal(5, Assert.Single(table.Snapshot.Files).DeletionVector!.Cardinality);
        Assert.Equal("[0, 5, 7, 8, 999]", await MissingAsync(table));
        var metrics = (await table.HistoryAsync(1, _cancel))[0].Info!.OperationMetrics!;
        Assert.Equal(("2", "1", "1", "0"),
            (metrics["numDeletedRows"], metrics["numDeletionVectorsAdded"], metrics["numDeletionVectorsUpdated"],
            metrics["numRemovedFiles"]));
        Assert.True((await table.CheckAsync(_cancel)).IsSound);
    }

    [Fact]
    public async Task Many_scattered_rows_go_into_a_vector_file_that_clean_up_keeps()
    {
        var table = await TableAsync(20_000);
        var random = new Random(7);
        await DeleteAsync(table, [.. Enumerable.Range(0, 6_000).Select(_ => (long)random.Next(20_000)).Distinct()]);
        Assert.Equal("u", table.Snapshot.Files[0].DeletionVector!.StorageType);
        var before = table.Snapshot.RowCount;
        await table.CleanUpAsync(new() { Retention = TimeSpan.Zero }, _cancel);
        Assert.Equal(before, await CountAsync(table));
    }

    [Fact]
    public async Task A_file_whose_rows_are_all_deleted_leaves_the_table()
    {
        var table = await TableAsync(3);
        await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(2, 3))], _cancel);
        var file = table.Snapshot.Files.Single(f => f.NumRecords == 3);
        var delete = table.BeginTransaction();
        await delete.MarkRowsDeletedAsync([new(file, [0, 1]), new(file, [2])], _cancel);
        await delete.CommitAsync("DELETE", _cancel);
        Assert.Equal(2, Assert.Single(table.Snapshot.Files).NumRecords);
    }

    [Fact]
    public async Task Rows_that_cannot_be_deleted_are_refused_and_nothing_is_written()
    {
        var table = await TableAsync(3);
        var files = Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories).Length;
        var far = await Assert.ThrowsAsync<DeltaException>(() => DeleteAsync(table, [3]));
        Assert.Contains("Row 3 cannot be deleted", far.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<DeltaException>(() => DeleteAsync(table, [-1]));
        var stranger = table.Snapshot.Files[0] with { Path = "elsewhere.parquet" };
        var unknown = await Assert.ThrowsAsync<DeltaException>(
            () => table.BeginTransaction().MarkRowsDeletedAsync([new(stranger, [0])], _cancel));
        Assert.Contains("is not live", unknown.Message, StringComparison.Ordinal);
        Assert.Equal(files, Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories).Length);

        await table.SetPropertiesAsync(new Dictionary<string, string?> { ["delta.enableDeletionVectors"] = null }, _cancel);
        var off = await Assert.ThrowsAsync<DeltaException>(() => DeleteAsync(table, [1]));
        Assert.Contains("delta.enableDeletionVectors", off.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_marks_on_one_file_conflict_and_on_two_files_both_land()
    {
        var table = await TableAsync(10);
        await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(10, 10))], _cancel);
        var (first, second, third) = (table.BeginTransaction(), table.BeginTransaction(), table.BeginTransaction());
        var files = table.Snapshot.Files;
        await first.MarkRowsDeletedAsync([new(files[0], [1])], _cancel);
        await second.MarkRowsDeletedAsync([new(files[0], [2])], _cancel);
        await third.MarkRowsDeletedAsync([new(files[1], [3])], _cancel);
        await first.CommitAsync("DELETE", _cancel);
        Assert.Equal(ErrorKind.Conflict, (await Assert.ThrowsAsync<DeltaException>(() => second.CommitAsync("DELETE", _cancel))).Kind);
        await third.CommitAsync("DELETE", _cancel);
        Assert.Equal(18, (await table.RefreshAsync(_cancel)).RowCount);
    }

    private async Task<DeltaTable> TableAsync(int rows)
    {
        var table = await DeltaTable.CreateAsync(
            _folder.Store, Order.Mapping.Schema,
                new() { Properties = new Dictionary<string, string> { ["delta.enableDeletionVectors"] = "true" } }, _cancel);
        await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(rows))], _cancel);
        return table;
    }

    private async Task<long> DeleteAsync(DeltaTable table, long[] rows)
    {
        var delete = table.BeginTransaction();
        var count = await delete.MarkRowsDeletedAsync([new(table.Snapshot.Files[0], rows)], _cancel);
        await delete.CommitAsync("DELETE", _cancel);
        return count;
    }

    private async Task<long> CountAsync(DeltaTable table)
    {
        await using var lake = LakeQuery.Open();
        await lake.RegisterAsync("t", table.Snapshot, _cancel);
        return await lake.ScalarAsync<long>("select count(*) from t", _cancel);
    }

    private async Task<string?> MissingAsync(DeltaTable table)
    {
        await using var lake = LakeQuery.Open();
        await lake.RegisterAsync("t", table.Snapshot, _cancel);
        return await lake.ScalarAsync<string>(
            "select list(i order by i)::varchar from range(1000) r(i) where i not in (select id from t)", _cancel);
    }
}
