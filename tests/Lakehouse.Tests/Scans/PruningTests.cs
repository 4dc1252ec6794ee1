using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Tests.Kit;

namespace DataPlatform.Lakehouse.Tests.Scans;

public sealed class PruningTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("day = DATE '2001-01-02'", 2)]
    [InlineData("day > '2001-01-01' AND id < 30", 2)]
    [InlineData("id BETWEEN 31 AND 35", 3)]
    [InlineData("id = -1", 0)]
    [InlineData("NOT (id >= 30)", 3)]
    [InlineData("id < 3 OR id > 56", 6)]
    [InlineData("customer IS NULL", 6)]
    [InlineData("id IS NULL", 0)]
    [InlineData("id IN (0, 59)", 2)]
    [InlineData("customer LIKE 'customer-1%'", 6)]
    [InlineData("year(day) = 2002", 0)]
    [InlineData("placed < TIMESTAMP '1970-01-01 00:00:00'", 0)]
    [InlineData("weight <> 3", 6)]
    public async Task A_scan_reads_the_files_that_may_match_and_gives_the_rows_of_a_full_scan(string condition, int files)
    {
        var table = await DeltaTable.CreateAsync(_folder.Store, Order.Mapping.Schema, new() { PartitionColumns = ["day"] }, _cancel);
        await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(30))], _cancel);
        await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(30, 30))], _cancel);
        var scan = table.Scan().Where(condition);
        var plan = scan.Plan();

        Assert.Equal(files, plan.Files.Count);
        Assert.Equal(6 - files, plan.Pruned.Count);
        Assert.All(plan.Pruned, p => Assert.Contains("cannot hold", p.Reason, StringComparison.Ordinal));
        await using var lake = Lakehouse.DuckDb.LakeQuery.Open();
        lake.Register("t", table.Snapshot);
        long rows = 0;
        await foreach (var batch in scan.Select("id").ReadAsync(_cancel))
        {
            rows += batch.Length;
        }

        Assert.Equal(await lake.ScalarAsync<long>($"select count(*) from t where {condition}", _cancel), rows);
    }

    [Fact]
    public async Task A_long_text_is_found_past_its_cut_bounds_and_a_timestamp_within_its_last_millisecond()
    {
        var mapping = new RowMapping<(string Text, long Micros)>().Column("text", DeltaType.String, r => r.Text).Column("at", DeltaType.Timestamp, r => r.Micros);
        var table = await DeltaTable.CreateAsync(_folder.Store, mapping.Schema, null, _cancel);
        var text = new string('x', 40) + "\U0001F600";
        await table.AppendAsync([mapping.ToBatch([(text, 1_000_999)])], _cancel);
        Assert.Single(table.Scan().Where($"text = '{text}'").Plan().Files);
        Assert.Empty(table.Scan().Where($"text > '{new string('y', 3)}'").Plan().Files);
        Assert.Single(table.Scan().Where("at > TIMESTAMP '1970-01-01 00:00:01.0009'").Plan().Files);
        Assert.Empty(table.Scan().Where("at > TIMESTAMP '1970-01-01 00:00:01.001'").Plan().Files);
    }

    [Fact]
    public async Task A_file_with_NaN_is_read_for_every_lower_bound()
    {
        var mapping = new RowMapping<double>().Column("x", DeltaType.Double, v => v);
        var table = await DeltaTable.CreateAsync(_folder.Store, mapping.Schema, null, _cancel);
        await table.AppendAsync([mapping.ToBatch([1.0, double.NaN])], _cancel);
        Assert.Single(table.Scan().Where("x > 1e300").Plan().Files);
        Assert.Empty(table.Scan().Where("x < 1").Plan().Files);
    }

    [Fact]
    public async Task A_condition_on_a_column_that_is_not_there_is_refused()
    {
        var table = await DeltaTable.CreateAsync(_folder.Store, Order.Mapping.Schema, null, _cancel);
        Assert.Contains("no column 'price'", Assert.Throws<DeltaException>(() => table.Scan().Where("price > 1")).Message, StringComparison.Ordinal);
        Assert.Contains("cannot be read", Assert.Throws<DeltaException>(() => table.Scan().Where("id >")).Message, StringComparison.Ordinal);
    }
}
