using DataPlatform.Kernel.Storage;
using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.Sources;
using DataPlatform.Streaming.State;
using DataPlatform.Streaming.Time;

namespace DataPlatform.Streaming.Tests.State;

/// <summary>State of functions without keys is dealt out, shared or copied when a job goes on with another parallelism.</summary>
public sealed class OperatorStateTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(2, 3)]
    [InlineData(3, 1)]
    [InlineData(1, 4)]
    public async Task Split_lists_are_dealt_out_union_lists_shared_and_broadcast_maps_copied(int before, int after)
    {
        var store = new InMemoryObjectStore();
        await RunAsync(store, before, Enumerable.Range(0, 60), [], static (f, v) => f.Learn(v));
        List<Holder> holders = [];
        await RunAsync(store, after, [], holders, static (_, _) => { });

        Assert.Equal(after, holders.Count);
        Assert.Equal(Enumerable.Range(0, 60), holders.SelectMany(static h => h.Split).Order());
        Assert.All(holders, h => Assert.InRange(h.Split.Count, 60 / after, (60 / after) + 1));
        Assert.All(holders, static h => Assert.Equal(Enumerable.Range(0, 60), h.Union.Order()));
        Assert.All(holders, static h => Assert.Equal(["rule 7"], h.Rules));
    }

    [Fact]
    public async Task State_of_another_kind_is_refused_by_its_name()
    {
        var store = new InMemoryObjectStore();
        await RunAsync(store, 1, [1, 2], [], static (f, v) => f.Learn(v));

        var error = await Assert.ThrowsAsync<StreamJobException>(() => RunAsync(store, 1, [], [], static (_, _) => { }, swapKinds: true));

        Assert.Contains("'split-items'", error.Message, StringComparison.Ordinal);
        Assert.Contains("operator 'holder'", error.Message, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task RunAsync(
        InMemoryObjectStore store, int parallelism, IEnumerable<int> records, List<Holder> holders, Action<Holder, int> each, bool swapKinds = false)
    {
        var options = new StreamJobOptions { Parallelism = parallelism, CheckpointStore = store };
        var job = new StreamJobBuilder("operator-state", options);

        int[] all = [.. records];
        var source = new CollectionSource<int>([new ReadOnlyMemory<int>(all)]);
        job.FromSource("input", "input", source, WatermarkStrategy.Monotonous<int>(static v => v))
            .Rebalance()
            .Process("holder", "holder", () => Make(holders, each, swapKinds))
            .SinkTo("sink", "sink", new CollectingSink<int>());
        await using var run = await job.Build().StartAsync(Token);
        await run.Completion;
    }

    private static Holder Make(List<Holder> holders, Action<Holder, int> each, bool swapKinds)
    {
        var made = new Holder(each, swapKinds);
        lock (holders)
        {
            holders.Add(made);
        }

        return made;
    }

    private sealed class Holder(Action<Holder, int> each, bool swapKinds) : ProcessFunction<int, int>
    {
        private readonly List<int> _buffered = [];
        private IListState<int> _split = null!;
        private IListState<int> _union = null!;
        private IMapState<string, string> _rules = null!;

        public IReadOnlyList<int> Split { get; private set; } = [];

        public IReadOnlyList<int> Union { get; private set; } = [];

        public IReadOnlyList<string> Rules { get; private set; } = [];

        public override void Open(IOperatorStates states)
        {
            _split = swapKinds ? states.Union<int>("split-items") : states.Split<int>("split-items");
            _union = states.Union<int>("union-items");
            _rules = states.Broadcast<string, string>("rules");
            (Split, Union, Rules) = (_split.Items(), _union.Items(), [.. _rules.Entries().Select(static e => e.Value)]);
            _rules.Put("rule", "rule 7");
        }

        public void Learn(int value) => _buffered.Add(value);

        public override void Process(int record, RecordContext<int> context)
        {
            each(this, record);
            context.Collect(record);
        }

        public override void OnCheckpoint()
        {
            foreach (var value in _buffered)
            {
                _split.Add(value);
                _union.Add(value);
            }

            _buffered.Clear();
        }
    }
}
