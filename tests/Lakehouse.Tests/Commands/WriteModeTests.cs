using DataPlatform.Kernel;
using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Lakehouse.Scans;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Tests.Kit;

namespace DataPlatform.Lakehouse.Tests.Commands;

public sealed class WriteModeTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ReplaceWhere_replaces_the_rows_that_match_and_keeps_the_others_of_the_same_files()
    {
        var table = await TableAsync();
        await table.WriteAsync(
            [Order.Mapping.ToBatch([Order.Of(25), Order.Of(26)])],
            new() { Mode = WriteMode.Overwrite, ReplaceWhere = Predicate.Parse("id >= 10 AND id < 30") }, _cancel);
        Assert.Equal("0-9,25-26,30-59", await IdsAsync(table));

        var error = await Assert.ThrowsAsync<DeltaException>(() => table.WriteAsync(
            [Order.Mapping.ToBatch([Order.Of(5)])], new() { Mode = WriteMode.Overwrite, ReplaceWhere = Predicate.Parse("id >= 30") },
                _cancel));
        Assert.Contains("does not satisfy replaceWhere", error.Message, StringComparison.Ordinal);
        Assert.Equal("0-9,25-26,30-59", await IdsAsync(table));
    }

    [Fact]
    public async Task ReplaceWhere_on_a_partition_removes_whole_files_and_reads_none()
    {
        var table = await TableAsync();
        var before = table.Snapshot.Files.Where(f => f.PartitionValues["day"] != "2001-01-02").Select(f => f.Path).Order().ToArray();
        await table.WriteAsync(
            System.Array.Empty<Apache.Arrow.RecordBatch>(),
            new() { Mode = WriteMode.Overwrite, ReplaceWhere = Predicate.Parse("day = DATE '2001-01-02'") }, _cancel);
        Assert.Equal(before, table.Snapshot.Files.Select(f => f.Path).Order());
        Assert.Equal(40, table.Snapshot.RowCount);
    }

    [Fact]
    public async Task ReplaceWhere_writes_the_change_feed_of_exactly_the_rows_that_changed()
    {
        var table = await TableAsync(new() { ["delta.enableChangeDataFeed"] = "true" });
        var version = await table.WriteAsync(
            [Order.Mapping.ToBatch([Order.Of(12)])],
                new() { Mode = WriteMode.Overwrite, ReplaceWhere = Predicate.Parse("id IN (10, 11, 12)") }, _cancel);
        SortedSet<string> changes = [];
        await foreach (var batch in table.ReadChangesAsync(version, null, _cancel))
        {
            var ids = (Apache.Arrow.Int64Array)batch.Column("id");
            var kinds = (Apache.Arrow.StringArray)batch.Column("_change_type");
            changes.UnionWith(Enumerable.Range(0, batch.Length).Select(i => $"{kinds.GetString(i)} {ids.GetValue(i)}"));
        }

        Assert.Equal(["delete 10", "delete 11", "delete 12", "insert 12"], changes);
        Assert.Equal("0-9,12,13-59".Replace("12,13", "12", StringComparison.Ordinal), await IdsAsync(table));
    }

    [Fact]
    public async Task Dynamic_overwrite_replaces_only_the_partitions_of_the_new_rows()
    {
        var table = await TableAsync();
        await table.WriteAsync([Order.Mapping.ToBatch([Order.Of(1)])], new() { Mode = WriteMode.OverwritePartitions }, _cancel);
        await using var lake = LakeQuery.Open();
        lake.Register("t", table.Snapshot);
        Assert.Equal("[20, 1, 20]",
            await lake.ScalarAsync<string>(
            "select list(n order by day)::varchar from (select day, count(*) n from t group by day)", _cancel));
    }

    [Fact]
    public async Task Merge_schema_adds_the_new_columns_and_old_rows_read_as_null()
    {
        var table = await TableAsync();
        var wider = new RowMapping<Order>().Column("id", DeltaType.Long, o => o.Id).Column("day", DeltaType.Date, o => o.Day)
            .Column("amount", DeltaType.Decimal(12, 2), o => o.Amount).Column("placed", DeltaType.Timestamp, o => o.At).Column(
                "paid", DeltaType.Boolean, o => o.Paid)
            .Column("note", DeltaType.String, o => $"note {o.Id}");
        Assert.Contains("'note'",
            (await Assert.ThrowsAsync<DeltaException>(() => table.AppendAsync([wider.ToBatch([Order.Of(60)])], _cancel))).Message,
            StringComparison.Ordinal);
        await table.WriteAsync([wider.ToBatch([Order.Of(60)])], new() { MergeSchema = true }, _cancel);
        await using var lake = LakeQuery.Open();
        lake.Register("t", table.Snapshot);
        Assert.Equal(60, await lake.ScalarAsync<long>("select count(*) from t where note is null", _cancel));
        Assert.Equal("note 60", await lake.ScalarAsync<string>("select note from t where id = 60", _cancel));
        var conflict = new RowMapping<Order>().Column("id", DeltaType.String, o => o.Customer);
        Assert.Contains("'id' is long in the table, and string", (await Assert.ThrowsAsync<DeltaException>(
            () => table.WriteAsync([conflict.ToBatch([Order.Of(1)])], new() { MergeSchema = true }, _cancel))).Message,
                StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_idempotent_write_is_skipped_when_it_is_there()
    {
        var table = await TableAsync();
        var options = new WriteOptions { Transaction = ("loader", 4) };
        var first = await table.WriteAsync([Order.Mapping.ToBatch([Order.Of(60)])], options, _cancel);
        Assert.Equal(first, await table.WriteAsync([Order.Mapping.ToBatch([Order.Of(60)])], options, _cancel));
        Assert.Equal(61, table.Snapshot.RowCount);
    }

    [Fact]
    public async Task Mapped_columns_are_renamed_and_dropped_without_a_rewrite()
    {
        var table = await TableAsync(new() { ["delta.columnMapping.mode"] = "name" });
        var files = table.Snapshot.Files.Select(f => f.Path).Order().ToArray();
        await table.RenameColumnAsync("customer", "client", _cancel);
        await table.DropColumnAsync("weight", _cancel);
        await table.AddColumnsAsync([new StructField("weight", DeltaType.String)], _cancel);

        Assert.Equal(files, table.Snapshot.Files.Select(f => f.Path).Order());
        await using var lake = LakeQuery.Open();
        lake.Register("t", table.Snapshot);
        Assert.Equal(Order.Some(60).Count(o => o.Customer is not null),
            await lake.ScalarAsync<long>("select count(client) from t", _cancel));
        Assert.Equal(0, await lake.ScalarAsync<long>("select count(weight) from t", _cancel));
        var rows = 0;
        await foreach (var batch in table.Scan().Where("client = 'customer-3'").Select("id", "client").ReadAsync(_cancel))
        {
            rows += batch.Length;
        }

        Assert.Equal(Order.Some(60).Count(o => o.Customer == "customer-3"), rows);
        Assert.Equal((2, 5), (table.Snapshot.Protocol.MinReaderVersion, table.Snapshot.Protocol.MinWriterVersion));
        Assert.True((await table.CheckAsync(_cancel)).IsSound);
    }

    [Fact]
    public async Task Row_tracking_gives_every_row_its_own_id_across_races()
    {
        var table = await TableAsync(new() { ["delta.enableRowTracking"] = "true" }, partitioned: false);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(i => Task.Run(async () =>
        {
            var other = await DeltaTable.OpenAsync(_folder.Store, null, _cancel);
            await other.AppendAsync([Order.Mapping.ToBatch(Order.Some(7, 100 + (i * 7)))], _cancel);
        }, _cancel)));
        var files = (await table.RefreshAsync(_cancel)).Files.OrderBy(f => f.BaseRowId).ToArray();
        long next = 0;
        foreach (var file in files)
        {
            Assert.Equal(next, file.BaseRowId);
            next += file.NumRecords!.Value;
        }

        Assert.Equal(81, next);
        Assert.Contains("\"rowIdHighWaterMark\":80", table.Snapshot.Domains["delta.rowTracking"].Configuration, StringComparison.Ordinal);
        Assert.Equal(files.Max(f => f.DefaultRowCommitVersion), table.Snapshot.Version);
    }

    [Fact]
    public async Task In_commit_timestamps_grow_even_where_the_clock_goes_back_and_are_in_the_first_action()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(new DateTimeOffset(2001, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var store = _folder.Store;
        var table = await DeltaTable.CreateAsync(
            store, Order.Mapping.Schema,
                new() { Time = time, Properties = new Dictionary<string, string> { ["delta.enableInCommitTimestamps"] = "true" } },
                _cancel);
        var first = table.Snapshot.Timestamp;
        await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(1))], _cancel);
        Assert.Equal(first.AddMilliseconds(1), table.Snapshot.Timestamp);
        Assert.StartsWith("{\"commitInfo\":{\"inCommitTimestamp\":",
            File.ReadAllText(Path.Combine(_folder.Path, "_delta_log", "00000000000000000001.json")), StringComparison.Ordinal);
        Assert.Equal(0, (await table.SnapshotAtAsync(first, _cancel)).Version);
        Assert.Equal(1, (await (await DeltaTable.OpenAsync(store, null, _cancel)).SnapshotAtAsync(
            first.AddMilliseconds(1), _cancel)).Version);
    }

    private async Task<DeltaTable> TableAsync(Dictionary<string, string>? properties = null, bool partitioned = true)
    {
        var table = await DeltaTable.CreateAsync(
            _folder.Store, Order.Mapping.Schema, new() { PartitionColumns = partitioned ? ["day"] : [], Properties = properties ?? [] },
                _cancel);
        await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(60))], _cancel);
        return table;
    }

    /// <summary>The ids as ranges.</summary>
    private async Task<string?> IdsAsync(DeltaTable table)
    {
        await using var lake = LakeQuery.Open();
        lake.Register("t", table.Snapshot);
        return await lake.ScalarAsync<string>(
            "select string_agg(case when low = high then low::varchar else low || '-' || high end, ',' order by low) from "
            + "(select min(id) low, max(id) high from (select id, id - row_number() over (order by id) g from t) group by g)", _cancel);
    }
}
