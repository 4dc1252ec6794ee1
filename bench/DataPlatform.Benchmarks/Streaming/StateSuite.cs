using System.Globalization;

namespace DataPlatform.Benchmarks.Streaming;

/// <summary><c>state --case heap|serializer|rocksdb|incremental|all [--megabytes 1024] [--keys 1000000]</c></summary>
internal sealed class StateSuite : IBenchmarkSuite
{
    public string Name => "state";

    public string Description => "Streaming state: --case heap|serializer|rocksdb|incremental|all [--megabytes 1024] [--keys 1000000]";

    public async Task<int> RunAsync(string[] arguments, BenchmarkReport report, CancellationToken cancellationToken)
    {
        var which = Option(arguments, "--case", "all");
        var megabytes = int.Parse(Option(arguments, "--megabytes", "1024"), CultureInfo.InvariantCulture);
        var keys = int.Parse(Option(arguments, "--keys", "1000000"), CultureInfo.InvariantCulture);
        var cases = new Dictionary<string, Func<Task>>(StringComparer.Ordinal)
        {
            ["heap"] = () => HeapStateBenchmark.RunAsync(report, megabytes, cancellationToken),
            ["serializer"] = () => SerializerBenchmark.RunAsync(report),
            ["rocksdb"] = () => RocksDbStateBenchmark.RunAsync(report, keys),
            ["incremental"] = () => IncrementalBenchmark.RunAsync(report, keys, cancellationToken),
        };
        if (which != "all" && !cases.ContainsKey(which))
        {
            await Console.Error.WriteLineAsync($"There is no case '{which}'. There are: {string.Join(", ", cases.Keys)} and 'all'.");
            return 2;
        }

        foreach (var (name, run) in cases)
        {
            if (which == "all" || which == name)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await run();
            }
        }

        return 0;
    }

    private static string Option(string[] arguments, string name, string otherwise)
        => Array.IndexOf(arguments, name) is var at and >= 0 && at + 1 < arguments.Length ? arguments[at + 1] : otherwise;
}
