using CsCheck;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Scheduling;
using DataPlatform.Orchestrator.Testing;

namespace DataPlatform.Orchestrator.Tests.Scheduling;

/// <summary>The choice of a pool, by itself: which ready task starts next. And the same through the engine.</summary>
public sealed class FairShareTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Func<TaskContext, CancellationToken, Task> Nothing = (_, _) => Task.CompletedTask;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Dags_start_slots_in_proportion_to_their_weights_whatever_their_tasks_take()
    {
        Gen.Select(Gen.Int[1, 5].Array[2, 6], Gen.Int[1, 4].Array[2, 6], Gen.Int[4, 12]).Sample((weights, widths, slots) =>
        {
            var crowd = weights.Select((weight, i) => new Crowd($"d{i}", weight, width: widths[i % widths.Length], tasks: 600)).ToList();
            var pool = PoolOf(slots, crowd);

            // All DAGs always have work, and what starts ends at once.
            var started = crowd.ToDictionary(dag => dag.Dag, _ => 0L);
            for (var i = 0; i < 300; i++)
            {
                var ready = pool.Take(Now)!;
                started[ready.Run.Dag] += ready.Task.Definition.PoolSlots;
                ready.Task.State = TaskState.Success;
            }

            // After n turns a DAG is at most one turn and one task away from its share: n * weight * widest.
            var widest = widths.Max();
            var turns = crowd.Select(dag => started[dag.Dag] / (double)(dag.Weight * widest)).ToList();
            Assert.True(turns.Max() - turns.Min() <= 2.001, string.Join(' ', turns));
        }, iter: 200, seed: "0002FairShare");
    }

    [Fact]
    public void What_is_free_is_given_away_while_anything_may_start_and_fits()
    {
        Gen.Int.Sample(seed =>
        {
            var random = new Random(seed);
            var crowd = Enumerable.Range(0, 5).Select(i => new Crowd(
                $"d{i}", random.Next(1, 4), random.Next(1, 5), random.Next(1, 30), maxActiveTasks: random.Next(1, 10), maxActive: random.Next(0, 4))).ToList();
            var pool = PoolOf(random.Next(5, 20), crowd);
            List<ReadyTask> running = [];
            for (var step = 0; step < 400; step++)
            {
                while (pool.Take(Now) is { } ready)
                {
                    Assert.True(!ready.IsStale && ready.MayStart && !ready.IsHeldBack && ready.Task.Definition.PoolSlots <= pool.Free);
                    Count(pool, ready, 1);
                    running.Add(ready);
                    Assert.InRange(pool.Used, 0, pool.Slots);
                }

                // Nothing may be left that could start: the choice looks at every limit, not at the first N.
                var could = crowd.SelectMany(dag => dag.Ready).Where(ready => !ready.IsStale && ready.MayStart && !ready.IsHeldBack
                    && ready.Task.Definition.PoolSlots <= pool.Free).ToList();
                Assert.True(could.Count == 0 || pool.Reserved is not null, $"{could.Count} could start");
                if (running.Count == 0)
                {
                    break;
                }

                var ended = running[random.Next(running.Count)];
                running.Remove(ended);
                Count(pool, ended, -1);
            }

            Assert.All(crowd.SelectMany(dag => dag.Ready), ready => Assert.Equal(TaskState.Success, ready.Task.State));
        }, iter: 100, seed: "0003FairShare");
    }

    [Fact]
    public void Thousands_that_a_limit_holds_back_do_not_hide_one_that_may_start()
    {
        var held = new Crowd("held", 1, 1, tasks: 5_000, maxActive: 1);
        var free = held.Add("free", tasks: 1, maxActive: 0);
        var pool = PoolOf(10, [held]);

        var first = pool.Take(Now)!;
        Count(pool, first, 1);
        var second = pool.Take(Now)!;

        Assert.Equal("t", first.Task.Definition.Id);
        Assert.Same(free[0], second);
    }

    [Fact]
    public void A_wide_task_is_passed_over_so_often_and_then_kept_room_for_but_not_for_ever()
    {
        var wide = new Crowd("wide", 1, width: 3, tasks: 1);
        var small = new Crowd("small", 1, width: 1, tasks: 500);
        var urgent = new Crowd("urgent", 1, width: 1, tasks: 1, priority: 5);
        var pool = PoolOf(4, [small, wide], skipsMax: 5);

        // Two small tasks never end; another runs in the slots that are left.
        Count(pool, small.Ready[0], 1);
        Count(pool, small.Ready[1], 1);
        var passed = 0;
        while (pool.Take(Now) is { } taken)
        {
            Assert.Same(small.Dag, taken.Run.Dag);
            Count(pool, taken, 1);
            Count(pool, taken, -1);
            passed++;
        }

        // Six times it was its turn; between two turns of its DAG the other starts three slots.
        Assert.InRange(passed, 6, (6 * 3) + 1);
        Assert.Same(wide.Ready[0], pool.Reserved);
        Assert.Equal(Now.AddMinutes(10), pool.ReservedUntil);

        // A higher priority is not kept waiting.
        pool.Add(urgent.Ready[0]);
        Assert.Same(urgent.Ready[0], pool.Take(Now));

        // After ten minutes smaller ones have their turn again, and then it is kept room for once more.
        var later = Now.AddMinutes(10);
        Assert.Same(small.Dag, pool.Take(later)!.Run.Dag);
        Assert.Null(pool.Reserved);

        // Where what runs ends, it starts.
        Count(pool, small.Ready[0], -1);
        Assert.Same(wide.Ready[0], Enumerable.Range(0, 20).Select(_ => pool.Take(later)!).First(ready => ready.Run.Dag == wide.Dag));
    }

    [Fact]
    public async Task A_dag_of_ten_thousand_tasks_does_not_delay_one_of_ten_by_more_than_its_share()
    {
        var crowd = new DagBuilder("crowd").Task("items", (_, _) => Task.FromResult(Enumerable.Range(0, 10_000)), t => t.Priority(9))
            .MapTask<int>("each", MapSource.Over("items"), (_, _, _) => Task.CompletedTask, t => t.MapLengthMax(10_000)).Build();
        var few = new DagBuilder("few");
        for (var i = 0; i < 10; i++)
        {
            few.Task($"t{i}", Nothing);
        }

        await using var host = await OrchestratorTestHost.StartAsync(
            [crowd, few.Build()], new OrchestratorTestOptions { Engine = { Pools = { ["default"] = 4 } } }, Token);
        host.Task("crowd", "each").Takes(TimeSpan.FromSeconds(10));
        foreach (var i in Enumerable.Range(0, 10))
        {
            host.Task("few", $"t{i}").Takes(TimeSpan.FromSeconds(10));
        }

        await host.TriggerAsync("crowd", cancellationToken: Token);
        await host.AdvanceAsync(TimeSpan.FromSeconds(35), Token);
        var table = await host.EndAsync(await host.TriggerAsync("few", cancellationToken: Token), cancellationToken: Token);

        // Half of four slots: ten tasks of ten seconds need five rounds, after the one that was going on.
        Assert.InRange((table.Run.EndedAt - table.Run.StartedAt)!.Value, TimeSpan.FromSeconds(50), TimeSpan.FromSeconds(66));
    }

    [Fact]
    public async Task Why_it_waits_names_the_turns_and_the_task_that_room_is_kept_for()
    {
        var dag = new DagBuilder("d").Weight(3).Task("wide", Nothing, t => t.Pool("p", 2)).Task("small", Nothing, t => t.Pool("p"))
            .Task("hold", Nothing, t => t.Pool("p").Priority(9)).Build();
        var other = new DagBuilder("other").Task("x", Nothing, t => t.Pool("p")).Task("y", Nothing, t => t.Pool("p")).Build();
        var options = new OrchestratorTestOptions { Engine = { Pools = { ["p"] = 2 }, PoolSkipsMax = 0 } };
        await using var host = await OrchestratorTestHost.StartAsync([dag, other], options, Token);
        host.Task("d", "hold").Hold();
        var runId = await host.TriggerAsync("d", cancellationToken: Token);
        var otherId = await host.TriggerAsync("other", cancellationToken: Token);

        Assert.Contains("kept free for task wide of run 1 of DAG d, which needs 2", await WhyAsync(otherId, "x"), StringComparison.Ordinal);
        Assert.Contains("kept free for this task until 2026-01-01 00:10:00Z", await WhyAsync(runId, "wide"), StringComparison.Ordinal);
        await host.AdvanceAsync(TimeSpan.FromMinutes(10), Token);
        (await host.TableAsync(otherId, Token)).Expect("x=Success");
        host.Task("d", "hold").Release();
        (await host.EndAsync(runId, cancellationToken: Token)).Expect("wide=Success");

        async Task<string> WhyAsync(long id, string task) => (await host.Engine.ExplainAsync(id, Token)).Single(why => why.TaskId == task).Text;
    }

    [Fact]
    public async Task Why_it_waits_names_the_tasks_before_it_and_the_dags_that_take_turns()
    {
        Dag Of(string id) => new DagBuilder(id).Task("hold", Nothing, t => t.Priority(9)).Task("a", Nothing).Task("urgent", Nothing, t => t.Priority(2)).Build();
        await using var host = await OrchestratorTestHost.StartAsync(
            [Of("d"), Of("other")], new OrchestratorTestOptions { Engine = { Pools = { ["default"] = 1 } } }, Token);
        host.Task("d", "hold").Hold();
        await host.TriggerAsync("d", cancellationToken: Token);
        var runId = await host.TriggerAsync("other", cancellationToken: Token);

        Assert.Equal(
            "it needs 1 slots; pool default has 0 of 1 free, 5 wait, 3 of them with a higher priority; 2 DAGs take turns by their shares, other has weight 1",
            (await host.Engine.ExplainAsync(runId, Token)).Single(why => why.TaskId == "a").Text);
    }

    /// <summary>What limits hold back takes no slots from DAGs of other schedulers.</summary>
    [Fact]
    public void What_limits_hold_back_is_no_demand()
    {
        var limited = new Crowd("limited", 1, 2, 100, maxActive: 3, priority: 7);
        var few = new Crowd("few", 1, 1, 100, maxActiveTasks: 5);
        var pool = PoolOf(50, [limited, few]);
        Assert.Equal([(6, 1, 7), (5, 1, 0)], pool.Demands());
        Assert.Equal(7, pool.TopPriority);

        while (pool.Take(Now) is { } ready)
        {
            Count(pool, ready, 1);
        }

        Assert.Equal([(6, 1, 7), (5, 1, 0)], pool.Demands().OrderByDescending(demand => demand.Priority));
        Assert.Null(pool.TopPriority);
    }

    /// <summary>A task whose limit in its run is full keeps no other task of the run from starting.</summary>
    [Fact]
    public void A_limit_in_a_run_holds_back_its_own_task_only()
    {
        var crowd = new Crowd("d", 1, 1, 0);
        var limited = crowd.Add("limited", 3, maxActive: 0, maxActivePerRun: 1);
        var free = crowd.Add("free", 2, maxActive: 0);
        var pool = PoolOf(50, [crowd]);
        List<ReadyTask> taken = [];
        while (pool.Take(Now) is { } ready)
        {
            Count(pool, ready, 1);
            taken.Add(ready);
        }

        Assert.Equal([limited[0], .. free], taken);
    }

    [Fact]
    public void A_weight_enters_the_model_only_where_it_is_given()
    {
        var plain = new DagBuilder("d").Task("a", Nothing).Build();

        Assert.DoesNotContain("weight", plain.Model, StringComparison.Ordinal);
        Assert.Equal(plain.Hash, new DagBuilder("d").Weight(1).Task("a", Nothing).Build().Hash);
        Assert.Equal(7, DagDocument.Read(new DagBuilder("d").Weight(7).Task("a", Nothing).Build().Model, null).Weight);
        Assert.Throws<ArgumentOutOfRangeException>(() => new DagBuilder("d").Weight(0));
    }

    private static TaskPool PoolOf(int slots, IEnumerable<Crowd> crowds, int skipsMax = 16)
    {
        var pool = new TaskPool("p", slots, skipsMax, TimeSpan.FromMinutes(10));
        foreach (var ready in crowds.SelectMany(crowd => crowd.Ready))
        {
            pool.Add(ready);
        }

        return pool;
    }

    /// <summary>What the scheduler accounts when a task starts or ends.</summary>
    private static void Count(TaskPool pool, ReadyTask ready, int delta)
    {
        var task = ready.Task.Definition;
        ready.Task.State = delta > 0 ? TaskState.Running : TaskState.Success;
        pool.Use(ready.Run.Dag, task.Priority, delta * task.PoolSlots);
        ready.Run.ActiveTasks += delta;
        ready.Run.ActiveByTask[ready.Task.Key.TaskNumber] = ready.Run.ActiveByTask.GetValueOrDefault(ready.Task.Key.TaskNumber) + delta;
        ready.Run.Dag.ActiveTasks += delta;
        ready.Run.Dag.ActiveByTask[task.Id] = ready.Run.Dag.ActiveByTask.GetValueOrDefault(task.Id) + delta;
    }

    /// <summary>A DAG with one run and many ready tasks.</summary>
    private sealed class Crowd
    {
        private readonly int _width;
        private readonly int _priority;

        public Crowd(string id, int weight, int width, int tasks, int maxActiveTasks = 10_000, int maxActive = 0, int priority = 0)
        {
            (Weight, _width, _priority) = (weight, width, priority);
            var dag = new DagBuilder(id).Weight(weight).MaxActiveTasks(maxActiveTasks).Task("t", Nothing).Build();
            Dag = new LiveDag(dag, new DagRecord { Id = id, Hash = dag.Hash, Model = dag.Model, RegisteredAt = Now });
            Run = new LiveRun(new DagRun { Id = 1, DagId = id, DagHash = dag.Hash, LogicalDate = Now }, Dag);
            Add("t", tasks, maxActive);
        }

        public int Weight { get; }

        public LiveDag Dag { get; }

        public LiveRun Run { get; }

        public List<ReadyTask> Ready { get; } = [];

        public List<ReadyTask> Add(string taskId, int tasks, int maxActive, int maxActivePerRun = 0)
        {
            var definition = new DagTask
            {
                Id = taskId,
                Number = Ready.Count == 0 ? 0 : 1,
                Pool = "p",
                PoolSlots = _width,
                Priority = _priority,
                MaxActive = maxActive,
                MaxActivePerRun = maxActivePerRun,
                Body = new MissingBody(),
            };
            List<ReadyTask> added = [.. Enumerable.Range(0, tasks).Select(i =>
                new ReadyTask(Run, new LiveTask(definition, new TaskKey(1, definition.Number, i)) { State = TaskState.Ready }))];
            Ready.AddRange(added);
            return added;
        }
    }
}
