using Apache.Arrow;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse;
using DataPlatform.Lakehouse.DuckDb;
using StructType = DataPlatform.Lakehouse.Schemas.StructType;

namespace DataPlatform.Benchmarks.Lakehouse;

/// <summary>
/// What reading through a snapshot costs beside <c>read_parquet</c> on the same list of files: by SQL, and by the engine's own scan beside DuckDB's
/// Arrow output; without deletion vectors, and with them on one file in twenty.
/// </summary>
internal sealed class ScanBenchmarks(string folder, BenchmarkReport report, int rows)
{
    private const int Files = 100;
    private const int Runs = 5;

    private static readonly (string Name, string Sql)[] Queries =
    [
        ("aggregate of all columns", "SELECT count(*), sum(id), sum(quantity), sum(weight), sum(price), max(placed), max(city), max(code), count(*) FILTER (paid) FROM {0}"),
        ("group by", "SELECT city, avg(weight) FROM {0} GROUP BY city"),
        ("point filter", "SELECT count(*) FROM {0} WHERE id = {1}"),
    ];

    public async Task RunAsync(LakeQuery lake, StructType schema, RecordBatch[] batches, CancellationToken cancellationToken)
    {
        var plain = await FillAsync("many", schema, batches, cancellationToken);
        var list = $"read_parquet([{string.Join(", ", plain.Snapshot.Files.Select(f => $"'{Path.Combine(folder, "many", f.Path)}'"))}])";
        await BySqlAsync(lake, plain.Snapshot, list, string.Empty, cancellationToken);
        await ByScanAsync(lake, plain.Snapshot, list, string.Empty, cancellationToken);

        var marked = await FillAsync("marked", schema, batches, cancellationToken);
        await DeleteAsync(marked, cancellationToken);
        list = $"read_parquet([{string.Join(", ", marked.Snapshot.Files.Select(f => $"'{Path.Combine(folder, "marked", f.Path)}'"))}])";
        await BySqlAsync(lake, marked.Snapshot, list, ", DVs on 5 % of files", cancellationToken);
        await ByScanAsync(lake, marked.Snapshot, list, ", DVs on 5 % of files", cancellationToken);
    }

    private async Task BySqlAsync(LakeQuery lake, DataPlatform.Lakehouse.Snapshots.Snapshot snapshot, string list, string suffix, CancellationToken cancellationToken)
    {
        await lake.RegisterAsync("t", snapshot, cancellationToken);
        foreach (var (name, sql) in Queries)
        {
            string For(string relation) => sql.Replace("{0}", relation, StringComparison.Ordinal).Replace("{1}", $"{rows / 2}", StringComparison.Ordinal);
            var (view, bare) = await LakeSuite.PairAsync(
                Runs, () => lake.ExecuteAsync(For("t"), cancellationToken), () => lake.ExecuteAsync(For(list), cancellationToken));
            report.Add(new Figure("lake", $"SQL through a snapshot: {name}{suffix}", view * 1000, "ms", "read_parquet", bare * 1000));
        }
    }

    private async Task ByScanAsync(LakeQuery lake, DataPlatform.Lakehouse.Snapshots.Snapshot snapshot, string list, string suffix, CancellationToken cancellationToken)
    {
        foreach (var (name, scan, sql) in new[]
        {
            ("all columns", snapshot.Scan(), $"SELECT * FROM {list}"),
            ("two columns", snapshot.Scan().Select("id", "city"), $"SELECT id, city FROM {list}"),
            ("a range of 1 in 1,000", snapshot.Scan().Where($"id BETWEEN {rows / 2} AND {(rows / 2) + (rows / 1000)}"),
                $"SELECT * FROM {list} WHERE id BETWEEN {rows / 2} AND {(rows / 2) + (rows / 1000)}"),
            ("an unsorted text", snapshot.Scan().Where("city = 'city-7'"), $"SELECT * FROM {list} WHERE city = 'city-7'"),
        })
        {
            var (own, duck) = await LakeSuite.PairAsync(
                Runs, () => DrainAsync(scan.ReadAsync(cancellationToken)), () => DrainAsync(lake.QueryArrowAsync(sql, cancellationToken)));
            report.Add(new Figure("lake", $"scan to Arrow: {name}{suffix}", own * 1000, "ms", "read_parquet to Arrow", duck * 1000));
        }
    }

    private static async Task DrainAsync(IAsyncEnumerable<RecordBatch> batches)
    {
        await foreach (var batch in batches)
        {
            batch.Dispose();
        }
    }

    private async Task<DeltaTable> FillAsync(string name, StructType schema, RecordBatch[] batches, CancellationToken cancellationToken)
    {
        var table = await DeltaTable.CreateAsync(
            new LocalObjectStore(Path.Combine(folder, name), durable: false), schema,
            new() { Properties = new Dictionary<string, string> { ["delta.enableDeletionVectors"] = "true" } }, cancellationToken);
        var perFile = rows / Files;
        foreach (var batch in batches)
        {
            for (var first = 0; first < batch.Length; first += perFile)
            {
                await table.AppendAsync([batch.Slice(first, Math.Min(perFile, batch.Length - first))], cancellationToken);
            }
        }

        return table;
    }

    /// <summary>Every hundredth row of every twentieth file.</summary>
    private static async Task DeleteAsync(DeltaTable table, CancellationToken cancellationToken)
    {
        var transaction = table.BeginTransaction();
        await transaction.MarkRowsDeletedAsync(table.Snapshot.Files.Where((_, i) => i % 20 == 10)
            .Select(f => new RowPositions(f, [.. Enumerable.Range(0, (int)f.NumRecords!.Value / 100).Select(r => r * 100L)])), cancellationToken);
        await transaction.CommitAsync("DELETE", cancellationToken);
        await table.RefreshAsync(cancellationToken);
    }
}
