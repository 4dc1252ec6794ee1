using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Tests.Scheduling;

public sealed class PoolTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pool_is_never_over_its_slots_whatever_tasks_take()
    {
        var used = 0;
        var most = 0;
        var gate = new Lock();
        var builder = new DagBuilder("d");
        for (var i = 0; i < 60; i++)
        {
            var slots = (i % 3) + 1;
            builder.Task($"t{i}", async (_, _) =>
            {
                lock (gate)
                {
                    used += slots;
                    most = Math.Max(most, used);
                }

                await Task.Yield();
                lock (gate)
                {
                    used -= slots;
                }
            }, t => t.Pool("small", slots));
        }

        await using var engine = await EngineHarness.StartAsync(
            [builder.Build()], options: new OrchestratorOptions { Pools = { ["small"] = 4 } });

        Assert.Equal(DagRunState.Success, (await engine.RunAsync("d")).State);
        Assert.InRange(most, 3, 4);
    }

    [Fact]
    public async Task Higher_priority_starts_first_and_older_runs_before_younger()
    {
        var order = await OrderAsync(slots: 1, builder =>
        {
            builder.Task("low", Say).Task("high", Say, t => t.Priority(5)).Task("middle", Say, t => t.Priority(1));
        });

        Assert.Equal(["high", "middle", "low"], order);
    }

    [Fact]
    public async Task Dags_of_equal_priority_take_turns()
    {
        List<string> order = [];
        var open = new SemaphoreSlim(0);
        var crowd = new DagBuilder("crowd").Task("hold", (_, token) => open.WaitAsync(token), t => t.Pool("one").Priority(9));
        for (var i = 0; i < 6; i++)
        {
            crowd.Task($"c{i}", Note, t => t.Pool("one"));
        }

        var single = new DagBuilder("single").Task("s0", Note, t => t.Pool("one")).Task("s1", Note, t => t.Pool("one")).Build();
        await using var engine = await EngineHarness.StartAsync(
            [crowd.Build(), single], options: new OrchestratorOptions { Pools = { ["one"] = 1 } });
        var first = await engine.Engine.TriggerAsync("crowd", cancellationToken: Token);
        await engine.UntilTaskAsync(first, "hold", TaskState.Running);
        var second = await engine.Engine.TriggerAsync("single", cancellationToken: Token);
        open.Release();
        await engine.Engine.WaitForRunAsync(first, Token);
        await engine.Engine.WaitForRunAsync(second, Token);

        // Neither DAG waits for the other's whole crowd: the second is served within its first four turns.
        Assert.Equal(["s0", "s1"], order.Take(4).Where(id => id.StartsWith('s')));

        Task Note(TaskContext context, CancellationToken cancellationToken)
        {
            order.Add(context.TaskId);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task A_task_that_needs_many_slots_is_not_starved_by_small_ones()
    {
        List<string> order = [];
        var builder = new DagBuilder("d").Task("hold", (_, _) => Task.CompletedTask, t => t.Pool("p").Priority(9));
        for (var i = 0; i < 40; i++)
        {
            builder.Task($"t{i:D2}", Note, t => t.Pool("p").After("hold").Priority(2));
        }

        builder.Task("wide", Note, t => t.Pool("p", 2).After("hold").Priority(3));
        await using var engine = await EngineHarness.StartAsync(
            [builder.Build()], options: new OrchestratorOptions { Pools = { ["p"] = 2 }, PoolSkipsMax = 3 });
        await engine.RunAsync("d");

        Assert.InRange(order.IndexOf("wide"), 0, 8);

        async Task Note(TaskContext context, CancellationToken cancellationToken)
        {
            lock (order)
            {
                order.Add(context.TaskId);
            }

            await Task.Yield();
        }
    }

    [Fact]
    public async Task A_limit_of_one_dag_does_not_hold_up_another_behind_it()
    {
        var open = new SemaphoreSlim(0);
        var limited = new DagBuilder("limited").MaxActiveTasks(1)
            .Task("a", (_, token) => open.WaitAsync(token), t => t.Priority(9)).Task("b", (_, token) => open.WaitAsync(token), t =>
                t.Priority(9)).Build();
        var other = new DagBuilder("other").Task("c", (_, _) => Task.CompletedTask).Build();
        await using var engine = await EngineHarness.StartAsync([limited, other]);
        var runId = await engine.Engine.TriggerAsync("limited", cancellationToken: Token);

        Assert.Equal(DagRunState.Success, (await engine.RunAsync("other")).State);
        Assert.Equal(1, (await engine.StatesAsync(runId)).Values.Count(state => state == TaskState.Running));
        open.Release(2);
        Assert.Equal(DagRunState.Success, (await engine.Engine.WaitForRunAsync(runId, Token)).State);
    }

    private static readonly List<string> Said = [];

    private static Task Say(TaskContext context, CancellationToken cancellationToken)
    {
        Said.Add(context.TaskId);
        return Task.CompletedTask;
    }

    private static async Task<IReadOnlyList<string>> OrderAsync(int slots, Action<DagBuilder> tasks)
    {
        Said.Clear();
        var builder = new DagBuilder("d");
        tasks(builder);
        await using var engine = await EngineHarness.StartAsync(
            [builder.Build()], options: new OrchestratorOptions { Pools = { ["default"] = slots } });
        await engine.RunAsync("d");
        return [.. Said];
    }
}
