using System.Diagnostics;
using DataPlatform.ResourceScheduler.Recovery;

namespace DataPlatform.Benchmarks.ResourceScheduler;

/// <summary>A log in which a million tasks came and went on 1,000 nodes with 1,110 queues, read by the next leader.</summary>
internal static class RecoveryLoad
{
    public static async Task MeasureAsync(BenchmarkReport report, string folder, int tasks, CancellationToken cancellationToken)
    {
        await MeasureAsync(report, Path.Combine(folder, "whole"), tasks, saveAt: int.MaxValue, cancellationToken);
        await MeasureAsync(report, Path.Combine(folder, "saved"), tasks, saveAt: tasks - (tasks / 10), cancellationToken);
    }

    private static async Task MeasureAsync(BenchmarkReport report, string folder, int tasks, int saveAt,
        CancellationToken cancellationToken)
    {
        await WriteAsync(folder, tasks, saveAt, cancellationToken);
        var bytes = new DirectoryInfo(folder).EnumerateFiles().Sum(file => file.Length);
        var what = saveAt < tasks ? "state saved nine tenths in" : "from the first event";
        GC.Collect();
        await using var store = FileStateStore.Open(folder);
        var (cpu, started) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
        await using var leader = await DurableScheduler.LeadAsync(RecoveryLog.Tree, store, "next", cancellationToken: cancellationToken);
        var (elapsed, used) = (Stopwatch.GetElapsedTime(started).TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds);
        report.Add(new Figure("cluster", $"recovery of {tasks:N0} tasks, {what}", elapsed, "s", "target", 5));
        report.Add(new Figure("cluster", $"recovery of {tasks:N0} tasks, {what}, processor time", used, "s", "target", 5));
        report.Add(new Figure("cluster", $"log of {tasks:N0} tasks, {what}", bytes / 1e6, "MB"));
    }

    private static async Task WriteAsync(string folder, int tasks, int saveAt, CancellationToken cancellationToken)
    {
        await using var store = FileStateStore.Open(folder);
        await using var leader = await DurableScheduler.LeadAsync(RecoveryLog.Tree, store, "first", cancellationToken: cancellationToken);
        await new RecoveryLog(leader, tasks).WriteAsync(saveAt, cancellationToken);
    }
}
