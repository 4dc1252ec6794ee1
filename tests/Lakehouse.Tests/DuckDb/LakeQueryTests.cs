using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Lakehouse.Tests.Kit;

namespace DataPlatform.Lakehouse.Tests.DuckDb;

public sealed class LakeQueryTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(256)]
    [InlineData(1)]
    public async Task Register_shows_the_rows_that_were_appended_with_typed_partition_values(int branchesMax)
    {
        var table = await DeltaTable.CreateAsync(_folder.Store, Order.Mapping.Schema, new() { PartitionColumns = ["day", "customer"] }, _cancel);
        await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(100))], _cancel);
        await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(50, 100))], _cancel);

        await using var lake = LakeQuery.Open(new() { PartitionBranchesMax = branchesMax });
        lake.Register("orders", await table.RefreshAsync(_cancel));

        var found = new List<Order>();
        await using var rows = await lake.QueryAsync("select id, customer, day, amount, placed, weight, paid from orders order by id", _cancel);
        while (await rows.ReadAsync(_cancel))
        {
            found.Add(new Order(
                rows.GetInt64(0), rows.IsDBNull(1) ? null : rows.GetString(1), rows.GetFieldValue<DateOnly>(2), rows.GetDecimal(3),
                rows.GetFieldValue<DateTimeOffset>(4), rows.IsDBNull(5) ? null : rows.GetDouble(5), rows.GetBoolean(6)));
        }

        Assert.Equal(Order.Some(150), found);
        Assert.Equal(150, table.Snapshot.RowCount);
    }

    [Fact]
    public async Task Register_shows_an_empty_table_with_its_columns()
    {
        var table = await DeltaTable.CreateAsync(_folder.Store, Order.Mapping.Schema, null, _cancel);
        await using var lake = LakeQuery.Open();
        lake.Register("orders", table.Snapshot);

        Assert.Equal(0, await lake.ScalarAsync<long>("select count(*) from orders", _cancel));
        Assert.Equal("DECIMAL(12,2)", await lake.ScalarAsync<string>("select column_type from (describe orders) where column_name = 'amount'", _cancel));
    }

    [Fact]
    public async Task Partition_values_with_characters_of_patterns_and_urls_come_back_as_written()
    {
        string[] names = ["a*b", "c?d", "[e]", "f/g", "100%", "ü ñ", "x=y:z", "{q}", "tab\there", "#%41", "\\back"];
        var mapping = new RowMapping<string>().Column("name", Schemas.DeltaType.String, s => s).Column("n", Schemas.DeltaType.Integer, s => s.Length);
        var table = await DeltaTable.CreateAsync(_folder.Store, mapping.Schema, new() { PartitionColumns = ["name"] }, _cancel);
        await table.AppendAsync([mapping.ToBatch(names)], _cancel);

        await using var lake = LakeQuery.Open();
        lake.Register("t", await (await DeltaTable.OpenAsync(_folder.Store, null, _cancel)).RefreshAsync(_cancel));
        var found = new List<string>();
        await using var rows = await lake.QueryAsync("select name from t where n = length(name)", _cancel);
        while (await rows.ReadAsync(_cancel))
        {
            found.Add(rows.GetString(0));
        }

        Assert.Equal(names.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }
}
