using System.Text;
using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Snapshots;
using DataPlatform.Lakehouse.Tests.Kit;

namespace DataPlatform.Lakehouse.Tests.DeltaLog;

public sealed class BadInputTests
{
    private const string Metadata =
        """{"metaData":{"id":"x","format":{"provider":"parquet","options":{}},"schemaString":"{\"type\":\"struct\",\"fields\":[{\"name\":\"id\",\"type\":\"long\",\"nullable\":true,\"metadata\":{}}]}","partitionColumns":[],"configuration":{}}}""";

    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;
    private readonly InMemoryObjectStore _store = new();

    [Fact]
    public async Task A_folder_that_is_not_a_table_is_refused()
    {
        await _store.PutAsync("readme.txt", new byte[1], _cancel);
        var error = await Assert.ThrowsAsync<DeltaException>(() => DeltaTable.OpenAsync(_store, null, _cancel));
        Assert.Equal(ErrorKind.Invalid, error.Kind);
        Assert.Contains("not a Delta table", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_half_written_last_line_is_refused_with_file_and_line()
    {
        var error = await OpenAsync("""{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}""" + "\n" + Metadata + "\n" + """{"add":{"path":"a.parq""");
        Assert.Equal(ErrorKind.Corrupt, error.Kind);
        Assert.Contains("'_delta_log/00000000000000000000.json' line 3", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["warpDrive"],"writerFeatures":["warpDrive"]}}""", "warpDrive")]
    [InlineData("""{"protocol":{"minReaderVersion":99,"minWriterVersion":7}}""", "99")]
    [InlineData("""{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["catalogManaged"],"writerFeatures":["catalogManaged"]}}""", "catalogManaged")]
    public async Task A_protocol_that_is_not_known_is_refused_by_name(string protocol, string name)
    {
        var error = await OpenAsync(protocol + "\n" + Metadata);
        Assert.Equal(ErrorKind.Invalid, error.Kind);
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_that_leaves_the_table_is_refused()
    {
        await PutAsync(0, """{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}""" + "\n" + Metadata + "\n"
            + """{"add":{"path":"../../etc/passwd","partitionValues":{},"size":1,"modificationTime":1,"dataChange":true}}""");
        var table = await DeltaTable.OpenAsync(_store, null, _cancel);
        var error = Assert.Throws<DeltaException>(() => table.Snapshot.PathOf(table.Snapshot.Files[0]));
        Assert.Contains("not below the table's root", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_writer_feature_lets_the_table_be_read_and_not_written()
    {
        await PutAsync(0, """{"protocol":{"minReaderVersion":1,"minWriterVersion":7,"writerFeatures":["futureThing"]}}""" + "\n" + Metadata);
        var table = await DeltaTable.OpenAsync(_store, null, _cancel);
        var mapping = new RowMapping<long>().Column("id", DeltaType.Long, v => v);
        var error = await Assert.ThrowsAsync<DeltaException>(() => table.AppendAsync([mapping.ToBatch([1L])], _cancel));
        Assert.Contains("'futureThing', which this engine cannot write", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, (await table.RefreshAsync(_cancel)).Version);
    }

    [Fact]
    public async Task Unknown_actions_fields_and_blank_lines_are_passed_over()
    {
        await PutAsync(0, "\n" + """{"protocol":{"minReaderVersion":1,"minWriterVersion":2,"later":[{}]}}""" + "\r\n" + Metadata + "\n"
            + """{"someday":{"x":1}}""" + "\n"
            + """{"add":{"path":"a%20b.parquet","partitionValues":{},"size":5,"modificationTime":1,"dataChange":true,"extra":{"deep":[1,2]},"stats":"{\"numRecords\":3}"}}""");
        var snapshot = (await DeltaTable.OpenAsync(_store, null, _cancel)).Snapshot;
        Assert.Equal((3, 5), (snapshot.RowCount, snapshot.SizeBytes));
        Assert.Equal("a b.parquet", snapshot.PathOf(snapshot.Files[0]));
    }

    [Fact]
    public async Task A_gap_in_the_log_is_refused_with_the_missing_file()
    {
        var table = await DeltaTable.CreateAsync(_store, Order.Mapping.Schema, null, _cancel);
        await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(1))], _cancel);
        await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(1))], _cancel);
        await _store.DeleteAsync("_delta_log/00000000000000000001.json", _cancel);
        var error = await Assert.ThrowsAsync<DeltaException>(() => DeltaTable.OpenAsync(_store, null, _cancel));
        Assert.Equal(ErrorKind.Corrupt, error.Kind);
        Assert.Contains("00000000000000000001.json", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_that_do_not_fit_the_schema_are_refused_with_column_and_types()
    {
        var table = await DeltaTable.CreateAsync(_store, Order.Mapping.Schema, null, _cancel);
        var wrong = new RowMapping<int>().Column("id", DeltaType.Integer, v => v);
        var unknown = new RowMapping<int>().Column("idd", DeltaType.Integer, v => v);
        Assert.Contains(
            "'id' is long in the table, and int32", (await Refused(wrong.ToBatch([1]))).Message, StringComparison.Ordinal);
        Assert.Contains("'idd'", (await Refused(unknown.ToBatch([1]))).Message, StringComparison.Ordinal);
        Assert.Equal(0, (await table.RefreshAsync(_cancel)).Version);

        Task<DeltaException> Refused(Apache.Arrow.RecordBatch batch) => Assert.ThrowsAsync<DeltaException>(() => table.AppendAsync([batch], _cancel));
    }

    [Fact]
    public async Task Null_for_a_column_that_must_have_a_value_is_refused_with_the_row()
    {
        var schema = new StructType([new StructField("name", DeltaType.String, Nullable: false)]);
        var table = await DeltaTable.CreateAsync(_store, schema, null, _cancel);
        var mapping = new RowMapping<string?>().Column("name", DeltaType.String, v => v);
        var error = await Assert.ThrowsAsync<DeltaException>(() => table.AppendAsync([mapping.ToBatch(["a", "b", null])], _cancel));
        Assert.Contains("'name' is NOT NULL, and row 2", error.Message, StringComparison.Ordinal);
    }

    private ValueTask PutAsync(long version, string text) => _store.PutAsync($"_delta_log/{version:D20}.json", Encoding.UTF8.GetBytes(text), _cancel);

    private async Task<DeltaException> OpenAsync(string commit)
    {
        await PutAsync(0, commit);
        return await Assert.ThrowsAsync<DeltaException>(() => DeltaTable.OpenAsync(_store, null, _cancel));
    }
}
