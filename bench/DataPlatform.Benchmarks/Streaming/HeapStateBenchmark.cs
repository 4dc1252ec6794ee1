using System.Diagnostics;
using DataPlatform.Kernel.Storage;
using DataPlatform.Streaming;
using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.State;
using DataPlatform.Streaming.Time;

namespace DataPlatform.Benchmarks.Streaming;

/// <summary>
/// A large state on the heap, of values, lists and maps with timers: how long the mailbox is held for a checkpoint, how long the background
/// writes, how long a restore takes, and what the first touch after a checkpoint costs.
/// </summary>
internal static class HeapStateBenchmark
{
    private const int KeysPerMegabyte = 3_000;
    private const int ValueBytes = 160;

    public static async Task RunAsync(BenchmarkReport report, int megabytes, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(Path.GetTempPath(), $"dp-bench-{Guid.NewGuid():N}");
        try
        {
            var storage = new CheckpointStorage(new LocalObjectStore(folder), "bench");
            var before = GC.GetTotalMemory(forceFullCollection: true);
            var states = Fill((long)megabytes * KeysPerMegabyte);
            var heapMegabytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / 1e6;
            report.Add(new Figure("state", "heap state", heapMegabytes, "MB"));
            var (sections, bytes) = await CheckpointAsync(report, storage, states, heapMegabytes, cancellationToken);
            states = null;
            GC.Collect();
            await RestoreAsync(report, storage, sections, bytes, cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static BenchStates Fill(long keys)
    {
        var states = new BenchStates(null);
        var text = new string('v', ValueBytes);
        for (var key = 0L; key < keys; key++)
        {
            states.At(key);
            states.Value.Update(text + key);
            if (key % 16 == 0)
            {
                states.List.Add(key);
                states.Map.Put(1, key);
            }

            if (key % 8 == 0)
            {
                states.Timers.Register(new KeyedTimer<long, VoidNamespace>(key, key, states.Keys.Current.Hash, default));
            }
        }

        return states;
    }

    private static async Task<(IReadOnlyList<(string, StateSection)> Sections, long Bytes)> CheckpointAsync(
        BenchmarkReport report, CheckpointStorage storage, BenchStates states, double heapMegabytes, CancellationToken cancellationToken)
    {
        for (var id = 1L; ; id++)
        {
            var snapshot = new SubtaskSnapshot(id, cancellationToken);
            var frozen = StateBench.SecondsOf(() => states.Keys.Snapshot(snapshot));
            using (snapshot)
            {
                var touched = StateBench.SecondsOf(() => states.Touch(100_000));
                var started = Stopwatch.GetTimestamp();
                var sections = await storage.WriteStateAsync(id, 1, 0, snapshot.States, cancellationToken);
                var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
                var bytes = sections.Sum(static s => (long)s.Section.Length);
                if (id == 1)
                {
                    // Once for the compiler.
                    continue;
                }

                report.Add(new Figure("state", "checkpoint, synchronous part", frozen * 1e3, "ms", "goal", 50));
                report.Add(new Figure("state", "checkpoint, background part", seconds, "s"));
                report.Add(new Figure("state", "checkpoint, background rate", bytes / seconds / 1e6, "MB/s"));
                report.Add(new Figure("state", "100,000 first touches while it is written", touched * 1e3, "ms", "without", StateBench.SecondsOf(() => states.Touch(100_000)) * 1e3));
                return (sections, bytes);
            }
        }
    }

    private static async Task RestoreAsync(
        BenchmarkReport report, CheckpointStorage storage, IReadOnlyList<(
            string OperatorUid, StateSection Section)> sections, long bytes, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var manifest = new CheckpointManifest
        {
            JobName = "bench",
            CheckpointId = 2,
            Attempt = 1,
            CreatedAt = DateTimeOffset.UnixEpoch,
            MaxParallelism = StateBench.MaxParallelism,
            KeyHashVersion = KeyHashers.Version,
            Operators = OperatorStates.Of(sections, []),
            Sinks = [],
        };
        var checkpoint = new RestoredCheckpoint(storage, manifest, new StreamJobOptions());
        var restored = await checkpoint.LoadAsync("bench", new KeyGroupRange(0, StateBench.MaxParallelism - 1), cancellationToken);
        var loaded = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var states = new BenchStates(restored);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        report.Add(new Figure("state", "restore", seconds, "s", "goal for 1 GB", 5));
        report.Add(new Figure("state", "restore, reading and checking of it", loaded, "s"));
        report.Add(new Figure("state", "restore rate", bytes / seconds / 1e6, "MB/s"));
        states.At(17);
        if (!states.Value.TryGet(out _))
        {
            throw new InvalidOperationException("Key 17 was not restored.");
        }
    }
}

/// <summary>The states of the benchmark.</summary>
internal sealed class BenchStates
{
    private readonly KeyHasher<long> _hasher = KeyHashers.Create(StateSerializer.Of<long>());

    public BenchStates(RestoredOperator? restored, StateBackend? backend = null)
    {
        Keys = new KeyedStates<long>(StateBench.Context(backend ?? StateBackend.Heap), StateSerializer.Of<long>(), restored);
        Value = Keys.Value<string>("value");
        List = Keys.List<long>("list");
        Map = Keys.Map<int, long>("map");
        Timers = Keys.Timers("timers", VoidNamespace.Serializer);
    }

    public KeyedStates<long> Keys { get; }

    public IValueState<string> Value { get; }

    public IListState<long> List { get; }

    public IMapState<int, long> Map { get; }

    public KeyedTimers<long, VoidNamespace> Timers { get; }

    public void At(long key) => Keys.Current.Set(key, _hasher.Hash(key));

    public void Touch(int keys)
    {
        for (var key = 0L; key < keys; key++)
        {
            At(key * 7);
            Value.Update("touched");
        }
    }
}
