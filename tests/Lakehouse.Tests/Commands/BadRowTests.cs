using Apache.Arrow;
using DataPlatform.Kernel;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Tests.Kit;

namespace DataPlatform.Lakehouse.Tests.Commands;

/// <summary>Rows that cannot be written: the message names the column or the row and the rule, and nothing is left behind.</summary>
public sealed class BadRowTests : IDisposable
{
    private static readonly Schemas.StructType Schema = DeltaType.Struct(
        new StructField("id", DeltaType.Long, false), new StructField("name", DeltaType.String), new StructField("at", DeltaType.Timestamp),
        new StructField("price", DeltaType.Decimal(10, 2)),
            new StructField("place", DeltaType.Struct(new StructField("x", DeltaType.Integer))),
        new StructField("tags", DeltaType.Array(DeltaType.String)));

    private readonly TempFolder _folder = new();
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string> Mismatches() => new()
    {
        { "id string", "'id' is long in the table, and utf8" },
        { "other int", "'other' (int32) is not in the table; its columns are id, name, at, price, place, tags" },
        { "at ntz", "'at' is timestamp in the table, and timestamp[Microsecond]" },
        { "price wide", "'price' is decimal(10,2) in the table, and decimal(12,2)" },
        { "place flat", "'place' is struct<x: integer> in the table, and int32" },
        { "tags numbers", "'tags' is array<string> in the table, and list" },
        { "no id", "'id' is NOT NULL, and row 0" },
    };

    [Theory]
    [MemberData(nameof(Mismatches))]
    public async Task A_batch_of_another_shape_is_refused_by_column_and_types(string what, string message)
    {
        var table = await DeltaTable.CreateAsync(_folder.Store, Schema, null, _cancel);
        var mapping = new RowMapping<int>();
        mapping = what switch
        {
            "id string" => mapping.Column("id", DeltaType.String, i => "x"),
            "other int" => mapping.Column("id", DeltaType.Long, i => (long)i).Column("other", DeltaType.Integer, i => i),
            "at ntz" => mapping.Column("id", DeltaType.Long, i => (long)i).Column("at", DeltaType.TimestampNtz, i => (long)i),
            "price wide" => mapping.Column("id", DeltaType.Long, i => (long)i).Column("price", DeltaType.Decimal(12, 2), i => 1m),
            "place flat" => mapping.Column("id", DeltaType.Long, i => (long)i).Column("place", DeltaType.Integer, i => i),
            "tags numbers" => mapping.Column("id", DeltaType.Long, i => (long)i).List("tags", DeltaType.Long, i => new[] { 1L }),
            _ => mapping.Column("name", DeltaType.String, i => "x"),
        };
        await RefusedAsync(table, () => table.AppendAsync([mapping.ToBatch([1, 2])], _cancel), message);
    }

    [Fact]
    public async Task The_row_is_counted_from_the_first_one_of_the_whole_write_and_finished_files_go_again()
    {
        var mapping = new RowMapping<long>().Column("id", DeltaType.Long, i => i);
        var table = await DeltaTable.CreateAsync(
            _folder.Store, mapping.Schema, new()
            {
                TargetFileSizeBytes = 1,
                Properties = new Dictionary<string, string> { ["delta.constraints.small"] = "id < 1000" },
            }, _cancel);
        await RefusedAsync(
            table, () => table.WriteRecordsAsync(
                AsyncEnumerable.Range(0, 50_000).Select(i => i == 40_000 ? 5_000L : i % 1_000), mapping, null, _cancel),
            "Row 40000 breaks the constraint 'small' (id < 1000): id = 5000. Nothing was written.");
        RecordBatch[] batches = [mapping.ToBatch([1, 2, 3]), mapping.ToBatch([4, 5_000])];
        await RefusedAsync(table, () => table.AppendAsync(batches, _cancel), "Row 4 breaks the constraint 'small'");
        await RefusedAsync(
            table, () => table.WriteAsync(
                batches, new() { Mode = WriteMode.Overwrite, ReplaceWhere = Lakehouse.Scans.Predicate.Parse("id < 5") }, _cancel), "Row 4");
    }

    [Fact]
    public async Task A_decimal_or_an_identity_value_that_does_not_fit_is_named()
    {
        var price = new RowMapping<decimal>().Column("price", DeltaType.Decimal(10, 2), p => p);
        Assert.Contains("0.001 does not fit the column 'price'",
            Assert.Throws<DeltaException>(() => price.ToBatch([1.5m, 0.001m])).Message, StringComparison.Ordinal);
        var schema = DeltaType.Struct(
            new StructField("id", DeltaType.Long, true, new Dictionary<string, System.Text.Json.JsonElement>
            {
                ["delta.identity.start"] = System.Text.Json.JsonSerializer.SerializeToElement(1L),
                ["delta.identity.step"] = System.Text.Json.JsonSerializer.SerializeToElement(1L),
                ["delta.identity.allowExplicitInsert"] = System.Text.Json.JsonSerializer.SerializeToElement(false),
            }), new StructField("name", DeltaType.String));
        var table = await DeltaTable.CreateAsync(_folder.Store, schema, null, _cancel);
        await RefusedAsync(
            table, () => table.AppendAsync([new RowMapping<long>().Column("id", DeltaType.Long, i => i).ToBatch([7])], _cancel),
                "'id' is GENERATED ALWAYS");
    }

    private async Task RefusedAsync(DeltaTable table, Func<Task> write, string message)
    {
        var version = (await table.RefreshAsync(_cancel)).Version;
        var error = await Assert.ThrowsAsync<DeltaException>(write);
        Assert.Equal(ErrorKind.Invalid, error.Kind);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Equal(version, (await table.RefreshAsync(_cancel)).Version);
        Assert.Empty(Directory.GetFiles(_folder.Path, "*.parquet", SearchOption.AllDirectories));
    }
}
