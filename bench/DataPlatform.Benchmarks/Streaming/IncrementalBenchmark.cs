using System.Globalization;
using DataPlatform.Kernel.Storage;
using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.RocksDb;
using DataPlatform.Streaming.State;

namespace DataPlatform.Benchmarks.Streaming;

/// <summary>
/// What a checkpoint of a database uploads when one part in a hundred, ten, or all of the keys have changed since the last.
/// </summary>
internal static class IncrementalBenchmark
{
    private const int ValueBytes = 100;
    private const int SteadyCheckpoints = 24;

    public static async Task RunAsync(BenchmarkReport report, int keys, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(Path.GetTempPath(), $"dp-bench-{Guid.NewGuid():N}");
        try
        {
            using var memory = new RocksDbMemory(256 << 20);
            using var backend = new RocksDbStateBackend(
                new RocksDbStateOptions { LocalFolder = Path.Combine(folder, "local"), Memory = memory });
            var storage = new CheckpointStorage(new LocalObjectStore(Path.Combine(folder, "store")), "bench");
            using var states = new KeyedStates<long>(StateBench.Context(backend), StateSerializer.Of<long>(), null);
            var value = states.Value<string>("value");
            Update(states, value, keys, keys, 0);
            var (fullBytes, freeze) = await CheckpointAsync(storage, states, 1, cancellationToken);
            report.Add(new Figure("state", "incremental: first checkpoint", fullBytes / 1e6, "MB"));
            report.Add(new Figure("state", "incremental: synchronous part of it", freeze * 1e3, "ms"));
            var id = 2L;
            var steadyBytes = 0L;
            for (; id < SteadyCheckpoints + 2; id++)
            {
                Update(states, value, keys, keys / 100, (int)id);
                steadyBytes += (await CheckpointAsync(storage, states, id, cancellationToken)).Bytes;
            }

            var name = string.Create(CultureInfo.InvariantCulture, $"incremental: 1 key in 100 changed, mean of {SteadyCheckpoints}");
            report.Add(
                new Figure("state", name, steadyBytes / (double)SteadyCheckpoints / 1e6, "MB", "first / 100", fullBytes / 100.0 / 1e6));
            foreach (var part in new[] { 100, 10, 1 })
            {
                Update(states, value, keys, keys / part, (int)id);
                var (bytes, seconds) = await CheckpointAsync(storage, states, id++, cancellationToken);
                name = string.Create(CultureInfo.InvariantCulture, $"incremental: 1 key in {part} changed");
                report.Add(new Figure("state", name, bytes / 1e6, "MB", "first", fullBytes / 1e6));
                report.Add(new Figure("state", name + ", synchronous part", seconds * 1e3, "ms"));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Update(KeyedStates<long> states, IValueState<string> value, int keys, int count, int seed)
    {
        var hasher = KeyHashers.Create(StateSerializer.Of<long>());
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            var key = count == keys ? i : random.Next(keys);
            states.Current.Set(key, hasher.Hash(key));
            var bytes = new byte[ValueBytes / 2];
            random.NextBytes(bytes);
            value.Update(Convert.ToHexString(bytes));
        }
    }

    private static async Task<(long Bytes, double FrozenSeconds)> CheckpointAsync(
        CheckpointStorage storage, KeyedStates<long> states, long id, CancellationToken cancellationToken)
    {
        using var snapshot = new SubtaskSnapshot(id, cancellationToken);
        var frozen = StateBench.SecondsOf(() => states.Snapshot(snapshot));
        var uploaded = await storage.UploadAsync(id, 1, 0, snapshot.Uploads, cancellationToken);
        return (uploaded.Sum(static u => u.WrittenBytes), frozen);
    }
}
