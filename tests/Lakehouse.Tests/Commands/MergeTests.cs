using Apache.Arrow;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Lakehouse.Tests.Commands;

public sealed class MergeTests
{
    private static readonly RowMapping<Stock> Mapping = new RowMapping<Stock>()
        .Column("shop", DeltaType.String, row => row.Shop).Column("item", DeltaType.Long, row => row.Item).Column("count", DeltaType.Long, row => row.Count);

    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_merge_replaces_rows_by_key_adds_the_others_and_leaves_files_without_them()
    {
        var table = await TableAsync();
        var before = table.Snapshot.Files.Select(file => file.Path).ToHashSet();
        await table.AppendAsync([Mapping.ToBatch([new("z", 900, 1)])], _cancel);
        var untouched = table.Snapshot.Files.Select(file => file.Path).Single(path => !before.Contains(path));

        await table.WriteAsync([Mapping.ToBatch([new("a", 1, 11), new("b", 1, 21), new("c", 7, 70)])], On("shop", "item"), _cancel);

        Assert.Equal("a1=11 a2=2 b1=21 b2=4 c7=70 z900=1", await RowsAsync(table));
        Assert.Contains(untouched, table.Snapshot.Files.Select(file => file.Path));
    }

    [Theory]
    [InlineData("key twice", "the key (a, 1) of a row before")]
    [InlineData("no key", "has no 'item'")]
    [InlineData("no column", "no column 'colour' to merge on")]
    public async Task What_cannot_be_merged_is_refused_and_nothing_is_written(string what, string expected)
    {
        var table = await TableAsync();
        Stock[] rows = what switch { "key twice" => [new("a", 1, 1), new("a", 1, 2)], "no key" => [new("a", null, 1)], _ => [new("a", 1, 1)] };

        var error = await Assert.ThrowsAsync<DeltaException>(() =>
            table.WriteAsync([Mapping.ToBatch(rows)], what == "no column" ? On("colour") : On("shop", "item"), _cancel));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Equal("a1=1 a2=2 b1=3 b2=4", await RowsAsync(table));
        await Assert.ThrowsAsync<ArgumentException>(() => table.WriteAsync([Mapping.ToBatch(rows)], new() { Mode = WriteMode.Merge }, _cancel));
        await Assert.ThrowsAsync<ArgumentException>(() => table.WriteAsync([Mapping.ToBatch(rows)], new() { MergeOn = ["item"] }, _cancel));
    }

    [Fact]
    public async Task A_merge_loses_against_one_that_changed_its_keys_and_not_against_one_elsewhere()
    {
        var store = new InMemoryObjectStore();
        await TableAsync(store);
        await LosesAsync(new Stock("a", 1, 5), isConflict: true);
        await LosesAsync(new Stock("zz", 99, 5), isConflict: false);

        async Task LosesAsync(Stock winner, bool isConflict)
        {
            var slow = await DeltaTable.OpenAsync(store, cancellationToken: _cancel);
            var merge = slow.WriteAsync(RowsThenAsync(), On("shop", "item"), _cancel);
            _ = isConflict ? await Assert.ThrowsAsync<DeltaException>(() => merge) : (object)await merge;

            async IAsyncEnumerable<RecordBatch> RowsThenAsync()
            {
                yield return Mapping.ToBatch([new("a", 1, 111)]);
                await (await DeltaTable.OpenAsync(store, cancellationToken: _cancel)).WriteAsync([Mapping.ToBatch([winner])], On("shop", "item"), _cancel);
            }
        }
    }

    [Fact]
    public async Task The_change_feed_of_a_merge_has_the_rows_that_went_and_those_that_came()
    {
        var table = await TableAsync(properties: new() { ["delta.enableChangeDataFeed"] = "true" });

        var version = await table.WriteAsync([Mapping.ToBatch([new("a", 2, 22), new("c", 1, 9)])], On("shop", "item"), _cancel);

        SortedSet<string> changes = [];
        await foreach (var batch in table.ReadChangesAsync(version, null, _cancel))
        {
            var (kinds, counts) = ((StringArray)batch.Column("_change_type"), (Int64Array)batch.Column("count"));
            changes.UnionWith(Enumerable.Range(0, batch.Length).Select(i => $"{kinds.GetString(i)} {counts.GetValue(i)}"));
        }

        Assert.Equal(["delete 2", "insert 22", "insert 9"], changes);
    }

    private static WriteOptions On(params string[] columns) => new() { Mode = WriteMode.Merge, MergeOn = columns };

    private async Task<DeltaTable> TableAsync(InMemoryObjectStore? store = null, Dictionary<string, string>? properties = null)
    {
        var table = await DeltaTable.CreateAsync(
            store ?? new InMemoryObjectStore(), Mapping.Schema, new DeltaTableOptions { Properties = properties ?? [] }, _cancel);
        await table.AppendAsync([Mapping.ToBatch([new("a", 1, 1), new("a", 2, 2), new("b", 1, 3), new("b", 2, 4)])], _cancel);
        return table;
    }

    private async Task<string> RowsAsync(DeltaTable table)
    {
        var rows = await table.Scan().ReadAsync<Stock>(_cancel).ToListAsync(_cancel);
        return string.Join(' ', rows.OrderBy(row => row.Shop).ThenBy(row => row.Item).Select(row => $"{row.Shop}{row.Item}={row.Count}"));
    }

    private sealed record Stock(string Shop, long? Item, long Count);
}
