using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Benchmarks.Lakehouse;

/// <summary>
/// What writing into a Delta table costs: commits beside bare put-if-absent on the same device, rows beside plain DuckDB COPY, deletion
/// vectors and compaction.
/// </summary>
internal sealed class CommitSuite : IBenchmarkSuite
{
    private const int Commits = 400;
    private static readonly string[] Cities = [.. Enumerable.Range(0, 40).Select(i => $"city-{i}")];
    private static readonly StructType Schema = DeltaType.Struct(
        new StructField("id", DeltaType.Long), new StructField("name", DeltaType.String), new StructField("day", DeltaType.String));

    private static readonly RowMapping<long> Mapping = new RowMapping<long>()
        .Column("id", DeltaType.Long, i => (long?)i).Column("quantity", DeltaType.Integer, i => (int?)(i % 100))
        .Column("weight", DeltaType.Double, i => (double?)(i / 7.0)).Column("price", DeltaType.Decimal(18, 2), i => (decimal?)(i * 0.25m))
        .Column("placed", DeltaType.Timestamp, i => (long?)(978_307_200_000_000L + (i * 1_000L))).Column(
            "city", DeltaType.String, i => Cities[i % Cities.Length])
        .Column("code", DeltaType.String, i => $"order-{i:00000000000}").Column("paid", DeltaType.Boolean, i => (bool?)(i % 3 == 0));

    /// <inheritdoc/>
    public string Name => "lake-write";

    /// <inheritdoc/>
    public string Description => "Writing Delta tables: commits against the device's put-if-absent, rows against plain COPY (--rows N)";

