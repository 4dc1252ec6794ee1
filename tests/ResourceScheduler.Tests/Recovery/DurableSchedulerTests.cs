using DataPlatform.Kernel;
using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Nodes;
using DataPlatform.ResourceScheduler.Recovery;

namespace DataPlatform.ResourceScheduler.Tests.Recovery;

public sealed class DurableSchedulerTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"scheduler-log-{Guid.NewGuid():N}");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_successor_knows_what_was_committed_and_nothing_else(bool inFiles)
    {
        for (var seed = 1; seed <= 20; seed++)
        {
            await using IStateStore store = inFiles ? FileStateStore.Open(Path.Combine(_folder, $"{seed}")) : new InMemoryStateStore();
            var history = new RandomHistory(seed);
            var leader = await LeadAsync(store);
            for (var round = 0; round < 25; round++)
            {
                for (var i = 0; i < 1 + (seed % 7); i++)
                {
                    history.Learn(leader.Apply(history.Next()));
                }

                await (round % 8 == 7 ? leader.SaveAsync(Token) : leader.CommitAsync(Token));
            }

            var committed = Text(leader);
            leader.Apply(history.Next());
            await store.ReleaseAsync(leader.Epoch, Token);

            var successor = await LeadAsync(store);
            Assert.Equal(committed, Text(successor));
            Assert.Equal(leader.Epoch + 1, successor.Epoch);
        }
    }

    [Fact]
    public async Task A_leader_whose_epoch_is_over_can_write_nothing_and_stops()
    {
        var store = new InMemoryStateStore();
        var old = await LeadAsync(store);
        await using var leader = await LeadAsync(store);
        old.Apply(new SchedulerEvent.Tick(1));

        Assert.Equal(ErrorKind.Conflict, (await Assert.ThrowsAsync<SchedulerException>(async () => await old.CommitAsync(Token))).Kind);
        Assert.Throws<ObjectDisposedException>(() => old.Apply(new SchedulerEvent.Tick(2)));
        leader.Apply(new SchedulerEvent.Tick(3));
        await leader.CommitAsync(Token);
    }

    [Fact]
    public async Task New_settings_and_a_new_queue_tree_hold_from_the_new_epoch_on_and_are_remembered()
    {
        var store = new InMemoryStateStore();
        await using (var first = await LeadAsync(store))
        {
            first.Apply(new SchedulerEvent.NodeRegistered(0, "n", new ResourceVector(1000, 1000)));
            first.Apply(new SchedulerEvent.ApplicationSubmitted(1, 1, new ApplicationSpecification("app", "root.a", "ana")));
            await first.CommitAsync(Token);
        }

        var wider = RandomHistory.Queues.With([KeyValuePair.Create("root.d", new QueueOptions())]);
        await using (var second = await DurableScheduler.LeadAsync(wider, store, "two", new SchedulerOptions { NodeSuspectAfterMs = 5 },
            Token))
        {
            Assert.NotNull(second.Scheduler.Queues.Find("root.d"));
            second.Apply(new SchedulerEvent.Tick(10));
            await second.CommitAsync(Token);
        }

        await using (var third = await DurableScheduler.LeadAsync(wider, store, "three", cancellationToken: Token))
        {
            Assert.Equal(NodeState.Suspect, Assert.Single(third.Scheduler.Snapshot().Nodes).State);
        }

        var narrower = QueueTree.Define().Queue("root.z").Build();
        var error = await Assert.ThrowsAsync<SchedulerException>(async () =>
            await DurableScheduler.LeadAsync(narrower, store, "four", cancellationToken: Token));
        Assert.Contains("root.a", error.Message, StringComparison.Ordinal);
        await using var fifth = await DurableScheduler.LeadAsync(wider, store, "five", cancellationToken: Token);
        Assert.Single(fifth.Scheduler.Snapshot().Applications);
    }

    [Fact]
    public async Task Events_that_would_be_decided_otherwise_today_are_not_replayed_as_if_nothing_had_happened()
    {
        var store = new InMemoryStateStore();
        await using (var leader = await LeadAsync(store))
        {
            leader.Apply(new SchedulerEvent.NodeRegistered(0, "n", new ResourceVector(1000, 1000)));
            await leader.CommitAsync(Token);
        }

        var records = new List<LogRecord>();
        await foreach (var record in store.ReadLogAsync(0, Token))
        {
            records.Add(record);
        }

        var writer = new ByteWriter();
        LogFrame.Begin(writer, 2, 1, false, null, 1);
        EventCodec.Write(writer, new SchedulerEvent.NodeRegistered(0, "n", new ResourceVector(1000, 1000)), 0);
        LogFrame.End(writer, DecisionDigest.Add(DecisionDigest.Empty, new SchedulerDecision.ContainerPlaced(1, 1, 1, "n", default, 0)));
        var forged = new ReplacedLogStore(records[0], new LogRecord(2, 1, writer.ToArray()));

        var error = await Assert.ThrowsAsync<SchedulerException>(async () => await LeadAsync(forged));
        Assert.Equal(ErrorKind.Corrupt, error.Kind);
        Assert.Contains("Record 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_cut_anywhere_loses_its_unfinished_record_only()
    {
        var (path, ends) = await WriteAsync();
        var whole = await File.ReadAllBytesAsync(path, Token);
        for (var length = ends[0]; length < whole.Length; length += 7)
        {
            await File.WriteAllBytesAsync(path, whole[..length], Token);
            await using var store = FileStateStore.Open(_folder);
            await store.ClaimAsync("one", Token);
            Assert.Equal(ends.Count(end => end <= length), await CountAsync(store));
            await store.ReleaseAsync(await EpochAsync(), Token);
        }

        // The file may have grown before its bytes were there.
        await File.WriteAllBytesAsync(path, [.. whole[..ends[2]], .. new byte[500]], Token);
        await using var grown = FileStateStore.Open(_folder);
        await grown.ClaimAsync("one", Token);
        Assert.Equal(3, await CountAsync(grown));
    }

    [Fact]
    public async Task A_flipped_byte_anywhere_is_an_error_that_names_the_record()
    {
        var (path, ends) = await WriteAsync();
        var whole = await File.ReadAllBytesAsync(path, Token);
        for (var at = 0; at < whole.Length; at += 3)
        {
            var damaged = whole.ToArray();
            damaged[at] ^= 0x10;
            await File.WriteAllBytesAsync(path, damaged, Token);
            var record = ends.Count(end => end <= at) + 1;
            await using var store = FileStateStore.Open(_folder);
            var error = await Assert.ThrowsAsync<SchedulerException>(async () => await LeadAsync(store));
            Assert.Equal(ErrorKind.Corrupt, error.Kind);
            Assert.Contains($"ecord {record} ", error.Message, StringComparison.Ordinal);
            Assert.Equal(damaged, await File.ReadAllBytesAsync(path, Token));
        }
    }

    [Fact]
    public async Task A_damaged_saved_state_is_an_error_and_two_processes_cannot_lead_from_one_folder()
    {
        await using var store = FileStateStore.Open(_folder);
        var leader = await LeadAsync(store);
        leader.Apply(new SchedulerEvent.Tick(5));
        await leader.SaveAsync(Token);
        Assert.Equal(0, await CountAsync(store));

        await using var other = FileStateStore.Open(_folder);
        Assert.Equal(ErrorKind.Conflict, (await Assert.ThrowsAsync<SchedulerException>(async () => await LeadAsync(other))).Kind);
        await leader.DisposeAsync();

        var state = Assert.Single(Directory.GetFiles(_folder, "state-*"));
        var bytes = await File.ReadAllBytesAsync(state, Token);
        bytes[^20] ^= 1;
        await File.WriteAllBytesAsync(state, bytes, Token);
        var error = await Assert.ThrowsAsync<SchedulerException>(async () => await LeadAsync(other));
        Assert.Equal(ErrorKind.Corrupt, error.Kind);
        Assert.Contains("state saved after record", error.Message, StringComparison.Ordinal);
    }

    private static ValueTask<DurableScheduler> LeadAsync(IStateStore store)
        => DurableScheduler.LeadAsync(RandomHistory.Queues, store, "test", RandomHistory.Options, Token);

    private static string Text(DurableScheduler leader)
    {
        var writer = new ByteWriter();
        leader.Scheduler.Save(writer);
        return Convert.ToHexString(writer.Written);
    }

    private static async Task<int> CountAsync(FileStateStore store)
    {
        var count = 0;
        await foreach (var record in store.ReadLogAsync(0, Token))
        {
            LogFrame.Read(record);
            count++;
        }

        return count;
    }

    private async Task<long> EpochAsync() => long.Parse(await File.ReadAllTextAsync(Path.Combine(_folder, "epoch"), Token),
        System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A log of a few records, and where each ends.</summary>
    private async Task<(string Path, List<int> Ends)> WriteAsync()
    {
        await using var store = FileStateStore.Open(_folder);
        await using var leader = await LeadAsync(store);
        var history = new RandomHistory(3);
        var ends = new List<int>();
        var path = Assert.Single(Directory.GetFiles(_folder, "log-*"));
        ends.Add((int)new FileInfo(path).Length);
        for (var i = 0; i < 5; i++)
        {
            history.Learn(leader.Apply(history.Next()));
            history.Learn(leader.Apply(history.Next()));
            await leader.CommitAsync(Token);
            ends.Add((int)new FileInfo(path).Length);
        }

        return (path, ends);
    }

    /// <summary>A store whose log is what a test says.</summary>
    private sealed class ReplacedLogStore(params LogRecord[] records) : IStateStore
    {
        public ValueTask<long> ClaimAsync(string owner, CancellationToken cancellationToken = default) => ValueTask.FromResult(9L);

        public ValueTask<SavedState?> ReadStateAsync(CancellationToken cancellationToken = default)
            => ValueTask.FromResult<SavedState?>(null);

        public IAsyncEnumerable<LogRecord> ReadLogAsync(long afterSequence, CancellationToken cancellationToken = default)
            => records.ToAsyncEnumerable();

        public ValueTask AppendAsync(LogRecord record, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

        public ValueTask SaveStateAsync(SavedState state, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

        public ValueTask ReleaseAsync(long epoch, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
