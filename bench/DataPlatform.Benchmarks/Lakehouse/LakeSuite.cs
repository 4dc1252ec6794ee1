using System.Diagnostics;
using System.Globalization;

namespace DataPlatform.Benchmarks.Lakehouse;

/// <summary>Delta tables: opening, refreshing, pruning, committing, writing and scanning, each beside what bounds it.</summary>
internal sealed class LakeSuite : IBenchmarkSuite
{
    /// <inheritdoc/>
    public string Name => "lake";

    /// <inheritdoc/>
    public string Description => "Delta tables: log and data against the device and plain DuckDB (--files N, --rows N, --only log|data)";

    /// <inheritdoc/>
    public async Task<int> RunAsync(string[] arguments, BenchmarkReport report, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(Path.GetTempPath(), $"lake-bench-{Guid.NewGuid():N}");
        Directory.CreateDirectory(folder);
        try
        {
            var only = Text(arguments, "--only");
            if (only is null or "log")
            {
                await new LogBenchmarks(folder, report, Number(arguments, "--files", 1_000_000)).RunAsync(cancellationToken);
            }

            if (only is null or "data")
            {
                await new DataBenchmarks(folder, report, Number(arguments, "--rows", 5_000_000)).RunAsync(cancellationToken);
            }

            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    internal static async Task<double> SecondsAsync(Func<Task> work)
    {
        var started = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>The best of several runs: what the work costs when nothing disturbs it.</summary>
    internal static async Task<double> BestAsync(int runs, Func<Task> work)
    {
        var best = double.MaxValue;
        for (var i = 0; i < runs; i++)
        {
            best = Math.Min(best, await SecondsAsync(work));
        }

        return best;
    }

    /// <summary>The best of several runs of two ways, taken in turn, so that what disturbs one disturbs the other.</summary>
    internal static async Task<(double First, double Second)> PairAsync(int runs, Func<Task> first, Func<Task> second)
    {
        var best = (First: double.MaxValue, Second: double.MaxValue);
        for (var i = 0; i < runs; i++)
        {
            best.First = Math.Min(best.First, await SecondsAsync(first));
            best.Second = Math.Min(best.Second, await SecondsAsync(second));
        }

        return best;
    }

    private static string? Text(string[] arguments, string name)
        => Array.IndexOf(arguments, name) is >= 0 and var i && i + 1 < arguments.Length ? arguments[i + 1] : null;

    private static int Number(string[] arguments, string name, int otherwise)
        => Text(arguments, name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
