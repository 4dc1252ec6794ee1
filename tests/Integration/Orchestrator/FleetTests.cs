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
        var running = new System.Collections.Concurrent.ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        var gate = new Gate();
        var begun = 0;
        Dag Crowd(string id) => new DagBuilder(id).MaxActiveTasks(1_000)
            .Task("list", (_, _) => Task.FromResult(Enumerable.Range(0, 400).ToArray()))
            .MapTask<int>("each", MapSource.Over("list"), async (_, _, token) =>
            {
                var wait = gate.Wait;
                running.AddOrUpdate(id, 1, (_, count) => count + 1);
                Interlocked.Increment(ref begun);
                await wait.WaitAsync(token);
                running.AddOrUpdate(id, 0, (_, count) => count - 1);
            }, t => t.Pool("three")).Build();
        await using var one = await MemberAsync("quarters", [Crowd("a"), Crowd("b"), Crowd("c")], slots: 12);
        await using var two = await MemberAsync(one.Database, [Crowd("d")], isNew: false, slots: 12);
        foreach (var id in new[] { "a", "b", "c", "d" })
        {
            var run = await one.Engine.TriggerAsync(id, cancellationToken: Token);
            while ((await one.Store.ListTaskInstancesAsync(run, Token)).Count < 400)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
            }
        }

        // Whoever came first has all slots; each time that tasks end, they are shared anew. Then it stays so.
        var fair = 0;
        for (var round = 1; fair < 3; round++)
        {
            await UntilAsync(() => Volatile.Read(ref begun) == 12 * round && running.Values.Sum() == 12);
            fair = running.Count == 4 && running.Values.All(count => count == 3) ? fair + 1 : 0;
            Assert.True(round < 80, $"after {round} rounds: {string.Join(", ", running.OrderBy(pair => pair.Key, StringComparer.Ordinal))}");
            gate.Open();
        }

        gate.Open();
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

    /// <summary>Lets all go that wait, and makes those wait that come after.</summary>
    private sealed class Gate
    {
        private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Wait => Volatile.Read(ref _next).Task;

        public void Open() => Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
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