    /// <inheritdoc/>
    public async Task<int> RunAsync(string[] arguments, BenchmarkReport report, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(Path.GetTempPath(), $"lake-write-{Guid.NewGuid():N}");
        Directory.CreateDirectory(folder);
        try
        {
            var at = Array.IndexOf(arguments, "--rows");
            var rows = at >= 0 && at + 1 < arguments.Length
                ? int.Parse(arguments[at + 1], System.Globalization.CultureInfo.InvariantCulture) : 5_000_000;
            await CommitsAsync(folder, report, cancellationToken);
            await RowsAsync(folder, report, rows, cancellationToken);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>
    /// A commit is two flushes, of the file and of the folder: what the device allows is the limit. Both are measured by turns.
    /// </summary>
    private static async Task CommitsAsync(string folder, BenchmarkReport report, CancellationToken cancellationToken)
    {
        foreach (var (name, durable, interval, background) in new[]
        {
            ("no checkpoints", true, 100_000, false), ("a checkpoint each 10", true, 10, false),
                ("a checkpoint each 10, beside the commits", true, 10, true),
            ("no flushes, no checkpoints", false, 100_000, false), ("no flushes, a checkpoint each 10 beside the commits", false, 10, true),
        })
        {
            var store = new LocalObjectStore(Path.Combine(folder, Guid.NewGuid().ToString("N")), durable);
            var table = await DeltaTable.CreateAsync(
                store, Schema, new() { CheckpointInterval = interval, BackgroundCheckpoints = background }, cancellationToken);
            var body = new byte[900];
            var (ours, bare) = (0.0, 0.0);
            for (var i = 0; i < Commits; i++)
            {
                // By turns, so that whatever else uses the device slows both alike.
                ours += await LakeSuite.SecondsAsync(() => CommitAsync(table, i, cancellationToken));
                bare += await LakeSuite.SecondsAsync(() => store.TryPutIfAbsentAsync($"bare/{i}.json", body, cancellationToken).AsTask());
            }

            await table.WaitForCheckpointsAsync();
            report.Add(new Figure("lake-write", $"commits of one writer: {name}", Commits / ours, "1/s", "bare put-if-absent", Commits / bare));
        }
    }

    private static Task<long> CommitAsync(DeltaTable table, int number, CancellationToken cancellationToken)
    {
        var transaction = table.BeginTransaction();
        transaction.Add(FileOf(number));
        return transaction.CommitAsync("WRITE", cancellationToken);
    }

    private static async Task RowsAsync(string folder, BenchmarkReport report, int rows, CancellationToken cancellationToken)
    {
        var schema = Mapping.Schema;
        await using var lake = LakeQuery.Open(new LakeQueryOptions { MemoryLimitBytes = 4L << 30 });
        var properties = new Dictionary<string, string> { ["delta.enableDeletionVectors"] = "true" };
        var table = await DeltaTable.CreateAsync(
            new LocalObjectStore(Path.Combine(folder, "records")), schema, new() { Properties = properties }, cancellationToken);
        var records = await LakeSuite.BestAsync(2, () => table.WriteRecordsAsync(
            AsyncEnumerable.Range(0, rows).Select(i => (long)i), Mapping, new WriteOptions { Mode = WriteMode.Overwrite },
                cancellationToken));
        await lake.RegisterAsync("source", table.Snapshot, cancellationToken);
        await lake.ExecuteAsync("CREATE TABLE kept AS SELECT * FROM source", cancellationToken);

        var plain = await LakeSuite.BestAsync(3, () => CopyAsync(lake, Path.Combine(folder, "plain"), string.Empty, cancellationToken));
        report.Add(new Figure("lake-write", $"append {rows:N0} records x 8 from a stream", records, "s", "DuckDB COPY", plain));
        foreach (var partition in new string?[] { null, "quantity" })
        {
            var target = await DeltaTable.CreateAsync(
                new LocalObjectStore(Path.Combine(folder, partition ?? "whole")), schema,
                    new() { PartitionColumns = partition is null ? [] : [partition] }, cancellationToken);
            var copy = partition is null ? plain
                : await LakeSuite.BestAsync(
                    2, () => CopyAsync(lake, Path.Combine(folder, "parts"), $", PARTITION_BY ({partition})", cancellationToken));
            var query = await LakeSuite.BestAsync(
                3, () => lake.WriteAsync(target, "SELECT * FROM kept", new WriteOptions { Mode = WriteMode.Overwrite }, cancellationToken));
            report.Add(new Figure(
                "lake-write", $"append {rows:N0} rows x 8 from a query{(partition is null ? string.Empty : ", 100 partitions")}", query,
                    "s", "DuckDB COPY", copy));
        }

        await DeleteAsync(table, report, rows, cancellationToken);
    }

    private static async Task DeleteAsync(DeltaTable table, BenchmarkReport report, int rows, CancellationToken cancellationToken)
    {
        var mark = await LakeSuite.SecondsAsync(async () =>
        {
            var delete = table.BeginTransaction(await table.RefreshAsync(cancellationToken));
            await delete.MarkRowsDeletedAsync(
                delete.Snapshot.Files.Select(f
                    => new RowPositions(f, [.. Enumerable.Range(0, (int)(f.NumRecords!.Value / 100)).Select(i => i * 100L)])),
                    cancellationToken);
            await delete.CommitAsync("DELETE", cancellationToken);
        });
        report.Add(new Figure("lake-write", $"mark {rows / 100:N0} scattered rows of {rows:N0} as deleted", mark * 1000, "ms"));
    }

    private static async Task CopyAsync(LakeQuery lake, string target, string placing, CancellationToken cancellationToken)
    {
        if (Directory.Exists(target))
        {
            Directory.Delete(target, recursive: true);
        }

        await lake.ExecuteAsync(
            $"COPY (SELECT * FROM kept) TO '{target}' (FORMAT PARQUET, COMPRESSION ZSTD, COMPRESSION_LEVEL 1{placing})", cancellationToken);
    }

    private static AddFile FileOf(int i) => new()
    {
        Path = $"part-{i:00000000}-5d1c3a44-8a1f-4c1e-9d7b-0123456789ab.zstd.parquet",
        Size = 100_000 + i,
        ModificationTime = 978_307_200_000 + i,
        DataChange = true,
        Stats = $$"""{"numRecords":1000,"minValues":{"id":{{i * 10L}}},"maxValues":{"id":{{(i * 10L) + 999}}},"nullCount":{"id":0},"tightBounds":true}""",
    };
}
