using System.Diagnostics;
using System.Globalization;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse;
using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Quality;
using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Profiles;
using DataPlatform.Quality.TableChecks;

namespace DataPlatform.Benchmarks.Quality;

/// <summary>What a check reads after one partition came to a table: bytes by the kernel's count of this process's reads, not by the engine's own.</summary>
internal static class PartitionCases
{
    private const int Partitions = 20;

    public static async Task RunAsync(BenchmarkReport report, int rows, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("quality-bench-").FullName;
        try
        {
            var options = new DeltaTableOptions { PartitionColumns = ["day"] };
            var table = await DeltaTable.CreateAsync(
                new LocalObjectStore(Path.Combine(folder, "t"), durable: false),
                new StructType([new("day", DeltaType.Integer), new("a", DeltaType.Integer), new("b", DeltaType.Double), new("c", DeltaType.String)]),
                options,
                cancellationToken);
            var perDay = Math.Max(1_000, rows / Partitions);
            await AppendAsync(table, 0, Partitions, perDay, cancellationToken);
            var states = new PartitionStateStore(new LocalObjectStore(Path.Combine(folder, "states"), durable: false));
            var folding = new TableGate(Suite(), new TableGateOptions { States = states, Runner = new QualityRunnerOptions { SampleRowsMax = 0 } });
            var whole = new TableGate(Suite(), new TableGateOptions { Runner = new QualityRunnerOptions { SampleRowsMax = 0 } });
            await folding.CheckAsync(await table.RefreshAsync(cancellationToken), cancellationToken);
            var before = table.Snapshot.Files.Select(f => f.Path).ToHashSet();
            await AppendAsync(table, Partitions, 1, perDay, cancellationToken);
            var snapshot = await table.RefreshAsync(cancellationToken);
            var newBytes = snapshot.Files.Where(f => !before.Contains(f.Path)).Sum(f => f.Size);

            var all = await MeasureAsync(() => whole.CheckAsync(snapshot, cancellationToken).AsTask());
            var one = await MeasureAsync(() => folding.CheckAsync(snapshot, cancellationToken).AsTask());
            var size = string.Create(CultureInfo.InvariantCulture, $"1 of {Partitions + 1} partitions of {perDay / 1_000.0:0.#} K rows new");
            report.Add(new Figure("quality", $"bytes read to check, {size}", one.Bytes, "bytes", "bytes of the new files", newBytes));
            report.Add(new Figure("quality", $"bytes read to check, {size}", one.Bytes, "bytes", "by a check of the whole version", all.Bytes));
            report.Add(new Figure("quality", $"time to check, {size}", one.Seconds, "s", "a check of the whole version", all.Seconds));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static QualitySuite Suite() => new QualitySuiteBuilder("t")
        .NotNull("a").InRange("b", 0, 20_000).Matches("c", "k[0-9]+").InSet("c", [.. Enumerable.Range(0, 50).Select(i => (DataPlatform.Quality.Rules.RuleValue)$"k{i}")])
        .AggregateBetween(AggregateFunction.Mean, "b", 0, 20_000).AggregateBetween(AggregateFunction.StandardDeviation, "b", 0, 20_000).RowCountBetween(1, null)
        .ApproximatelyUnique(["a", "b"], Severity.Info).Build();

    private static async Task AppendAsync(DeltaTable table, int first, int days, int perDay, CancellationToken cancellationToken)
    {
        await using var lake = LakeQuery.Open();
        var sql = string.Create(
            CultureInfo.InvariantCulture,
            $"SELECT {first} + (i // {perDay})::INTEGER AS day, (hash(i) % 1000000)::INTEGER AS a, (hash(i + 7) % 100000) / 7.0 AS b, 'k' || (hash(i) % 50) AS c FROM range({(long)days * perDay}) r(i)");
        await lake.WriteAsync(table, sql, null, cancellationToken);
    }

    private static async Task<(double Bytes, double Seconds)> MeasureAsync(Func<Task> work)
    {
        var (bytes, watch) = (BytesRead(), Stopwatch.StartNew());
        await work();
        return (BytesRead() - bytes, watch.Elapsed.TotalSeconds);
    }

    private static double BytesRead()
    {
        const string Counter = "rchar: ";
        var line = File.ReadLines("/proc/self/io").First(l => l.StartsWith(Counter, StringComparison.Ordinal));
        return double.Parse(line.AsSpan(Counter.Length), CultureInfo.InvariantCulture);
    }
}
