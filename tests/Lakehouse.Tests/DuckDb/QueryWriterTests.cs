using System.Text.Json;
using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Lakehouse.Tests.Kit;

namespace DataPlatform.Lakehouse.Tests.DuckDb;

public sealed class QueryWriterTests : IDisposable
{
    private const string Source = """
        select i as id, case when i % 7 = 0 then null else 'customer-' || repeat('x', 40) || i % 13 end as customer, date '2001-01-01' + (i % 3)::int as day,
               (i * 1.25)::decimal(12,2) as amount, make_timestamp(950400000000000 + i * 997001) as placed,
               case when i % 5 = 0 then null when i = 8 then 'nan'::double else i / 3.0 end as weight, i % 2 = 0 as paid
        from range(1000) r(i)
        """;

    private readonly TempFolder _folder = new();
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_rows_of_a_query_land_in_the_table_with_the_statistics_of_its_own_write_path(bool partitioned)
    {
        var schema = new Schemas.StructType([.. Order.Mapping.Schema.Fields.Select(f => f with { Nullable = true })]);
        var table = await DeltaTable.CreateAsync(_folder.Store, schema, new() { PartitionColumns = partitioned ? ["day"] : [] }, _cancel);
        await using var lake = LakeQuery.Open();
        Assert.Equal(1, await lake.WriteAsync(table, Source, null, _cancel));

        Assert.Equal((partitioned ? 3 : 1, 1_000), (table.Snapshot.Files.Count, table.Snapshot.RowCount));
        await lake.RegisterAsync("t", table.Snapshot, _cancel);
        Assert.Equal(0, await lake.ScalarAsync<long>($"select count(*) from ((select * from t except all ({Source})) union all (({Source}) except all select * from t))", _cancel));
        Assert.True((await table.CheckAsync(_cancel)).IsSound);
        foreach (var file in table.Snapshot.Files)
        {
            using var stats = JsonDocument.Parse(file.Stats!);
            var maxima = stats.RootElement.GetProperty("maxValues");
            Assert.EndsWith("x\u007f", maxima.GetProperty("customer").GetString(), StringComparison.Ordinal);
            Assert.Equal(file.PartitionValues.Count > 0 && file.PartitionValues["day"] != "2001-01-03", maxima.TryGetProperty("weight", out _));
            Assert.EndsWith("Z", maxima.GetProperty("placed").GetString(), StringComparison.Ordinal);
        }

        Assert.Equal(2, await lake.WriteAsync(table, $"select * from ({Source}) where id < 10", new() { Mode = WriteMode.Overwrite }, _cancel));
        Assert.Equal(10, table.Snapshot.RowCount);
        Assert.Contains("'ids'", (await Assert.ThrowsAsync<DeltaException>(() => lake.WriteAsync(table, "select 1 as ids", null, _cancel))).Message, StringComparison.Ordinal);
    }
}
