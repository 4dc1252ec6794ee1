using DataPlatform.Orchestrator.ContainerExecutor;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.ResourceScheduler;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlatform.Orchestrator.Tests.Execution;

public sealed class ContainerTaskExecutorTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_task_waits_for_a_container_of_its_queue_and_runs_in_it()
    {
        await using var manager = Manager();
        manager.AddNode("local", new ResourceVector(1_000, 1_024));
        var active = 0;
        var most = 0;
        var builder = new DagBuilder("d");
        for (var i = 0; i < 8; i++)
        {
            builder.Task($"t{i}", async (_, _) =>
            {
                most = Math.Max(most, Interlocked.Increment(ref active));
                await Task.Yield();
                Interlocked.Decrement(ref active);
            }, t => t.Queue("root.flights.gate").Resources(500, 256));
        }

        await using var engine = await EngineHarness.StartAsync([builder.Build()], executor: new ContainerTaskExecutor(manager));
        var run = await engine.RunAsync("d");

        Assert.Equal(DagRunState.Success, run.State);
        Assert.InRange(most, 1, 2);
        Assert.Equal(8, manager.Snapshot().Queue("root.flights.gate").Waits.Count);
        Assert.All(await engine.Store.ListTaskInstancesAsync(run.Id, Token), task => Assert.Equal("container", task.Executor));
    }

    [Fact]
    public async Task A_task_is_queued_until_a_node_has_room()
    {
        await using var manager = Manager();
        await using var engine = await EngineHarness.StartAsync(
            [new DagBuilder("d").Task("a", (_, _) => Task.CompletedTask, t => t.Queue("root.flights.gate")).Build()],
                executor: new ContainerTaskExecutor(manager));
        var runId = await engine.Engine.TriggerAsync("d", cancellationToken: Token);
        var queued = await engine.UntilTaskAsync(runId, "a", TaskState.Queued);
        Assert.Null(queued.StartedAt);

        manager.AddNode("local", new ResourceVector(1_000, 1_024));

        Assert.Equal(DagRunState.Success, (await engine.Engine.WaitForRunAsync(runId, Token)).State);
        Assert.NotNull((await engine.TaskAsync(runId, "a")).StartedAt);
    }

    [Fact]
    public async Task A_queue_that_is_not_there_fails_the_task_without_retry()
    {
        await using var manager = Manager();
        manager.AddNode("local", new ResourceVector(1_000, 1_024));
        await using var engine = await EngineHarness.StartAsync(
            [new DagBuilder("d").Task("a", (_, _) => Task.CompletedTask, t => t.Queue("root.nowhere").Retries(5)).Build()],
                executor: new ContainerTaskExecutor(manager));

        var run = await engine.RunAsync("d");

        Assert.Equal(DagRunState.Failed, run.State);
        Assert.Contains("root.nowhere", (await engine.TaskAsync(run.Id, "a")).Note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lost_node_is_no_failure_of_the_task()
    {
        await using var manager = Manager();
        manager.AddNode("first", new ResourceVector(1_000, 1_024));
        var tries = 0;
        await using var engine = await EngineHarness.StartAsync(
            [new DagBuilder("d").Task("a", (_, token) => ++tries == 1 ? Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token)
                : Task.CompletedTask, t => t.Queue("root.flights.gate")).Build()],
            executor: new ContainerTaskExecutor(manager));
        var runId = await engine.Engine.TriggerAsync("d", cancellationToken: Token);
        await EngineHarness.UntilAsync(() => Task.FromResult(tries == 1 ? "started" : null));

        manager.RemoveNode("first");
        manager.AddNode("second", new ResourceVector(1_000, 1_024));
        var run = await engine.Engine.WaitForRunAsync(runId, Token);

        Assert.Equal(DagRunState.Success, run.State);
        Assert.Equal((0, 1), ((await engine.TaskAsync(runId, "a")).Failures, (await engine.TaskAsync(runId, "a")).InfrastructureFailures));
    }

    private static ResourceManager Manager() => new(
        QueueTree.Define().Queue("root.flights.gate", new QueueOptions()).Build(), new InProcessContainerDriver(), TimeProvider.System,
            NullLoggerFactory.Instance);
}
