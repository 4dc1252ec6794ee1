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
        Assert.Equal(0, await lake.ScalarAsync<long>(
            $"select count(*) from ((select * from t except all ({Source})) union all (({Source}) except all select * from t))", _cancel));
        Assert.True((await table.CheckAsync(_cancel)).IsSound);
        foreach (var file in table.Snapshot.Files)
        {
            using var stats = JsonDocument.Parse(file.Stats!);
            var maxima = stats.RootElement.GetProperty("maxValues");
            Assert.EndsWith("x\u007f", maxima.GetProperty("customer").GetString(), StringComparison.Ordinal);
            Assert.Equal(file.PartitionValues.Count > 0
                && file.PartitionValues["day"] != "2001-01-03", maxima.TryGetProperty("weight", out _));
            Assert.EndsWith("Z", maxima.GetProperty("placed").GetString(), StringComparison.Ordinal);
        }

        Assert.Equal(2, await lake.WriteAsync(
            table, $"select * from ({Source}) where id < 10", new() { Mode = WriteMode.Overwrite }, _cancel));
        Assert.Equal(10, table.Snapshot.RowCount);
        Assert.Contains("'ids'",
            (await Assert.ThrowsAsync<DeltaException>(() => lake.WriteAsync(table, "select 1 as ids", null, _cancel))).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("name")]
    [InlineData("id")]
    public async Task COPY_and_the_engine_s_own_writer_state_the_same_of_the_same_rows(string mapping)
    {
        var properties = new Dictionary<string,
            string>
        { ["delta.columnMapping.mode"] = mapping, ["delta.dataSkippingNumIndexedCols"] = "12" };
        const string Rows = """
            select i::bigint as id, case when i % 3 = 0 then null else 'k ä' || i % 3 end as part, (i % 2 = 0) as flag, i / 7.0::double as d, (i / 3)::float as f,
                   (i * 1.5)::decimal(20, 3) as price, date '2001-01-01' + i::int as day, make_timestamp(950400000000000 + i)::timestamptz as at,
                   make_timestamp(950400000000000 + i * 7) as local, repeat('z', 30) || i as long_text,
                   case when i % 4 = 0 then null else {'x': i::int, 'in': {'y': 'q' || i}} end as place, [i::bigint] as list, i::tinyint as tiny, i::smallint as late
            from range(100) r(i)
            """;
        await using var lake = LakeQuery.Open();
        using var other = new TempFolder();
        var schema = Schemas.ArrowSchemas.FromArrow((await lake.QueryArrowAsync(Rows, _cancel).FirstAsync(_cancel)).Schema);
        var options = new DeltaTableOptions { PartitionColumns = ["part", "flag"], Properties = properties };
        var copied = await DeltaTable.CreateAsync(_folder.Store, schema, options, _cancel);
        var written = await DeltaTable.CreateOrReplaceAsync(
            other.Store, copied.Snapshot.Schema, options, lake.QueryArrowAsync(Rows, _cancel), _cancel);
        await lake.WriteAsync(copied, Rows, null, _cancel);

        static string Partition(Lakehouse.DeltaLog.AddFile f) => string.Join('|', f.PartitionValues.Values);
        Assert.Equal(6, copied.Snapshot.Files.Count);
        foreach (var (a, b) in copied.Snapshot.Files.OrderBy(Partition).Zip(written.Snapshot.Files.OrderBy(Partition)))
        {
            Assert.Equal(Partition(b), Partition(a));
            var (left, right) = (System.Text.Json.Nodes.JsonNode.Parse(a.Stats!)!, System.Text.Json.Nodes.JsonNode.Parse(b.Stats!)!);
            foreach (var kind in new[] { "numRecords", "minValues", "maxValues" })
            {
                Assert.Equal(Names(right[kind]!, written), Names(left[kind]!, copied));
            }
        }

        Assert.Empty((await copied.CheckAsync(_cancel)).Findings);
        await lake.RegisterAsync("a", copied.Snapshot, _cancel);
        await lake.RegisterAsync("b", written.Snapshot, _cancel);
        Assert.Equal(0, await lake.ScalarAsync<long>(
            "select count(*) from ((from a except all from b) union all (from b except all from a))", _cancel));
    }

    [Fact]
    public async Task Files_of_a_query_are_split_by_size_in_every_partition()
    {
        var mapping = new RowMapping<long>().Column("id", Schemas.DeltaType.Long, i => (long?)i).Column(
            "h", Schemas.DeltaType.Long, i => (long?)i)
            .Column("p", Schemas.DeltaType.Integer, i => (int?)i);
        foreach (var partitions in new string[][] { [], ["p"] })
        {
            using var folder = new TempFolder();
            var table = await DeltaTable.CreateAsync(folder.Store, mapping.Schema, new()
            {
                PartitionColumns = partitions,
                TargetFileSizeBytes = 1_000_000,
                Properties = new Dictionary<string,
                    string>
                { ["delta.columnMapping.mode"] = "id" },
            }, _cancel);
            await using var lake = LakeQuery.Open();
            await lake.WriteAsync(table,
                "select i as id, (hash(i) >> 1)::bigint as h, (case when i < 10 then 1 else 2 end) as p from range(500000) t(i)", null,
                _cancel);
            Assert.Equal(500_000, table.Snapshot.RowCount);
            Assert.InRange(table.Snapshot.Files.Count, 3, 12);
            Assert.All(table.Snapshot.Files, f => Assert.InRange(f.Size, 0, 2_500_000));
            Assert.True((await table.CheckAsync(_cancel)).IsSound);
            Assert.Empty(Directory.GetDirectories(folder.Path, "staging-*"));
        }
    }

    [Fact]
    public async Task Modes_and_idempotence_hold_for_queries_and_a_missing_value_writes_nothing()
    {
        var schema = new Schemas.StructType([.. Order.Mapping.Schema.Fields.Select(f => f with { Nullable = f.Name != "id" })]);
        var table = await DeltaTable.CreateAsync(_folder.Store, schema, new() { PartitionColumns = ["day"] }, _cancel);
        await using var lake = LakeQuery.Open();
        await lake.WriteAsync(table, Source, new() { Transaction = ("loader", 1) }, _cancel);
        await lake.WriteAsync(table, Source, new() { Transaction = ("loader", 1) }, _cancel);
        Assert.Equal((1, 1_000), (table.Snapshot.Version, table.Snapshot.RowCount));
        await lake.WriteAsync(
            table, $"from ({Source}) where day = date '2001-01-02' and id < 20", new() { Mode = WriteMode.OverwritePartitions }, _cancel);
        Assert.Equal(1_000 - 333 + 7, table.Snapshot.RowCount);
        var files = Directory.GetFiles(_folder.Path, "*.parquet", SearchOption.AllDirectories).Length;
        var error = await Assert.ThrowsAsync<DeltaException>(
            () => lake.WriteAsync(table, $"select * replace (nullif(id, 4) as id) from ({Source})", null, _cancel));
        Assert.Contains("'id' is NOT NULL, and 1 rows", error.Message, StringComparison.Ordinal);
        var wrong = await Assert.ThrowsAsync<DeltaException>(() => lake.WriteAsync(table, "select 'abc' as id", null, _cancel));
        Assert.Contains("'abc'", wrong.Message, StringComparison.Ordinal);
        Assert.Equal((2, files),
            (table.Snapshot.Version, Directory.GetFiles(_folder.Path, "*.parquet", SearchOption.AllDirectories).Length));
    }

    [Fact]
    public async Task A_table_with_rules_takes_a_query_through_them()
    {
        var table = await DeltaTable.CreateAsync(
            _folder.Store, new Schemas.StructType([.. Order.Mapping.Schema.Fields.Select(f => f with { Nullable = true })]),
            new() { Properties = new Dictionary<string, string> { ["delta.constraints.few"] = "id < 1000" } }, _cancel);
        await using var lake = LakeQuery.Open();
        await lake.WriteAsync(table, Source, null, _cancel);
        Assert.Equal(1_000, table.Snapshot.RowCount);
        var error = await Assert.ThrowsAsync<DeltaException>(
            () => lake.WriteAsync(table, $"select * replace (id + 1 as id) from ({Source})", null, _cancel));
        Assert.Contains("'few' (id < 1000): id = 1000", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, (await table.RefreshAsync(_cancel)).Version);
    }

    /// <summary>Statistics under logical names, sorted, as one text; numbers as numbers.</summary>
    private static string Names(System.Text.Json.Nodes.JsonNode node, DeltaTable table)
        => node is System.Text.Json.Nodes.JsonObject o
            ? "{" + string.Join(",",
                o.Select(p => $"{Logical(table.Snapshot.Schema, p.Key)}:{Names(p.Value!, table)}").Order(StringComparer.Ordinal)) + "}"
            : double.TryParse(node.ToString(), System.Globalization.CultureInfo.InvariantCulture, out var number)
                ? number.ToString("R", System.Globalization.CultureInfo.InvariantCulture) : node.ToString();

    private static string Logical(Schemas.StructType schema, string physical)
        => schema.Fields.FirstOrDefault(f => Schemas.ColumnMapping.PhysicalName(f) == physical)?.Name
            ?? schema.Fields.Select(f => f.Type).OfType<Schemas.StructType>().Select(s => Logical(s, physical)).FirstOrDefault(
                n => n != physical) ?? physical;
}
