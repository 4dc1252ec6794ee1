using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.State;
using DataPlatform.Streaming.Tests.State;

namespace DataPlatform.Integration.StreamingRocksDb;

/// <summary>
/// Programs over every kind of state give the same output and the same savepoint, byte for byte, on the heap and in a database.
/// </summary>
public sealed class BackendEqualityTests
{
    public static TheoryData<int, int> Programs => [.. Enumerable.Range(1, 12).Select(static seed => (seed, seed % 3 == 0 ? 1024 : 32))];

    [Theory]
    [MemberData(nameof(Programs))]
    public void Both_back_ends_read_and_hold_the_same(int seed, int cachedEntries)
    {
        using var database = new TemporaryBackend(cachedEntries);
        using var heap = new StateProgram(StateBackend.Heap, seed);
        using var rocks = new StateProgram(database.Backend, seed);
        for (var round = 0; round < 6; round++)
        {
            heap.Run(steps: 700);
            rocks.Run(steps: 700);
            Assert.Equal(heap.Output.ToString(), rocks.Output.ToString());

            // A barrier writes what is in front of the database.
            using var checkpoint = rocks.Freeze(isSavepoint: round % 2 == 0);
        }

        Assert.Equal(heap.Content(), rocks.Content());
        Assert.Contains("fired True 0", heap.Output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_savepoint_of_one_back_end_restores_into_the_other_and_both_go_on_alike(int seed)
    {
        using var database = new TemporaryBackend();
        using var heap = new StateProgram(StateBackend.Heap, seed);
        using var rocks = new StateProgram(database.Backend, seed);
        heap.Run(steps: 1500);
        rocks.Run(steps: 1500);
        using var ofHeap = heap.Freeze();
        using var ofRocks = rocks.Freeze();

        using var heapAgain = new StateProgram(StateBackend.Heap, seed + 100, ofRocks, clock: heap.Clock);
        using var rocksAgain = new StateProgram(database.Backend, seed + 100, ofHeap, clock: rocks.Clock);

        Assert.Equal(heap.Content(), heapAgain.Content());
        Assert.Equal(heap.Content(), rocksAgain.Content());
        heapAgain.Run(steps: 1500);
        rocksAgain.Run(steps: 1500);
        Assert.Equal(heapAgain.Output.ToString(), rocksAgain.Output.ToString());
        Assert.Equal(heapAgain.Content(), rocksAgain.Content());
    }

    [Fact]
    public void A_savepoint_holds_the_moment_it_was_taken_whatever_happens_before_it_is_written()
    {
        using var database = new TemporaryBackend();
        using var rocks = new StateProgram(database.Backend, 5);
        rocks.Run(steps: 1000);
        using var frozen = rocks.Freeze();
        var then = rocks.Content();
        rocks.Run(steps: 1000);

        Assert.NotEqual(then, rocks.Content());
        Assert.Equal(then, StateProgram.Content(frozen));
    }

    [Fact]
    public void A_savepoint_is_split_over_more_subtasks_and_put_together_again()
    {
        using var database = new TemporaryBackend();
        using var whole = new StateProgram(StateBackend.Heap, 9);
        whole.Run(steps: 2000);
        using var savepoint = whole.Freeze();

        var parts = new[] { new KeyGroupRange(0, 4), new KeyGroupRange(5, 9), new KeyGroupRange(10, 15) }
            .Select(groups => new StateProgram(database.Backend, 9, savepoint, groups, clock: whole.Clock)).ToList();

        var lines = parts.SelectMany(
            static p => p.Content().Split('\n', StringSplitOptions.RemoveEmptyEntries)).Order(StringComparer.Ordinal);
        Assert.Equal(whole.Content().Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal), lines);
        parts.ForEach(static p => p.Dispose());
    }
}
