using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.Maintenance;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Tests.Kit;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Lakehouse.Tests.Maintenance;

public sealed class LogMaintenanceTests
{
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2001, 1, 1, 0, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData("classic")]
    [InlineData("v2")]
    public async Task A_checkpoint_restores_the_state_without_the_commits_before_it(string policy)
    {
        var (table, store) = await TableAsync(12, new() { ["delta.checkpointPolicy"] = policy });
        await table.WriteAsync([Order.Mapping.ToBatch(Order.Some(1, 50))], new() { Transaction = ("app", 3) }, _cancel);
        await table.CheckpointAsync(_cancel);
        var before = table.Snapshot;
        for (var version = 0; version < before.Version; version++)
        {
            await store.DeleteAsync($"_delta_log/{version:D20}.json", _cancel);
        }

        var after = (await DeltaTable.OpenAsync(store, null, _cancel)).Snapshot;
        Assert.Equal((before.Version, before.RowCount, before.SizeBytes), (after.Version, after.RowCount, after.SizeBytes));
        Assert.Equal(before.Version, after.State.CheckpointVersion);
        Assert.Equal(before.Files.Select(f => (f.Path, f.Stats)).Order(), after.Files.Select(f => (f.Path, f.Stats)).Order());
        Assert.Equal(3, after.TransactionVersion("app"));
        Assert.Equal(before.Metadata.Configuration, after.Metadata.Configuration);
        Assert.Equal(before.Schema, after.Schema);
        Assert.Equal(policy == "v2", store.ListAsync("_delta_log/_sidecars/", null, _cancel).ToBlockingEnumerable(_cancel).Any());
    }

    [Fact]
    public async Task A_damaged_checkpoint_is_refused_by_name()
    {
        var (table, store) = await TableAsync(10);
        await store.PutAsync("_delta_log/00000000000000000010.checkpoint.parquet", new byte[100], _cancel);
        var error = await Assert.ThrowsAsync<DeltaException>(() => DeltaTable.OpenAsync(store, null, _cancel));
        Assert.Equal(ErrorKind.Corrupt, error.Kind);
        Assert.Contains("00000000000000000010.checkpoint.parquet", error.Message, StringComparison.Ordinal);
        Assert.Equal(10, table.Snapshot.Version);
    }

    [Fact]
    public async Task A_compacted_log_file_stands_for_its_commits()
    {
        var (table, store) = await TableAsync(8);
        await table.OverwriteAsync([Order.Mapping.ToBatch(Order.Some(4))], _cancel);
        Assert.True(await table.CompactLogAsync(2, 9, _cancel));
        Assert.False(await table.CompactLogAsync(2, 9, _cancel));
        for (var version = 2; version < 9; version++)
        {
            await store.PutAsync($"_delta_log/{version:D20}.json", "broken"u8.ToArray(), _cancel);
        }

        Assert.Equal((9, 4),
            ((await DeltaTable.OpenAsync(store, null, _cancel)).Snapshot.Version,
            (await DeltaTable.OpenAsync(store, null, _cancel)).Snapshot.RowCount));
    }

    [Fact]
    public async Task Expired_commits_go_after_a_checkpoint_and_the_versions_from_the_kept_one_stay_readable()
    {
        var (table, store) = await TableAsync(15);
        _time.Advance(TimeSpan.FromDays(40));
        for (var i = 0; i < 5; i++)
        {
            await table.AppendAsync([Order.Mapping.ToBatch([Order.Of(i)])], _cancel);
        }

        var left = store.ListAsync("_delta_log/", null, _cancel).ToBlockingEnumerable(_cancel).Select(i => i.Path).ToArray();
        Assert.DoesNotContain("_delta_log/00000000000000000009.json", left);
        Assert.Contains("_delta_log/00000000000000000010.checkpoint.parquet", left);
        Assert.Equal(10, (await table.SnapshotAtAsync(10, _cancel)).RowCount);
        Assert.Equal(14, (await table.SnapshotAtAsync(14, _cancel)).RowCount);
        Assert.Equal(20, (await DeltaTable.OpenAsync(store, null, _cancel)).Snapshot.RowCount);
        var error = await Assert.ThrowsAsync<DeltaException>(() => table.SnapshotAtAsync(3, _cancel));
        Assert.Contains("cleaned up", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_finds_what_is_wrong_and_names_it()
    {
        var (table, store) = await TableAsync(3);
        Assert.True((await table.CheckAsync(_cancel)).IsSound);
        var files = table.Snapshot.Files.ToArray();
        await store.DeleteAsync(files[0].Path, _cancel);
        await store.PutAsync(files[1].Path, new byte[5], _cancel);
        await store.PutAsync("stray.parquet", new byte[5], _cancel);
        var lie = table.BeginTransaction();
        lie.Remove(files[2]);
        lie.Add(files[2] with
        {
            Path = "copy.parquet",
            Stats = files[2].Stats!.Replace("\"numRecords\":1", "\"numRecords\":2", StringComparison.Ordinal)
        });
        await store.PutAsync("copy.parquet", (await store.TryGetAsync(files[2].Path, _cancel))!.Value, _cancel);
        await lie.CommitAsync("WRITE", _cancel);
        await store.PutAsync($"_delta_log/{table.Snapshot.Version:D20}.crc", """{"tableSizeBytes":1,"numFiles":7}"""u8.ToArray(), _cancel);
        _time.Advance(TimeSpan.FromHours(1));

        var report = await table.CheckAsync(_cancel);

        Assert.False(report.IsSound);
        foreach (var (problem, path) in new[]
        {
            (IntegrityProblem.MissingFile, files[0].Path), (IntegrityProblem.FileSize, files[1].Path),
                (IntegrityProblem.UnreadableFile, files[1].Path),
            (IntegrityProblem.OrphanFile, "stray.parquet"), (IntegrityProblem.Statistics, "copy.parquet"),
        })
        {
            Assert.Contains(report.Findings, f => f.Problem == problem && f.Path == path);
        }

        Assert.Equal(2, report.Findings.Count(f => f.Problem == IntegrityProblem.Checksum));
    }

    [Fact]
    public async Task A_folder_of_Parquet_files_becomes_a_table_where_it_lies()
    {
        var (table, store) = await TableAsync(0, partition: true);
        await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(30))], _cancel);
        foreach (var info in store.ListAsync("_delta_log/", null, _cancel).ToBlockingEnumerable(_cancel).ToArray())
        {
            await store.DeleteAsync(info.Path, _cancel);
        }

        var imported = await DeltaTable.ImportAsync(store, DeltaType.Struct(new StructField("day", DeltaType.Date)), null, _cancel);
        Assert.Equal((0, 30, 3), (imported.Snapshot.Version, imported.Snapshot.RowCount, imported.Snapshot.Files.Count));
        Assert.Equal(["2001-01-01", "2001-01-02", "2001-01-03"], imported.Snapshot.Files.Select(f => f.PartitionValues["day"]).Order());
        Assert.Single(imported.Scan().Where("id = 0").Plan().Files);
        Assert.Equal(ErrorKind.Conflict, (await Assert.ThrowsAsync<DeltaException>(
            () => DeltaTable.ImportAsync(store, DeltaType.Struct(new StructField("day", DeltaType.Date)), null, _cancel))).Kind);
    }

    private async Task<(DeltaTable Table, InMemoryObjectStore Store)> TableAsync(
        int commits, Dictionary<string, string>? properties = null, bool partition = false)
    {
        var store = new InMemoryObjectStore(_time);
        var table = await DeltaTable.CreateAsync(
            store, Order.Mapping.Schema,
                new() { Time = _time, Properties = properties ?? [], PartitionColumns = partition ? ["day"] : [] }, _cancel);
        for (var i = 0; i < commits; i++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            await table.AppendAsync([Order.Mapping.ToBatch([Order.Of(i)])], _cancel);
        }

        return (table, store);
    }
}
