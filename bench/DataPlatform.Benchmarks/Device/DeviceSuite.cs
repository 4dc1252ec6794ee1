using System.Diagnostics;
using DataPlatform.Kernel.Storage;

namespace DataPlatform.Benchmarks.Device;

/// <summary>The lowest rung: what disk and memory of this machine give, so that every rung above can be read as a share of it.</summary>
internal sealed class DeviceSuite : IBenchmarkSuite
{
    private const int FlushCount = 200;
    private const int BlockBytes = 1 << 20;
    private const int BlockCount = 256;

    public string Name => "device";

    public string Description => "disk flushes, sequential write, memory scan, object store commits: the limits";

    public async Task<int> RunAsync(string[] arguments, BenchmarkReport report, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("dp-bench-").FullName;
        try
        {
            var flushes = MeasureFlushes(Path.Combine(folder, "flush"));
            report.Add(new Figure(Name, "flush of 4 KiB appended to a file", flushes, "ops/s"));
            report.Add(new Figure(Name, "sequential write, flushed at the end", MeasureSequentialWrite(Path.Combine(folder, "write")), "MiB/s"));
            report.Add(new Figure(Name, "memory scan, one core", MeasureScan(), "MiB/s"));
            report.Add(await MeasureCommitsAsync(folder, flushes, cancellationToken));
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double MeasureFlushes(string path)
    {
        using var file = new FileStream(path, FileMode.CreateNew);
        var block = new byte[4096];
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < FlushCount; i++)
        {
            file.Write(block);
            file.Flush(flushToDisk: true);
        }

        return FlushCount / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static double MeasureSequentialWrite(string path)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[BlockBytes];
        new Random(1).NextBytes(block);
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < BlockCount; i++)
        {
            file.Write(block);
        }

        file.Flush(flushToDisk: true);
        return BlockCount / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static double MeasureScan()
    {
        var data = new long[32 << 20];
        Array.Fill(data, 1);
        var started = Stopwatch.GetTimestamp();
        var sum = data.Sum();
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return sum == data.Length ? data.Length * sizeof(long) / 1048576.0 / seconds : throw new InvalidOperationException("The scan read wrong data.");
    }

    private async Task<Figure> MeasureCommitsAsync(string folder, double flushes, CancellationToken cancellationToken)
    {
        var store = new LocalObjectStore(Path.Combine(folder, "store"));
        var content = new byte[4096];
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < FlushCount; i++)
        {
            await store.TryPutIfAbsentAsync($"log/{i:D20}.json", content, cancellationToken);
        }

        // A put-if-absent flushes the file and then its folder.
        return new Figure(Name, "put-if-absent of 4 KiB", FlushCount / Stopwatch.GetElapsedTime(started).TotalSeconds, "ops/s", "two flushes", flushes / 2);
    }
}
