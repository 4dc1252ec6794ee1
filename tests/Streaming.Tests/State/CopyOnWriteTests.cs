using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.Runtime;
using DataPlatform.Streaming.State;
using DataPlatform.Streaming.Time;

namespace DataPlatform.Streaming.Tests.State;

/// <summary>
/// Frozen state stays as it was while the live state goes on, for every kind of state, also for values that change in place.
/// </summary>
public sealed class CopyOnWriteTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_snapshot_holds_what_was_there_when_it_was_taken_whatever_happens_before_it_is_written(int seed)
    {
        var program = new StateProgram(StateBackend.Heap, seed);
        program.Run(steps: 800);
        List<(SubtaskSnapshot Frozen, string Then)> frozen = [];
        for (var round = 0; round < 5; round++)
        {
            frozen.Add((program.Freeze(), program.Content()));
            program.Run(steps: 400);
        }

        foreach (var (snapshot, then) in frozen)
        {
            Assert.Equal(then, StateProgram.Content(snapshot));
            snapshot.Dispose();
        }
    }

    [Fact]
    public void Freezing_does_no_work_for_each_entry()
    {
        var counting = new CountingSerializer();
        var table = new KeyTable<int, List<int>>(counting);
        for (var key = 0; key < 10_000; key++)
        {
            table.GetOrAdd(key, key, out _) = [key];
        }

        using var snapshot = table.TakeSnapshot();
        Assert.Equal(0, counting.Copies);
        table.TryGet(77, 77, out var touched);
        touched.Add(1);
        table.TryGet(77, 77, out touched);
        touched.Add(2);
        table.TryPeek(78, 78, out _);

        Assert.Equal(1, counting.Copies);
    }

    [Fact]
    public void Timers_that_are_taken_back_do_not_pile_up()
    {
        var store = new HeapStateStore<long>(
            StateProgram.ContextOf(StateBackend.Heap, new ManualTimers()), new StateSerializers().Get<long>(), null);
        var timers = (HeapTimers<long, VoidNamespace>)store.Timers("timers", VoidNamespace.Serializer);
        for (var i = 0L; i < 100_000; i++)
        {
            timers.Register(new KeyedTimer<long, VoidNamespace>(1_000_000 + i, 1, 1, default));
            timers.Delete(new KeyedTimer<long, VoidNamespace>(1_000_000 + i, 1, 1, default));
        }

        Assert.InRange(timers.Queued, 0, 2_000);
    }

    private sealed class CountingSerializer : IStateSerializer<List<int>>
    {
        public int Copies { get; private set; }

        public string Schema => "counting";

        public List<int> Copy(List<int> value)
        {
            Copies++;
            return [.. value];
        }

        public void Write(StateWriter writer, List<int> value) => writer.WriteInt32(value[0]);

        public List<int> Read(ref StateReader reader) => [reader.ReadInt32()];
    }
}
