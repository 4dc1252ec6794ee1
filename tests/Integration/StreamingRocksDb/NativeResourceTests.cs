using DataPlatform.Streaming;
using DataPlatform.Streaming.RocksDb;
using DataPlatform.Streaming.State;
using DataPlatform.Streaming.Tests.State;

namespace DataPlatform.Integration.StreamingRocksDb;

/// <summary>Nothing native is left behind, and memory stays in its limit.</summary>
[Collection(nameof(NativeResourceTests))]
[CollectionDefinition(nameof(NativeResourceTests), DisableParallelization = true)]
public sealed class NativeResourceTests
{
    private const int Accesses = 1_000_000;

    [Fact]
    public void A_million_iterators_and_state_accesses_leave_no_handle_and_no_memory()
    {
        using var database = new TemporaryBackend(cachedEntries: 16);
        var serializers = new StateSerializers();
        var context = StateProgram.ContextOf(database.Backend, new ManualTimers());
        _ = ResidentBytes();
        var before = RocksDbStateBackend.NativeHandles;
        using (var states = new KeyedStates<long>(context, serializers.Get<long>(), null))
        {
            var hasher = KeyHashers.Create(serializers.Get<long>());
            var map = states.Map<int, long>("map");
            var value = states.Value<string>("value");
            long warm = 0;
            var open = RocksDbStateBackend.NativeHandles;
            for (var i = 0; i < Accesses; i++)
            {
                var key = i % 500L;
                states.Current.Set(key, hasher.Hash(key));
                map.Put(i % 3, i);
                value.Update("some text that is long enough to matter");

                // An iterator each time.
                Assert.InRange(map.Entries().Count, 1, 3);
                if (i == Accesses / 10)
                {
                    warm = ResidentBytes();
                }
            }

            Assert.Equal(open, RocksDbStateBackend.NativeHandles);
            Assert.InRange(ResidentBytes() - warm, long.MinValue, 96L << 20);
        }

        Assert.Equal(before, RocksDbStateBackend.NativeHandles);
    }

    [Fact]
    public void Blocks_and_buffers_of_several_databases_stay_in_one_budget()
    {
        using var database = new TemporaryBackend(cachedEntries: 64);
        var serializers = new StateSerializers();
        var hasher = KeyHashers.Create(serializers.Get<long>());
        List<(KeyedStates<long> States, IValueState<string> Value)> stores = [];
        for (var i = 0; i < 4; i++)
        {
            var states = new KeyedStates<long>(
                StateProgram.ContextOf(database.Backend, new ManualTimers(), $"op{i}"), serializers.Get<long>(), null);
            stores.Add((states, states.Value<string>("value")));
        }

        var text = new string('x', 400);
        var most = 0L;
        for (var key = 0L; key < 60_000; key++)
        {
            foreach (var (states, value) in stores)
            {
                states.Current.Set(key, hasher.Hash(key));
                value.Update(text + key);
            }

            most = Math.Max(most, database.Memory.UsedBytes);
        }

        Assert.InRange(most, 1, database.Memory.CapacityBytes);
        Assert.InRange(database.Memory.WriteBufferBytes, 1, database.Memory.CapacityBytes);
        stores[2].States.Current.Set(17, hasher.Hash(17));
        Assert.True(stores[2].Value.TryGet(out var found));
        Assert.Equal(text + "17", found);
        stores.ForEach(static s => s.States.Dispose());
    }

    [Fact]
    public void A_database_that_cannot_be_read_says_whose_it_is_and_where()
    {
        using var database = new TemporaryBackend(cachedEntries: 16);
        using var program = new StateProgram(database.Backend, 1);
        program.Run(steps: 300);
        using var checkpoint = program.Freeze(isSavepoint: false);
        var folder = database.WorkingFolders.First(static f => Path.GetFileName(f).StartsWith("checkpoint-", StringComparison.Ordinal));
        foreach (var file in Directory.GetFiles(folder, "MANIFEST*"))
        {
            File.WriteAllBytes(file, new byte[100]);
        }

        var error = Assert.Throws<StreamJobException>(() => new StateProgram(
            database.Backend, 1, groups: new KeyGroupRange(0, 15), state: Broken(folder)));

        Assert.Contains("operator 'states', subtask 0", error.Message, StringComparison.Ordinal);
        Assert.Contains(folder, error.Message, StringComparison.Ordinal);
    }

    private static Streaming.Checkpoints.RestoredOperator Broken(string folder) => new(
        "states",
        [],
        new KeyGroupRange(0, 15),
        [new Streaming.Checkpoints.FetchedDatabase(new Streaming.Checkpoints.StateDatabase("rocksdb", 0, 15, [], []), folder, true)]);

    private static long ResidentBytes()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
