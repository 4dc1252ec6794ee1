using System.Diagnostics;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Benchmarks.Lakehouse;

/// <summary>What the log costs: opening by checkpoint and by JSON, moving on by a commit, pruning, commits per second.</summary>
internal sealed class LogBenchmarks(string folder, BenchmarkReport report, int files)
{
    private const int CommitFiles = 100_000;
    private static readonly StructType Schema = DeltaType.Struct(
        new StructField("id", DeltaType.Long), new StructField("name", DeltaType.String), new StructField("day", DeltaType.String));

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        await ReplayAsync(cancellationToken);
        await ManyCommitsAsync(cancellationToken);
        await CommitsAsync(cancellationToken);
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        var store = new LocalObjectStore(Path.Combine(folder, "large"), durable: false);
        await FillAsync(store, files, checkpoint: true, cancellationToken);
        GC.Collect();
        var before = Process.GetCurrentProcess().WorkingSet64;
        DeltaTable? table = null;
        var seconds = await LakeSuite.BestAsync(3, async () => table = await DeltaTable.OpenAsync(store, null, cancellationToken));
        GC.Collect();
        var memory = Process.GetCurrentProcess().WorkingSet64 - before;
        report.Add(new Figure("lake", $"open {files:N0} files from a checkpoint", seconds, "s", "target", 1));
        report.Add(new Figure("lake", "  working set above before", memory / 1e6, "MB", "target", 500));

        var writer = await DeltaTable.OpenAsync(store, new() { CheckpointInterval = 10_000 }, cancellationToken);
        await table!.RefreshAsync(cancellationToken);
        var refresh = double.MaxValue;
        for (var i = 0; i < 5; i++)
        {
            var transaction = writer.BeginTransaction();
            transaction.Add(FileOf(files + i));
            await transaction.CommitAsync("WRITE", cancellationToken);
            refresh = Math.Min(refresh, await LakeSuite.SecondsAsync(() => table.RefreshAsync(cancellationToken)));
        }

        report.Add(new Figure("lake", $"refresh {files:N0} files by one commit", refresh * 1000, "ms", "target", 5));
        foreach (var (name, condition) in new[]
        {
            ("range", $"id BETWEEN {files / 2} AND {(files / 2) + 1000}"), ("text", "name = 'customer-150'"), ("partition", "day = '2001-01-05'"),
        })
        {
            var scan = table.Snapshot.Scan().Where(condition);
            var cold = await LakeSuite.SecondsAsync(() => Task.Run(() => scan.Plan(), cancellationToken));
            var warm = await LakeSuite.BestAsync(5, () => Task.Run(() => scan.Plan(), cancellationToken));
            report.Add(new Figure("lake", $"prune {files:N0} files by one {name}, first plan", cold * 1000, "ms"));
            report.Add(new Figure("lake", $"prune {files:N0} files by one {name}, later plans", warm * 1000, "ms", "target", 50));
        }
    }

    private async Task ReplayAsync(CancellationToken cancellationToken)
    {
        var store = new LocalObjectStore(Path.Combine(folder, "json"), durable: false);
        await FillAsync(store, 300_000, checkpoint: false, cancellationToken);
        var seconds = await LakeSuite.BestAsync(3, () => DeltaTable.OpenAsync(store, null, cancellationToken));
        report.Add(new Figure("lake", "replay 300,000 adds from JSON", seconds, "s"));
    }

    private async Task ManyCommitsAsync(CancellationToken cancellationToken)
    {
        var store = new LocalObjectStore(Path.Combine(folder, "commits"), durable: false);
        var table = await DeltaTable.CreateAsync(store, Schema, new() { CheckpointInterval = 10_000 }, cancellationToken);
        for (var i = 0; i < 9_998; i++)
        {
            var transaction = table.BeginTransaction();
            transaction.Add(FileOf(i));
            await transaction.CommitAsync("WRITE", cancellationToken);
        }

        var seconds = await LakeSuite.BestAsync(2, () => DeltaTable.OpenAsync(store, null, cancellationToken));
        report.Add(new Figure("lake", "open 10,000 JSON commits without a checkpoint", seconds, "s"));
    }

    /// <summary>A commit is two flushes, of the file and of the folder: what the device allows is the limit.</summary>
    private async Task CommitsAsync(CancellationToken cancellationToken)
    {
        const int Commits = 200;
        var store = new LocalObjectStore(Path.Combine(folder, "durable"));
        var table = await DeltaTable.CreateAsync(store, Schema, new() { CheckpointInterval = 10_000 }, cancellationToken);
        var seconds = await LakeSuite.SecondsAsync(async () =>
        {
            for (var i = 0; i < Commits; i++)
            {
                var transaction = table.BeginTransaction();
                transaction.Add(FileOf(i));
                await transaction.CommitAsync("WRITE", cancellationToken);
            }
        });
        var body = new byte[600];
        var bare = await LakeSuite.SecondsAsync(async () =>
        {
            for (var i = 0; i < Commits; i++)
            {
                await store.TryPutIfAbsentAsync($"bare/{i}.json", body, cancellationToken);
            }
        });
        report.Add(new Figure("lake", "commits of one writer, durable", Commits / seconds, "1/s", "bare put-if-absent", Commits / bare));
    }

    private static async Task FillAsync(LocalObjectStore store, int count, bool checkpoint, CancellationToken cancellationToken)
    {
        var table = await DeltaTable.CreateAsync(store, Schema, new() { CheckpointInterval = 10_000, PartitionColumns = ["day"] }, cancellationToken);
        for (var first = 0; first < count; first += CommitFiles)
        {
            var transaction = table.BeginTransaction();
            transaction.Add(Enumerable.Range(first, Math.Min(CommitFiles, count - first)).Select(FileOf));
            await transaction.CommitAsync("WRITE", cancellationToken);
        }

        if (checkpoint)
        {
            await table.CheckpointAsync(cancellationToken);
        }
    }

    private static AddFile FileOf(int i) => new()
    {
        Path = $"day=2001-01-{1 + (i % 28):00}/part-{i:00000000}-5d1c3a44-8a1f-4c1e-9d7b-0123456789ab.zstd.parquet",
        PartitionValues = new Dictionary<string, string?> { ["day"] = $"2001-01-{1 + (i % 28):00}" },
        Size = 100_000 + i,
        ModificationTime = 978_307_200_000 + i,
        DataChange = true,
        Stats = $$"""{"numRecords":1000,"minValues":{"id":{{i * 10L}},"name":"customer-{{i % 100:000}}"},"maxValues":{"id":{{(i * 10L) + 999}},"name":"customer-{{100 + (i % 100):000}}"},"nullCount":{"id":0,"name":0},"tightBounds":true}""",
    };
}
