using DataPlatform.Kernel;
using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Tests.Kit;

namespace DataPlatform.Lakehouse.Tests.Commands;

public sealed class TableShapeTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Create_or_replace_changes_shape_and_rows_in_one_commit_and_keeps_the_history()
    {
        var small = new RowMapping<long>().Column("n", DeltaType.Long, n => n);
        var first = await DeltaTable.CreateOrReplaceAsync(_folder.Store, small.Schema, null, Batches(small, 1, 2, 3), _cancel);
        Assert.Equal((0, 3), (first.Snapshot.Version, first.Snapshot.RowCount));
        var again = await DeltaTable.CreateOrReplaceAsync(
            _folder.Store, Order.Mapping.Schema, new()
            {
                PartitionColumns = ["day"],
                Properties = new Dictionary<string, string> { ["delta.enableChangeDataFeed"] = "true" },
            },
            new[] { Order.Mapping.ToBatch(Order.Some(9)) }.ToAsyncEnumerable(), _cancel);

        Assert.Equal((1, 9, "day"), (again.Snapshot.Version, again.Snapshot.RowCount, again.Snapshot.PartitionColumns.Single()));
        Assert.Equal(first.Snapshot.Metadata.Id, again.Snapshot.Metadata.Id);
        Assert.Equal(4, again.Snapshot.Protocol.MinWriterVersion);
        Assert.Equal(3, (await again.SnapshotAtAsync(0, _cancel)).RowCount);
        Assert.Equal("CREATE OR REPLACE TABLE AS SELECT", (await again.HistoryAsync(1, _cancel))[0].Info!.Operation);
    }

    [Fact]
    public async Task A_replacement_never_gives_a_column_id_or_a_row_id_twice()
    {
        var options = new DeltaTableOptions
        {
            Properties = new Dictionary<string, string> { ["delta.columnMapping.mode"] = "name", ["delta.enableRowTracking"] = "true" },
        };
        var small = new RowMapping<long>().Column("n", DeltaType.Long, n => n);
        var table = await DeltaTable.CreateOrReplaceAsync(_folder.Store, small.Schema, options, Batches(small, 1, 2, 3), _cancel);
        table = await DeltaTable.CreateOrReplaceAsync(_folder.Store, small.Schema, options, Batches(small, 4), _cancel);
        Assert.Equal("2", table.Snapshot.Schema["n"].Text("delta.columnMapping.id"));
        Assert.Equal(3, table.Snapshot.Files[0].BaseRowId);
    }

    [Fact]
    public async Task A_clustered_table_names_its_columns_in_its_domain_and_keeps_their_statistics()
    {
        var table = await DeltaTable.CreateAsync(
            _folder.Store, Order.Mapping.Schema, new()
            {
                ClusterBy = ["placed"],
                Properties = new Dictionary<string, string> { ["delta.dataSkippingNumIndexedCols"] = "1" },
            }, _cancel);
        await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(9))], _cancel);
        Assert.Equal("""{"clusteringColumns":[["placed"]],"domainName":"delta.clustering"}""", table.Snapshot.Domains["delta.clustering"].Configuration);
        Assert.Contains("clustering", table.Snapshot.Protocol.WriterFeatures!);
        using var stats = System.Text.Json.JsonDocument.Parse(table.Snapshot.Files[0].Stats!);
        Assert.Equal(["id", "placed"], stats.RootElement.GetProperty("minValues").EnumerateObject().Select(p => p.Name));
        var error = await Assert.ThrowsAsync<DeltaException>(
            () => DeltaTable.CreateAsync(new TempFolder().Store, Order.Mapping.Schema, new() { ClusterBy = ["paid"] }, _cancel));
        Assert.Contains("'paid'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_widened_column_reads_old_and_new_values()
    {
        var schema = DeltaType.Struct(
            new StructField("n", DeltaType.Integer), new StructField("s", DeltaType.Struct(new StructField("x", DeltaType.Float))),
            new StructField("l", DeltaType.Array(DeltaType.Short)));
        var narrow = new RowMapping<int>().Column("n", DeltaType.Integer, n => n).Struct(
            "s", new RowMapping<int>().Column("x", DeltaType.Float, v => v / 2f, nullable: true), n => n)
            .List("l", DeltaType.Short, n => new[] { (short)n });
        var table = await DeltaTable.CreateAsync(_folder.Store, schema, null, _cancel);
        await table.AppendAsync([narrow.ToBatch([1, 2])], _cancel);
        var off = await Assert.ThrowsAsync<DeltaException>(() => table.WidenColumnAsync("n", DeltaType.Long, _cancel));
        Assert.Contains("delta.enableTypeWidening", off.Message, StringComparison.Ordinal);

        await table.SetPropertiesAsync(new Dictionary<string, string?> { ["delta.enableTypeWidening"] = "true" }, _cancel);
        await table.WidenColumnAsync("n", DeltaType.Long, _cancel);
        await table.WidenColumnAsync("s.x", DeltaType.Double, _cancel);
        await table.WidenColumnAsync("l.element", DeltaType.Integer, _cancel);
        await table.WidenColumnAsync("l.element", DeltaType.Long, _cancel);
        Assert.Equal("struct<n: long, s: struct<x: double>, l: array<long>>", table.Snapshot.Schema.ToString());
        Assert.Equal("""[{"toType":"long","fromType":"integer"}]""", table.Snapshot.Schema["n"].Text("delta.typeChanges"));
        Assert.Equal(
            """[{"toType":"integer","fromType":"short","fieldPath":"element"},{"toType":"long","fromType":"integer","fieldPath":"element"}]""",
            table.Snapshot.Schema["l"].Text("delta.typeChanges"));
        Assert.Contains("typeWidening", table.Snapshot.Protocol.ReaderFeatures!);
        var wide = new RowMapping<long>().Column("n", DeltaType.Long, n => (long?)n).Struct(
            "s", new RowMapping<long>().Column("x", DeltaType.Double, v => v / 2.0, nullable: true), n => n)
            .List("l", DeltaType.Long, n => new[] { n });
        await table.AppendAsync([wide.ToBatch([1L << 40])], _cancel);

        await using var lake = LakeQuery.Open();
        lake.Register("t", table.Snapshot);
        Assert.Equal((1L << 40) + 3, await lake.ScalarAsync<long>("select sum(n)::bigint from t where n = l[1] and s.x = n / 2", _cancel));
        var backwards = await Assert.ThrowsAsync<DeltaException>(() => table.WidenColumnAsync("n", DeltaType.Integer, _cancel));
        Assert.Contains("'n' is long and cannot be widened to integer", backwards.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("byte", "short", true)]
    [InlineData("integer", "double", true)]
    [InlineData("long", "double", false)]
    [InlineData("integer", "decimal(10,0)", true)]
    [InlineData("integer", "decimal(11,2)", false)]
    [InlineData("long", "decimal(22,2)", true)]
    [InlineData("decimal(10,2)", "decimal(12,4)", true)]
    [InlineData("decimal(10,2)", "decimal(11,4)", false)]
    [InlineData("date", "timestamp_ntz", true)]
    [InlineData("date", "timestamp", false)]
    [InlineData("float", "float", false)]
    public void Types_widen_as_the_protocol_lists_them(string from, string to, bool allowed)
    {
        static DeltaType Type(string name) => StructType.FromJson(
            $$$"""{"type":"struct","fields":[{"name":"x","type":"{{{name}}}","nullable":true,"metadata":{}}]}""").Fields[0].Type;
        Assert.Equal(allowed, TypeWidening.IsAllowed(Type(from), Type(to)));
    }

    [Fact]
    public async Task A_nested_field_is_renamed_and_dropped_without_a_rewrite()
    {
        var place = new RowMapping<long>().Column("x", DeltaType.Long, v => v, nullable: true).Column(
            "y", DeltaType.Long, v => -v, nullable: true);
        var mapping = new RowMapping<long>().Column("id", DeltaType.Long, v => v).Struct("place", place, v => v);
        var table = await DeltaTable.CreateAsync(
            _folder.Store, mapping.Schema, new() { Properties = new Dictionary<string, string> { ["delta.columnMapping.mode"] = "name" } },
                _cancel);
        await table.AppendAsync([mapping.ToBatch([1, 2, 3])], _cancel);
        await table.RenameColumnAsync("place.x", "east", _cancel);
        await table.DropColumnAsync("place.y", _cancel);
        Assert.Equal("struct<id: long, place: struct<east: long>>", table.Snapshot.Schema.ToString());
        await using var lake = LakeQuery.Open();
        lake.Register("t", table.Snapshot);
        Assert.Equal(6, await lake.ScalarAsync<long>("select sum(place.east)::bigint from t", _cancel));
    }

    [Fact]
    public async Task Features_are_listed_on_request_and_unknown_ones_refused_by_name()
    {
        var table = await DeltaTable.CreateAsync(
            _folder.Store, Order.Mapping.Schema,
                new() { Properties = new Dictionary<string, string> { ["delta.feature.deletionVectors"] = "supported" } }, _cancel);
        Assert.Empty(table.Snapshot.Metadata.Configuration);
        Assert.Contains("deletionVectors", table.Snapshot.Protocol.ReaderFeatures!);
        Assert.Equal(1, await table.UpgradeProtocolAsync(["rowTracking"], _cancel));
        Assert.Equal(1, await table.UpgradeProtocolAsync(["rowTracking", "domainMetadata"], _cancel));
        Assert.Contains("domainMetadata", table.Snapshot.Protocol.WriterFeatures!);
        var error = await Assert.ThrowsAsync<DeltaException>(() => table.UpgradeProtocolAsync(["teleport"], _cancel));
        Assert.Contains("'teleport'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Domains_travel_with_the_table_and_reserved_names_are_refused()
    {
        var table = await DeltaTable.CreateAsync(
            _folder.Store, Order.Mapping.Schema,
                new() { Properties = new Dictionary<string, string> { ["delta.feature.domainMetadata"] = "supported" } }, _cancel);
        var set = table.BeginTransaction();
        set.SetDomain("acme.lineage", "{\"from\":1}");
        await set.CommitAsync("SET DOMAIN", _cancel);
        await table.CheckpointAsync(_cancel);
        Assert.Equal("{\"from\":1}",
            (await DeltaTable.OpenAsync(_folder.Store, null, _cancel)).Snapshot.Domains["acme.lineage"].Configuration);
        var (one, two) = (table.BeginTransaction(), table.BeginTransaction());
        one.RemoveDomain("acme.lineage");
        two.SetDomain("acme.lineage", "{}");
        await one.CommitAsync("SET DOMAIN", _cancel);
        Assert.Equal(ErrorKind.Conflict, (await Assert.ThrowsAsync<DeltaException>(() => two.CommitAsync("SET DOMAIN", _cancel))).Kind);
        Assert.Empty(table.Snapshot.Domains);
        Assert.Throws<DeltaException>(() => table.BeginTransaction().SetDomain("delta.rowTracking", "{}"));
    }

    private static IAsyncEnumerable<Apache.Arrow.RecordBatch> Batches(RowMapping<long> mapping, params long[] rows)
        => new[] { mapping.ToBatch(rows) }.ToAsyncEnumerable();
}
