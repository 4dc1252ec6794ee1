using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Lakehouse.Scans;
using DataPlatform.Lakehouse.Tests.Kit;
using DataPlatform.Lakehouse.Transactions;

namespace DataPlatform.Lakehouse.Tests.Maintenance;

/// <summary>Rows keep their ids and commit versions wherever they are moved.</summary>
public sealed class RowTrackingTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Compaction_keeps_the_ids_and_commit_versions_of_rows_twice_in_a_row()
    {
        var table = await TableAsync();
        for (var i = 0; i < 3; i++)
        {
            await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(5, i * 5))], _cancel);
        }

        var delete = table.BeginTransaction();
        await delete.MarkRowsDeletedAsync([new(table.Snapshot.Files.Single(f => f.BaseRowId == 5), [1, 3])], _cancel);
        await delete.CommitAsync("DELETE", _cancel);
        var expected = "0:1 1:1 2:1 3:1 4:1 5:2 7:2 9:2 10:3 11:3 12:3 13:3 14:3";
        await table.CompactAsync(cancellationToken: _cancel);
        Assert.Equal(expected, await IdsAsync(table));
        Assert.Equal(15, Assert.Single(table.Snapshot.Files).BaseRowId);
        Assert.Equal("true", (await table.HistoryAsync(1, _cancel))[0].Info!.Tags!["delta.rowTracking.preserved"]);

        await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(1, 15))], _cancel);
        await table.CompactAsync(cancellationToken: _cancel);
        Assert.Equal(expected + " 28:6", await IdsAsync(table));
        Assert.Equal(14, table.Snapshot.RowCount);
    }

    [Fact]
    public async Task Rows_that_a_replacement_keeps_are_the_rows_they_were()
    {
        var table = await TableAsync();
        await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(6))], _cancel);
        await table.WriteAsync(
            [Order.Mapping.ToBatch([Order.Of(2)])], new() { Mode = WriteMode.Overwrite, ReplaceWhere = Predicate.Parse("id = 2") },
                _cancel);
        var ids = (await IdsAsync(table)).Split(' ');
        Assert.Equal(["0:1", "1:1", "3:1", "4:1", "5:1"], ids.Take(5));
        Assert.EndsWith(":2", ids[5], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Switching_row_tracking_on_gives_ids_to_the_files_that_are_there()
    {
        var table = await DeltaTable.CreateAsync(_folder.Store, Order.Mapping.Schema, null, _cancel);
        await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(4))], _cancel);
        await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(3, 4))], _cancel);
        await table.SetPropertiesAsync(new Dictionary<string, string?> { ["delta.enableRowTracking"] = "true" }, _cancel);
        Assert.Equal(7, table.Snapshot.Files.Sum(f => f.NumRecords));
        Assert.Equal(2, table.Snapshot.Files.Select(f => f.BaseRowId).Distinct().Count());
        await table.CompactAsync(cancellationToken: _cancel);
        Assert.Equal(7, (await IdsAsync(table)).Split(' ').Distinct().Count());
    }

    private async Task<DeltaTable> TableAsync() => await DeltaTable.CreateAsync(
        _folder.Store, Order.Mapping.Schema, new()
        {
            Properties = new Dictionary<string, string> { ["delta.enableRowTracking"] = "true", ["delta.enableDeletionVectors"] = "true" },
        }, _cancel);

    /// <summary>Row id and commit version of each row, from the files alone: the materialised column, or the add's defaults.</summary>
    private async Task<string> IdsAsync(DeltaTable table)
    {
        await using var lake = LakeQuery.Open();
        var (id, version) = RowTracking.ColumnsOf(table.Snapshot.Metadata)!.Value;
        List<string> ids = [];
        foreach (var file in table.Snapshot.Files)
        {
            _folder.Store.TryGetLocalPath(table.Snapshot.PathOf(file), out var path);
            var has = await lake.ScalarAsync<long>($"select count(*) from parquet_schema('{path}') where name = '{id}'", _cancel) > 0;
            await using var rows = await lake.QueryAsync(
                has ? $"select \"{id}\", \"{version}\" from '{path}'" : $"select {file.BaseRowId} + file_row_number, {file.DefaultRowCommitVersion}::bigint from read_parquet('{path}', file_row_number = true)",
                _cancel);
            while (await rows.ReadAsync(_cancel))
            {
                ids.Add($"{rows.GetInt64(0)}:{rows.GetInt64(1)}");
            }
        }

        return string.Join(' ', ids.OrderBy(i => long.Parse(i.Split(':')[0], System.Globalization.CultureInfo.InvariantCulture)));
    }
}
