using Apache.Arrow;
using DataPlatform.Lakehouse.Scans;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Tests.Kit;

namespace DataPlatform.Lakehouse.Tests.Scans;

public sealed class RowGroupTests : IDisposable
{
    private static readonly StructType Schema = DeltaType.Struct(
        new StructField("id", DeltaType.Long), new StructField("i", DeltaType.Integer), new StructField("name", DeltaType.String),
        new StructField("day", DeltaType.Date), new StructField("at", DeltaType.Timestamp), new StructField("price", DeltaType.Decimal(10, 2)),
        new StructField("x", DeltaType.Double), new StructField("f", DeltaType.Float), new StructField("flag", DeltaType.Boolean),
        new StructField("p", DeltaType.Integer));

    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;
    private readonly TempFolder _folder = new();
    private readonly RawTable _raw;

    public RowGroupTests() => _raw = new RawTable(_folder);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("id BETWEEN 5000 AND 5010")]
    [InlineData("i = 7777 AND flag")]
    [InlineData("name >= 'n9990'")]
    [InlineData("name = 'n5000' OR name IS NULL")]
    [InlineData("day = DATE '2001-01-15'")]
    [InlineData("`at` < TIMESTAMP '2001-01-01 00:10:00'")]
    [InlineData("price = 12.25")]
    [InlineData("x > 9998")]
    [InlineData("x <= 3.5 AND NOT (x = 0)")]
    [InlineData("f < 2 OR f >= 9990.5")]
    [InlineData("id IN (1, 9999, NULL)")]
    [InlineData("id NOT IN (1, 2) AND id < 5")]
    [InlineData("NOT (name IS NULL) AND id < 30")]
    [InlineData("p = 3 AND id % 1000 = 0")]
    [InlineData("length(name) = 2")]
    [InlineData("x IS NULL AND id > 9000")]
    [InlineData("id = 20000")]
    public async Task A_filtered_scan_gives_the_rows_of_a_full_one_whatever_it_skips(string where)
    {
        await FillAsync();
        await _raw.RowsAsync(where);
    }

    [Fact]
    public async Task A_scan_decodes_the_row_groups_that_may_match_and_counts_rows_from_the_start_of_the_file()
    {
        await FillAsync();
        var table = await DeltaTable.OpenAsync(_raw.Store, null, _cancel);
        var file = table.Snapshot.Files[0];
        Assert.Equal(10_240, await RowsAsync(null));
        Assert.Equal(2_048, await RowsAsync("id = 5000"));
        Assert.Equal(0, await RowsAsync("id = 20000"));
        Assert.Equal(10_240, await RowsAsync("x > 9990"));

        // Rows 0 and 5000 of the file are deleted: the second lies in the third row group.
        List<long> left = [];
        var condition = Predicate.Parse("id BETWEEN 4999 AND 5001").Expression;
        var deleted = Lakehouse.Scans.DeletionVectors.RowSet.Of([0, 5000]);
        await foreach (var batch in DataFileReader.ReadAsync(table.Snapshot, file, Schema, deleted, members: false, _cancel, condition))
        {
            left.AddRange(RowFilter.Matching(batch, condition).Select(r => ((Int64Array)batch.Column(0)).GetValue(r)!.Value));
        }

        Assert.Equal([4999L, 5001L], left);

        async Task<long> RowsAsync(string? where)
        {
            long rows = 0;
            await foreach (var batch in DataFileReader.ReadAsync(table.Snapshot, file, ["id", "x"], _cancel, where is null ? null : Predicate.Parse(where).Expression))
            {
                rows += batch.Length;
            }

            return rows;
        }
    }

    [Fact]
    public async Task Rows_come_in_the_order_of_the_files_and_an_error_after_the_rows_before_it()
    {
        var head = RawTable.Metadata(DeltaType.Struct(new StructField("id", DeltaType.Long)));
        await _raw.CommitAsync(0, [RawTable.Protocol(), head, .. Enumerable.Range(0, 9).Select(i => RawTable.Add($"{i}.parquet"))]);
        for (var i = 0; i < 9; i++)
        {
            await _raw.ParquetAsync($"{i}.parquet", $"SELECT {i}::BIGINT AS id FROM range(5)");
        }

        var table = await DeltaTable.OpenAsync(_raw.Store, null, _cancel);
        var order = table.Snapshot.Files.Select(f => f.Path).ToArray();
        File.WriteAllBytes(Path.Combine(_folder.Path, order[7]), [1, 2, 3]);
        List<long> seen = [];
        var error = await Assert.ThrowsAsync<DeltaException>(async () =>
        {
            await foreach (var batch in table.Scan().ReadAsync(_cancel))
            {
                seen.Add(((Int64Array)batch.Column(0)).GetValue(0)!.Value);
            }
        });
        Assert.Equal(order.Take(7), seen.Select(i => $"{i}.parquet"));
        Assert.Contains($"'{order[7]}'", error.Message, StringComparison.Ordinal);

        // Leaving early stops what was read ahead.
        await foreach (var batch in table.Scan().ReadAsync(_cancel))
        {
            Assert.Equal(5, batch.Length);
            break;
        }
    }

    private async Task FillAsync()
    {
        await _raw.ParquetAsync(
            "a.parquet",
            """
            SELECT i::BIGINT AS id, i::INT AS i, CASE WHEN i % 11 = 0 THEN NULL ELSE 'n' || i END AS name, DATE '2001-01-01' + (i // 500)::INT AS day,
                TIMESTAMPTZ '2001-01-01 00:00:00+00' + to_seconds(i) AS "at", (i * 0.25)::DECIMAL(10, 2) AS price,
                CASE WHEN i % 13 = 0 THEN NULL WHEN i = 4000 THEN 'NaN'::DOUBLE WHEN i = 0 THEN -0.0 ELSE i / 1.0 END AS x, i::FLOAT AS f, i % 2 = 1 AS flag
            FROM range(10240) t(i)
            """, ", ROW_GROUP_SIZE 2048");
        await _raw.CommitAsync(0, RawTable.Protocol(), RawTable.Metadata(Schema, ["p"]), RawTable.Add("a.parquet", partition: ("p", "3")));
    }
}
