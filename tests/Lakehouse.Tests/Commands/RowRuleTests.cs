using DataPlatform.Kernel;
using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Tests.Kit;
using static System.Text.Json.JsonSerializer;

namespace DataPlatform.Lakehouse.Tests.Commands;

/// <summary>What the authored golden tables expect of writers, and the same features on tables of our own.</summary>
public sealed class RowRuleTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(null)]
    public async Task A_row_that_does_not_satisfy_a_CHECK_constraint_is_refused_and_nothing_is_written(int? quantity)
    {
        var table = await DeltaTable.OpenAsync(GoldenCopy.Of("authored-check-constraint-writer-v3", _folder), null, _cancel);
        var files = Directory.GetFiles(_folder.Path, "*.parquet").Length;
        var mapping = new RowMapping<int?>().Column("id", DeltaType.Integer, _ => 4).Column("qty", DeltaType.Integer, q => q);

        var error = await Assert.ThrowsAsync<DeltaException>(() => table.AppendAsync([mapping.ToBatch([7, quantity])], _cancel));

        Assert.Equal(ErrorKind.Invalid, error.Kind);
        Assert.Contains($"Row 1 breaks the constraint 'qty_positive' (qty > 0): qty = {quantity?.ToString() ?? "NULL"}", error.Message,
            StringComparison.Ordinal);
        Assert.Equal((1, files), ((await table.RefreshAsync(_cancel)).Version, Directory.GetFiles(_folder.Path, "*.parquet").Length));
        Assert.Equal(2, await table.AppendAsync([mapping.ToBatch([1])], _cancel));
    }

    [Fact]
    public async Task An_invariant_of_a_column_is_enforced()
    {
        var table = await DeltaTable.OpenAsync(GoldenCopy.Of("authored-column-invariant", _folder), null, _cancel);
        var mapping = new RowMapping<int>().Column("x", table.Snapshot.Schema["x"].Type, x => x);
        await Assert.ThrowsAsync<DeltaException>(() => table.AppendAsync([mapping.ToBatch([3])], _cancel));
        Assert.Equal(2, await table.AppendAsync([mapping.ToBatch([4])], _cancel));
    }

    [Fact]
    public async Task A_column_that_is_left_out_gets_its_default_and_an_explicit_null_stays()
    {
        var table = await DeltaTable.OpenAsync(GoldenCopy.Of("authored-column-defaults", _folder), null, _cancel);
        var without = new RowMapping<int>().Column("id", table.Snapshot.Schema["id"].Type, i => i);
        var with = new RowMapping<int>().Column("id", table.Snapshot.Schema["id"].Type, i => i).Column(
            "status", DeltaType.String, _ => (string?)null);
        await table.AppendAsync([without.ToBatch([100])], _cancel);
        await table.AppendAsync([with.ToBatch([101])], _cancel);
        Assert.Equal("open", await ScalarAsync<string>(table, "select status from t where id = 100"));
        Assert.Null(await ScalarAsync<string>(table, "select status from t where id = 101"));
    }

    [Fact]
    public async Task A_generated_partition_column_is_computed_and_places_the_row()
    {
        var table = await DeltaTable.OpenAsync(GoldenCopy.Of("authored-generated-partition-column", _folder), null, _cancel);
        var mapping = new RowMapping<DateOnly>().Column("event_date", DeltaType.Date, d => d);
        var before = table.Snapshot.Files.Select(f => f.Path).ToHashSet();
        await table.AppendAsync([mapping.ToBatch([new DateOnly(2031, 5, 6)])], _cancel);
        var added = Assert.Single(table.Snapshot.Files, f => !before.Contains(f.Path));
        Assert.Equal("2031", added.PartitionValues["event_year"]);
        Assert.StartsWith("event_year=2031/", added.Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_generated_column_with_another_value_is_refused()
    {
        var schema = DeltaType.Struct(
            new StructField("c1", DeltaType.Integer),
            new StructField("c2", DeltaType.Integer, true, new Dictionary<string,
                System.Text.Json.JsonElement>
            { ["delta.generationExpression"] = SerializeToElement("c1 + 1") }));
        var table = await DeltaTable.CreateAsync(_folder.Store, schema, null, _cancel);
        var both = new RowMapping<(int A, int B)>().Column("c1", DeltaType.Integer, r => r.A).Column("c2", DeltaType.Integer, r => r.B);
        var error = await Assert.ThrowsAsync<DeltaException>(() => table.AppendAsync([both.ToBatch([(1, 5)])], _cancel));
        Assert.Contains("has 5 in the generated column 'c2'", error.Message, StringComparison.Ordinal);
        await table.AppendAsync([both.ToBatch([(1, 2)])], _cancel);
        await table.AppendAsync([new RowMapping<int>().Column("c1", DeltaType.Integer, r => r).ToBatch([10])], _cancel);
        Assert.Equal(13, await ScalarAsync<long>(table, "select sum(c2)::bigint from t"));
        Assert.Equal(4, table.Snapshot.Protocol.MinWriterVersion);
    }

    [Fact]
    public async Task An_identity_column_counts_on_across_commits_and_lost_races_never_give_a_value_twice()
    {
        var schema = DeltaType.Struct(
            new StructField("id", DeltaType.Long, true, new Dictionary<string, System.Text.Json.JsonElement>
            {
                ["delta.identity.start"] = SerializeToElement(10L),
                ["delta.identity.step"] = SerializeToElement(5L),
                ["delta.identity.allowExplicitInsert"] = SerializeToElement(false),
            }),
            new StructField("name", DeltaType.String));
        var table = await DeltaTable.CreateAsync(_folder.Store, schema, null, _cancel);
        var mapping = new RowMapping<string>().Column("name", DeltaType.String, n => n);
        await table.AppendAsync([mapping.ToBatch(["a", "b"])], _cancel);
        var second = await DeltaTable.OpenAsync(_folder.Store, null, _cancel);
        await second.AppendAsync([mapping.ToBatch(["c"])], _cancel);
        Assert.Equal("[10, 15, 20]", await ScalarAsync<string>(second, "select list(id order by id)::varchar from t"));
        Assert.Equal("20", second.Snapshot.Schema["id"].Text("delta.identity.highWaterMark"));
    }

    [Fact]
    public async Task A_table_with_a_feature_nobody_knows_is_not_written()
    {
        var table = await DeltaTable.OpenAsync(GoldenCopy.Of("authored-unknown-writer-feature", _folder), null, _cancel);
        var files = Directory.GetFiles(_folder.Path, "*.parquet").Length;
        var mapping = new RowMapping<long>().Column(table.Snapshot.Schema.Fields[0].Name, table.Snapshot.Schema.Fields[0].Type, v => v);
        await Assert.ThrowsAsync<DeltaException>(() => table.AppendAsync([mapping.ToBatch([1L])], _cancel));
        Assert.Equal(files, Directory.GetFiles(_folder.Path, "*.parquet").Length);
    }

    [Fact]
    public async Task A_constraint_is_promised_only_where_the_rows_that_are_there_hold_it()
    {
        var table = await DeltaTable.CreateAsync(_folder.Store, Order.Mapping.Schema, null, _cancel);
        await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(10))], _cancel);
        var error = await Assert.ThrowsAsync<DeltaException>(
            () => table.SetPropertiesAsync(new Dictionary<string, string?> { ["delta.constraints.small"] = "id < 9" }, _cancel));
        Assert.Contains("does not hold for a row", error.Message, StringComparison.Ordinal);
        await table.SetPropertiesAsync(new Dictionary<string, string?> { ["delta.constraints.small"] = "id < 10" }, _cancel);
        Assert.Equal(3, table.Snapshot.Protocol.MinWriterVersion);
        await Assert.ThrowsAsync<DeltaException>(() => table.AppendAsync([Order.Mapping.ToBatch(Order.Some(1, 10))], _cancel));
    }

    private async Task<T?> ScalarAsync<T>(DeltaTable table, string sql)
    {
        await using var lake = LakeQuery.Open();
        await lake.RegisterAsync("t", await table.RefreshAsync(_cancel), _cancel);
        return await lake.ScalarAsync<T>(sql, _cancel);
    }
}
