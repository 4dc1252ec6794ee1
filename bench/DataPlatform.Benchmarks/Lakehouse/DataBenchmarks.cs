using Apache.Arrow;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse;
using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Benchmarks.Lakehouse;

/// <summary>What data costs: appending from Arrow and from a query beside plain COPY, scanning through a snapshot beside plain read_parquet.</summary>
internal sealed class DataBenchmarks(string folder, BenchmarkReport report, int rows)
{
    private const int BatchRows = 250_000;

    private static readonly string[] Cities = [.. Enumerable.Range(0, 40).Select(i => $"city-{i}")];

    private static readonly RowMapping<int> Mapping = new RowMapping<int>()
        .Column("id", DeltaType.Long, i => (long)i)
        .Column("quantity", DeltaType.Integer, i => i % 100)
        .Column("weight", DeltaType.Double, i => i / 7.0)
        .Column("price", DeltaType.Decimal(18, 2), i => i * 0.25m)
        .Column("placed", DeltaType.Timestamp, i => 978_307_200_000_000L + (i * 1_000L))
        .Column("city", DeltaType.String, i => Cities[i % Cities.Length])
        .Column("code", DeltaType.String, i => $"order-{i:00000000000}")
        .Column("paid", DeltaType.Boolean, i => i % 3 == 0);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var batches = Enumerable.Range(0, (rows + BatchRows - 1) / BatchRows)
            .Select(b => Mapping.ToBatch([.. Enumerable.Range(b * BatchRows, Math.Min(BatchRows, rows - (b * BatchRows)))])).ToArray();
        var schema = new StructType([.. Mapping.Schema.Fields.Select(f => f with { Nullable = true })]);
        var table = await DeltaTable.CreateAsync(new LocalObjectStore(Path.Combine(folder, "data")), schema, null, cancellationToken);
        var arrow = await LakeSuite.BestAsync(3, () => table.OverwriteAsync(batches, cancellationToken));

        await using var lake = LakeQuery.Open(new LakeQueryOptions { MemoryLimitBytes = 4L << 30 });
        await lake.RegisterAsync("source", table.Snapshot, cancellationToken);
        await lake.ExecuteAsync("CREATE TABLE kept AS SELECT * FROM source", cancellationToken);
        var plain = Path.Combine(folder, "plain.parquet");
        var copy = await LakeSuite.BestAsync(3, () => lake.ExecuteAsync($"COPY (SELECT * FROM kept) TO '{plain}' (FORMAT PARQUET, COMPRESSION ZSTD, COMPRESSION_LEVEL 1)", cancellationToken));
        var query = await LakeSuite.BestAsync(3, () => lake.WriteAsync(table, "SELECT * FROM kept", new WriteOptions { Mode = WriteMode.Overwrite }, cancellationToken));
        report.Add(new Figure("lake", $"append {rows:N0} rows x 8 from Arrow", arrow, "s", "DuckDB COPY", copy));
        report.Add(new Figure("lake", $"append {rows:N0} rows x 8 from a query", query, "s", "DuckDB COPY", copy));
        await new ScanBenchmarks(folder, report, rows).RunAsync(lake, schema, batches, cancellationToken);
    }
}
