using System.Collections.Concurrent;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Sqlite;

namespace DataPlatform.Orchestrator.Tests.Dags;

public sealed class MapGroupTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orchestrator-groups-").FullName;

    private static readonly Func<TaskContext, CancellationToken, Task> Nothing = (_, _) => Task.CompletedTask;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static DagBuilder Files(string[] files) => new DagBuilder("d").Task("files", (_, _) => Task.FromResult(files));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Values_go_from_index_to_index_inside_and_as_a_list_outside()
    {
        var total = 0;
        TaskValue<int> size = null!;
        await using var engine = await EngineHarness.StartAsync(new DagBuilder("d")
            .Task("files", (_, _) => Task.FromResult<string[]>(["a", "bb", "ccc"]), out var files)
            .MapGroup("each", files, (g, item) => g
                .Task("fetch", item, (_, file, _) => Task.FromResult(file + "!"), out var fetched)
                .Task("size", fetched, (c, text, _) => Task.FromResult(text.Length + (100 * c.MapIndex)), out size))
            .Task("sum", size.All, (_, sizes, _) =>
            {
                total = sizes.Sum();
                return Task.CompletedTask;
            }).Build());

        await engine.RunAsync("d");

        Assert.Equal(2 + 103 + 204, total);
    }

    public static TheoryData<string, Func<DagBuilder, DagBuilder>> Wrongs => new()
    {
        {
            "the mapped group 'g.h' stands in the mapped group 'g': mapped groups do not nest; map over a product of both lists.",
            d => d.MapGroup("g", MapSource.Over("files"), g =>
                g.Task("a", Nothing).MapGroup("h", MapSource.Over("files"), h => h.Task("b", Nothing)))
        },
        {
            "task 'g.b' is mapped inside the mapped group 'g': mappings do not nest; take it out of the group.",
            d => d.MapGroup("g", MapSource.Over("files"), g =>
                g.MapTask<string>("b", MapSource.Over("files"), (_, _, _) => Task.CompletedTask))
        },
        {
            "the group 'g' is mapped twice: name all its lists at once.",
            d => d.MapGroup("g", MapSource.Over("files"), g => g.Task("a", Nothing)).MapGroup("g", MapSource.Over("files"), g => g.Task("b", Nothing))
        },
        { "the mapped group 'g' has no task.", d => d.MapGroup("g", MapSource.Over("files"), _ => { }) },
        {
            "the group 'g' is mapped over its own task 'g.a': the task that returns the list stands before the group.",
            d => d.MapGroup("g", MapSource.Over("g.a"), g => g.Task("a", (_, _) => Task.FromResult(new[] { 1 })))
        },
        {
            "'g' is mapped over 'text', which gives string: only a list can be mapped over.",
            d => d.Task("text", (_, _) => Task.FromResult("x")).MapGroup("g", MapSource.Over("text"), g => g.Task("a", Nothing))
        },
        {
            "task 'g.a' takes an item as int, but 'files' gives items of string: a text is not a number.",
            d => d.MapGroup("g", MapSource.Over("files"), g => g.ItemTask<int, int>("a", (_, i, _) => Task.FromResult(i), out _))
        },
        {
            "task 'a' takes an item, but it is not mapped: name the list it is mapped over.",
            d => d.ItemTask<int, int>("a", (_, i, _) => Task.FromResult(i), out _)
        },
        {
            "task 'b' decides which tasks go on, so it cannot be mapped: put it and what follows into a mapped group.",
            d => d.Branch("b", (_, _) => Task.FromResult<IReadOnlyList<string>>([]), t => t.Over(MapSource.Over("files")))
        },
        {
            "task 'out' comes directly after 'g.b', which decides by index inside the mapped group 'g': put a task of the group between them.",
            d => d.MapGroup("g", MapSource.Over("files"), g => g.ShortCircuit("b", (_, _) => Task.FromResult(true))).Task("out", Nothing,
                t => t.After("g"))
        },
        { "task 'g.a' comes after 'nowhere', which does not exist.", d =>
            d.MapGroup("g", MapSource.Over("nowhere"), g => g.Task("a", Nothing)) },
    };

    [Theory]
    [MemberData(nameof(Wrongs))]
    public void A_mapped_group_that_cannot_be_is_refused(string message, Func<DagBuilder, DagBuilder> define) => Assert.Contains(
        message, Assert.Throws<DagException>(define(Files(["a"])).Build).Problems.Select(problem => problem.Message));

    [Fact]
    public void The_model_holds_the_group_and_reads_back_to_the_same_hash()
    {
        var dag = Files(["a"]).Group("o", o => o.Task("list", (_, _) => Task.FromResult(new[] { 1 }))
            .MapGroup("g", MapSource.Over("list"), g => g.Task("a", Nothing, t => t.MaxActivePerRun(3)), 50)).Build();

        var read = DagDocument.Read(dag.Model, dag);

        Assert.Equal(dag.Hash, read.Hash);
        Assert.StartsWith("{\"format\":2,", dag.Model, StringComparison.Ordinal);
        Assert.StartsWith("{\"format\":1,", Files(["a"]).Build().Model, StringComparison.Ordinal);
        Assert.Throws<DagException>(() => DagDocument.Read(dag.Model.Replace("\"format\":2", "\"format\":3", StringComparison.Ordinal), dag));
        Assert.Equal(("o.g", 50), (read.MappedGroups[0].Id, read.MappedGroups[0].MapLengthMax));
        Assert.Equal(["o.list"], read.MappedGroups[0].Map.TaskIds);
        Assert.Equal(("o.g", 3), (read.Task("o.g.a").MappedGroup, read.Task("o.g.a").MaxActivePerRun));
        Assert.Equal(["o.list"], read.Task("o.g.a").Upstream);
    }

    [Fact]
    public async Task A_group_that_waits_for_its_list_says_so_and_a_limit_in_the_run_too()
    {
        var open = new SemaphoreSlim(0);
        await using var engine = await EngineHarness.StartAsync(new DagBuilder("d")
            .Task("list", async (_, token) =>
            {
                await open.WaitAsync(token);
                return new[] { 1, 2, 3 };
            })
            .MapGroup("g", MapSource.Over("list"), g =>
                g.Task("a", (_, token) => open.WaitAsync(token), t => t.MaxActivePerRun(2)).Task("b", Nothing, t => t.After("a")))
            .Build());
        var runId = await engine.Engine.TriggerAsync("d", cancellationToken: Token);
        await engine.UntilTaskAsync(runId, "list", TaskState.Running);
        Assert.Contains((await engine.Engine.ExplainAsync(runId, Token)), reason => reason.TaskId == "g.b"
            && reason.Text == "its group g waits for what it is mapped over: list");
        Assert.Equal(-1, Assert.Single(await engine.Engine.ExplainAsync(runId, "g.b", mapIndex: 2, Token)).MapIndex);

        open.Release();
        await EngineHarness.UntilAsync(async () =>
            (await engine.Store.ListTaskInstancesAsync(runId, Token)).Count(task => task.State == TaskState.Running) == 2 ? "two" : null);

        var reasons = (await engine.Engine.ExplainAsync(runId, Token)).ToLookup(reason => (reason.TaskId, reason.MapIndex));
        Assert.Equal((WaitCause.Limit, "2 of 2 instances of the task are active in the run"),
            (reasons[("g.a", 2)].Single().Cause, reasons[("g.a", 2)].Single().Text));
        Assert.StartsWith("rule AllSuccess: of 1 upstream 0 succeeded", reasons[("g.b", 0)].Single().Text, StringComparison.Ordinal);
        Assert.Equal(
            reasons.Where(of => of.Key.TaskId == "g.b").SelectMany(of => of), await engine.Engine.ExplainAsync(runId, "g.b", mapIndex: null, Token));
        Assert.Equal(reasons[("g.a", 2)], await engine.Engine.ExplainAsync(runId, "g.a", mapIndex: 2, Token));
        Assert.Empty(await engine.Engine.ExplainAsync(runId, "nosuch", mapIndex: null, Token));
        open.Release(10);
        Assert.Equal(DagRunState.Success, (await engine.Engine.WaitForRunAsync(runId, Token)).State);
    }

    /// <summary>The scheduler dies at every commit in turn, before and after it reached the store, and another goes on.</summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task Wherever_the_scheduler_dies_every_item_goes_its_whole_way(bool afterCommit, bool isFile)
    {
        for (var (death, hasEnded) = (1, false); !hasEnded; death++)
        {
            var sums = new ConcurrentQueue<int>();
            await using IOrchestratorStore store = isFile
                ? await SqliteOrchestratorStore.OpenAsync(Path.Combine(_folder, $"{afterCommit}-{death}.db"), cancellationToken: Token)
                : new InMemoryOrchestratorStore();
            await using (var first = await EngineHarness.StartAsync([Summing(sums)], new DyingStore(store, death, afterCommit)))
            {
                hasEnded = await EndsAsync(first);
            }

            await using var second = await EngineHarness.StartAsync([Summing(sums)], store);
            if (await store.FindRunAsync(1, Token) is not null)
            {
                Assert.Equal(DagRunState.Success, (await second.Engine.WaitForRunAsync(1, Token)).State);
                Assert.Equal(66, sums.Last());
                var instances = await store.ListTaskInstancesAsync(1, Token);
                Assert.Equal(["g.a 0", "g.a 1", "g.a 2", "g.b 0", "g.b 1", "g.b 2"], instances.Where(task => task.Key.MapIndex >= 0)
                    .Select(task => $"{task.TaskId} {task.Key.MapIndex}").Order(StringComparer.Ordinal));
                Assert.All(instances, task => Assert.Equal(TaskState.Success, task.State));
            }
        }
    }

    private static Dag Summing(ConcurrentQueue<int> sums)
    {
        TaskValue<int> ten = null!;
        return new DagBuilder("d").Task("list", (_, _) => Task.FromResult<int[]>([1, 2, 3]), out var list)
            .MapGroup("g", list, (g, item) => g
                .Task("a", item, (_, i, _) => Task.FromResult(i), out var a)
                .Task("b", a, (_, i, _) => Task.FromResult(11 * i), out ten))
            .Task("sum", ten.All, (_, all, _) =>
            {
                sums.Enqueue(all.Sum());
                return Task.CompletedTask;
            }).Build();
    }

    private static async Task<bool> EndsAsync(EngineHarness engine)
    {
        try
        {
            await engine.RunAsync("d");
            return true;
        }
        catch (OrchestratorException)
        {
            return false;
        }
    }

    /// <summary>Whatever the shape and the failures, the engine ends the run and every instance obeys its rule over what is before
    /// it.</summary>
    [Fact]
    public void Random_groups_with_random_failures_end_as_the_rules_say() => CsCheck.Check.Sample(
        CsCheck.Gen.Select(CsCheck.Gen.Int[0, 6], CsCheck.Gen.Int[1, 5], CsCheck.Gen.Int[0, int.MaxValue]),
        (items, tasks, seed) => RunRandomAsync(items, tasks, seed).GetAwaiter().GetResult(),
        iter: 60);

    private static async Task RunRandomAsync(int items, int tasks, int seed)
    {
        var random = new Random(seed);
        TriggerRule[] rules = [TriggerRule.AllSuccess, TriggerRule.AllDone, TriggerRule.OneFailed, TriggerRule.NoneFailed,
            TriggerRule.OneSuccess, TriggerRule.AllSkipped];
        var fates = new ConcurrentDictionary<(string, int), int>();
        for (var t = 0; t < tasks; t++)
        {
            for (var i = 0; i < items; i++)
            {
                fates[($"g.t{t}", i)] = random.Next(4);
            }
        }

        Task Do(TaskContext context, CancellationToken cancellationToken) => fates[(context.TaskId, context.MapIndex)] switch
        {
            0 => throw new InvalidOperationException("as told"),
            1 => throw new TaskSkippedException("as told"),
            _ => Task.CompletedTask,
        };
        var dag = Files([.. Enumerable.Range(0, items).Select(i => $"{i}")])
            .MapGroup("g", MapSource.Over("files"), g =>
            {
                for (var t = 0; t < tasks; t++)
                {
                    var after = Enumerable.Range(0, t).Where(_ => random.Next(2) == 0).Select(n => $"t{n}").ToArray();
                    var rule = rules[random.Next(rules.Length)];
                    g.Task($"t{t}", Do, task => task.After(after).TriggerRule(rule));
                }
            })
            .Task("end", Nothing, t => t.After("g").TriggerRule(TriggerRule.AllDone)).Build();
        await using var engine = await EngineHarness.StartAsync(dag);

        var run = await engine.RunAsync("d");

        var states = (await engine.Store.ListTaskInstancesAsync(run.Id, Token)).ToDictionary(task => (task.TaskId, task.Key.MapIndex),
            task => task.State);
        Assert.Equal(TaskState.Success, states[("end", -1)]);
        foreach (var task in dag.Tasks.Where(task => task.MappedGroup is not null))
        {
            for (var i = 0; i < items; i++)
            {
                var before = task.Upstream.Select(upstream => states[(upstream, upstream == "files" ? -1 : i)]).ToArray();
                var allowed = Decisions(task.Rule, before).SelectMany(decision => decision switch
                {
                    TriggerDecision.Run => [TaskState.Success, TaskState.Failed, TaskState.Skipped],
                    TriggerDecision.Skip => [TaskState.Skipped],
                    _ => new[] { TaskState.UpstreamFailed },
                });
                Assert.Contains(states[(task.Id, i)], allowed);
            }
        }
    }

    /// <summary>Decisions are early: each set of upstream tasks may have been the first to end.</summary>
    private static IEnumerable<TriggerDecision> Decisions(TriggerRule rule, TaskState[] before)
    {
        for (var ended = 0; ended < 1 << before.Length; ended++)
        {
            var counts = new UpstreamCounts { Total = before.Length };
            for (var i = 0; i < before.Length; i++)
            {
                counts.Count((ended & (1 << i)) == 0 ? TaskState.Running : before[i]);
            }

            if (TriggerRules.Decide(rule, counts) is var decision and not TriggerDecision.Wait)
            {
                yield return decision;
            }
        }
    }
}
