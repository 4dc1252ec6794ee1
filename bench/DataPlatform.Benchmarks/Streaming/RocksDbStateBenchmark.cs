using DataPlatform.Streaming.RocksDb;
using DataPlatform.Streaming.State;
using RocksDbSharp;

namespace DataPlatform.Benchmarks.Streaming;

/// <summary>
/// What q18 (the last bid of each bidder and auction) and q19 (the ten best bids of an auction) do to state: read, change, write, by keys
/// of
/// their skew, beside the same accesses to a bare RocksDB.
/// </summary>
internal static class RocksDbStateBenchmark
{
    private const int Accesses = 1_500_000;
    private const int ValueBytes = 100;
    private const int BatchSize = 1024;

    public static Task RunAsync(BenchmarkReport report, int keys)
    {
        var skewed = Keys(keys, isSkewed: true);
        var uniform = Keys(keys, isSkewed: false);
        Measure(report, "q18-like, skewed keys", skewed);
        Measure(report, "q18-like, uniform keys", uniform);
        return Task.CompletedTask;
    }

    private static long[] Keys(int keys, bool isSkewed)
    {
        // As in the generator: most bids go to the newest few auctions and bidders, which move on; some go anywhere.
        var random = new Random(1);
        var sequence = new long[Accesses];
        for (var i = 0; i < sequence.Length; i++)
        {
            var newest = (long)i * keys / sequence.Length;
            sequence[i] = isSkewed && random.Next(4) > 0 ? Math.Max(0, newest - random.Next(1_000)) : random.Next(keys);
        }

        return sequence;
    }

    private static void Measure(BenchmarkReport report, string name, long[] keys)
    {
        var folder = Path.Combine(Path.GetTempPath(), $"dp-bench-{Guid.NewGuid():N}");
        try
        {
            using var memory = new RocksDbMemory(256 << 20);
            var cpu = Environment.CpuUsage.TotalTime;
            var managed = GC.GetTotalMemory(forceFullCollection: true);
            double native;
            double heap;
            using (var backend = new RocksDbStateBackend(new RocksDbStateOptions { LocalFolder = folder, Memory = memory }))
            {
                using var states = new KeyedStates<long>(StateBench.Context(backend), StateSerializer.Of<long>(), null);
                Access(states, keys);
                native = memory.UsedBytes / 1e6;
                heap = (GC.GetTotalMemory(forceFullCollection: true) - managed) / 1e6;
            }

            var ours = (Environment.CpuUsage.TotalTime - cpu).TotalSeconds;
            cpu = Environment.CpuUsage.TotalTime;
            AccessRaw(Path.Combine(folder, "raw"), keys);
            var raw = (Environment.CpuUsage.TotalTime - cpu).TotalSeconds;
            report.Add(
                new Figure("state", $"{name}: accesses a core", keys.Length / ours / 1e6, "M/s", "bare RocksDB", keys.Length / raw / 1e6));
            report.Add(new Figure("state", $"{name}: memory in the budget", native, "MB", "budget", 256));
            report.Add(new Figure("state", $"{name}: objects on the heap", heap, "MB"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Access(KeyedStates<long> states, long[] keys)
    {
        var hasher = KeyHashers.Create(StateSerializer.Of<long>());
        var value = states.Value<string>("last");
        var text = new string('x', ValueBytes);
        foreach (var key in keys)
        {
            states.Current.Set(key, hasher.Hash(key));
            value.TryGet(out _);
            value.Update(text);
        }

        using var snapshot = new DataPlatform.Streaming.Checkpoints.SubtaskSnapshot(1, CancellationToken.None);
        states.Snapshot(snapshot);
    }

    private static void AccessRaw(string folder, long[] keys)
    {
        Directory.CreateDirectory(folder);
        var table = new BlockBasedTableOptions().SetBlockCache(Cache.CreateLru(128 << 20)).SetFilterPolicy(
            BloomFilterPolicy.Create(10, false));
        var options = new DbOptions().SetCreateIfMissing(true).SetCompression(Compression.Lz4).SetBlockBasedTableFactory(table).SetWriteBufferSize(16 << 20);
        using var database = RocksDbSharp.RocksDb.Open(options, folder);
        using var batch = new RocksDbSharp.WriteBatch();
        var writes = new WriteOptions().DisableWal(1);
        var key = new byte[10];
        var value = new byte[ValueBytes + 1];
        for (var i = 0; i < keys.Length; i++)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(key.AsSpan(2), keys[i]);
            _ = database.Get(key);
            batch.Put(key, value);
            if (i % BatchSize == BatchSize - 1)
            {
                database.Write(batch, writes);
                batch.Clear();
            }
        }

        database.Write(batch, writes);
        using var checkpoint = database.Checkpoint();
        checkpoint.Save(Path.Combine(folder, "checkpoint"), 0);
    }
}
