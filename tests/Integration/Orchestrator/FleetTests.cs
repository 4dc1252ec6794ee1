using System.Collections.Concurrent;
using DataPlatform.Orchestrator;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Postgres;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Integration.Orchestrator;

/// <summary>Schedulers that come, work side by side, and go.</summary>
public sealed class FleetTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Either one's task takes so many slots that only one of them can run: none waits for ever, with signals and without.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Two_with_large_tasks_take_turns_in_a_small_pool(bool usesNotify)
    {
        await using var one = await MemberAsync($"turns_{usesNotify}".ToLowerInvariant(), [DagOf("one", 3)], usesNotify: usesNotify);
        await using var two = await MemberAsync(one.Database, [DagOf("two", 2)], isNew: false, usesNotify: usesNotify);
        var runs = new List<Task<DagRun>>();
        for (var i = 0; i < 6; i++)
        {
            foreach (var (member, dagId) in new[] { (one, "one"), (two, "two") })
            {
                var run = await member.Engine.TriggerAsync(dagId, cancellationToken: Token);
                runs.Add(member.Engine.WaitForRunAsync(run, Token));
            }
        }

        Assert.All(await Task.WhenAll(runs), run => Assert.Equal(DagRunState.Success, run.State));
    }

    [Fact]
    public async Task One_that_comes_gets_its_share_and_one_that_stops_gives_all_back()
    {
        Dag[] dags = [.. Enumerable.Range(0, 7).Select(i => DagOf($"d{i}", 1))];
        await using var first = await MemberAsync("comes", dags);
        Assert.Equal(7, first.Engine.OwnedDagCount);
        await using (var second = await MemberAsync(first.Database, dags, isNew: false))
        {
            await UntilAsync(() => second.Engine.OwnedDagCount >= 3 && first.Engine.OwnedDagCount + second.Engine.OwnedDagCount == 7);
            await Task.WhenAll(dags.Select(async dag =>
            {
                var run = await second.Engine.TriggerAsync(dag.Id, cancellationToken: Token);
                Assert.Equal(DagRunState.Success, (await first.Engine.WaitForRunAsync(run, Token)).State);
            }));
        }

        await UntilAsync(() => first.Engine.OwnedDagCount == 7);
    }

    /// <summary>Three DAGs of one scheduler and the one of another want more than there is: each gets a quarter, not each scheduler a half.</summary>
    [Fact]
    public async Task Dags_of_two_schedulers_share_a_pool_as_those_of_one()
    {
        var crowd = new Crowd();
        await using var one = await MemberAsync("quarters", [crowd.DagOf("a"), crowd.DagOf("b"), crowd.DagOf("c")], slots: Crowd.Slots);
        await using var two = await MemberAsync(one.Database, [crowd.DagOf("d")], isNew: false, slots: Crowd.Slots);
        foreach (var id in new[] { "a", "b", "c", "d" })
        {
            await TriggerAsync(one, id);
        }

        // Whoever came first has all slots; each time that tasks end, they are shared anew. Then it stays so.
        await crowd.UntilAlwaysAsync(running => running.Count == 4 && running.Values.All(count => count == Crowd.Slots / 4));
    }

    /// <summary>Slots that become free go to the highest priority that waits, in whichever scheduler; the others go on when it no longer waits.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Higher_priorities_go_first_wherever_they_wait(bool isHighFirst)
    {
        var crowd = new Crowd();
        Dag[] dags = [crowd.DagOf("low"), crowd.DagOf("high", priority: 5)];
        await using var one = await MemberAsync($"first_{isHighFirst}".ToLowerInvariant(), [dags[isHighFirst ? 1 : 0]], slots: Crowd.Slots);
        await using var two = await MemberAsync(one.Database, [dags[isHighFirst ? 0 : 1]], isNew: false, slots: Crowd.Slots);
        await TriggerAsync(one, "low");
        await crowd.UntilFullAsync();
        await TriggerAsync(one, "high");

        await crowd.UntilAlwaysAsync(running => running.GetValueOrDefault("high") == Crowd.Slots);
        await two.Engine.PauseAsync("high", Token);
        await crowd.UntilAlwaysAsync(running => running.GetValueOrDefault("low") == Crowd.Slots);
    }

    /// <summary>In a rolling update the process that has the newer version takes the DAG.</summary>
    [Fact]
    public async Task Newer_version_of_a_dag_goes_to_the_process_that_has_it()
    {
        await using var old = await MemberAsync("rolls", [DagOf("d", 1)]);
        await using var next = await MemberAsync(old.Database, [DagOf("d", 2)], isNew: false);

        await UntilAsync(() => next.Engine.OwnedDagCount == 1 && old.Engine.OwnedDagCount == 0);

        var run = await old.Engine.TriggerAsync("d", cancellationToken: Token);
        Assert.Equal(next.Engine.Dags[0].Hash, (await old.Engine.WaitForRunAsync(run, Token)).DagHash);
    }

    private static Dag DagOf(string id, int slots)
    {
        var builder = new DagBuilder(id);
        for (var i = 0; i < 3; i++)
        {
            var before = i == 0 ? null : $"t{i - 1}";
            builder.Task($"t{i}", (_, _) => Task.CompletedTask, t => t.After(before is null ? [] : [before]).Pool("three", slots));
        }

        return builder.Build();
    }

    private async Task<Member> MemberAsync(string database, Dag[] dags, bool isNew = true, bool usesNotify = true, int slots = 3)
    {
        Assert.SkipWhen(server.SkipReason is not null, server.SkipReason ?? string.Empty);
        database = isNew ? await server.NewDatabaseAsync(database) : database;
        var store = await PostgresOrchestratorStore.OpenAsync(database, new PostgresOrchestratorOptions { UsesNotify = usesNotify }, Token);
        var engine = new OrchestratorEngine(store, dags, options: new OrchestratorOptions { Pools = { ["three"] = slots } });
        await engine.StartAsync(Token);
        return new Member(database, store, engine);
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        while (!isSo())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }
    }

    /// <summary>Starts a run of a crowd and waits until all its tasks are there.</summary>
    private static async Task TriggerAsync(Member member, string dagId)
    {
        var run = await member.Engine.TriggerAsync(dagId, cancellationToken: Token);
        while ((await member.Store.ListTaskInstancesAsync(run, Token)).Count < Crowd.Tasks)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }
    }

    /// <summary>DAGs whose many tasks want more slots than there are, and end all at once when the test says so, round after round.</summary>
    private sealed class Crowd
    {
        public const int Slots = 12;
        public const int Tasks = 1_000;

        private readonly ConcurrentDictionary<string, int> _running = new(StringComparer.Ordinal);
        private TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _begun;
        private int _round = 1;

        public Dag DagOf(string id, int priority = 0) => new DagBuilder(id).MaxActiveTasks(1_000)
            .Task("list", (_, _) => Task.FromResult(Enumerable.Range(0, Tasks).ToArray()))
            .MapTask<int>("each", MapSource.Over("list"), async (_, _, token) =>
            {
                var gate = Volatile.Read(ref _gate).Task;
                _running.AddOrUpdate(id, 1, (_, count) => count + 1);
                Interlocked.Increment(ref _begun);
                await gate.WaitAsync(token);
                _running.AddOrUpdate(id, 0, (_, count) => count - 1);
            }, t => t.Pool("three").Priority(priority)).Build();

        public Task UntilFullAsync() => UntilAsync(() => Volatile.Read(ref _begun) == Slots * _round && _running.Values.Sum() == Slots);

        /// <summary>Lets those who run end, until those who run in their places are as they should be three times in a row.</summary>
        public async Task UntilAlwaysAsync(Func<IReadOnlyDictionary<string, int>, bool> isRight)
        {
            for (var right = 0; right < 3; _round++)
            {
                await UntilFullAsync();
                right = isRight(_running) ? right + 1 : 0;

                // What schedulers want reaches the others by a signal, or when they look: tasks must not run out before that.
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Token);
                Interlocked.Exchange(ref _gate, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
            }
        }
    }

    private sealed record Member(string Database, PostgresOrchestratorStore Store, OrchestratorEngine Engine) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Engine.DisposeAsync();
            await Store.DisposeAsync();
        }
    }
}
