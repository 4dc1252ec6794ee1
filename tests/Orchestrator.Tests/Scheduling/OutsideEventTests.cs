using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Schedules;
using DataPlatform.Orchestrator.Testing;

namespace DataPlatform.Orchestrator.Tests.Scheduling;

public sealed class OutsideEventTests
{
    private static readonly Func<TaskContext, CancellationToken, Task> Nothing = (_, _) => Task.CompletedTask;
    private static readonly DatasetId A = new("lake/a");
    private static readonly DatasetId B = new("lake/b");
    private static readonly DatasetId C = new("lake/c");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_starts_each_dag_that_waits_for_it_with_its_payload()
    {
        List<string> seen = [];
        await using var host = await OrchestratorTestHost.StartAsync(
            [Waiting("bill", "order.closed", seen), Waiting("ship", "order.closed", seen), Waiting("other", "order.opened", seen)], cancellationToken: Token);

        var runs = await host.Engine.RaiseEventAsync("order.closed", new { order = 7 }, cancellationToken: Token);
        await host.RunUntilIdleAsync(cancellationToken: Token);

        Assert.Equal(2, runs.Count);
        Assert.Equal(["bill 7", "ship 7"], seen.Order());
        Assert.Equal((DagRunKind.Event, DagRunState.Success), ((await host.RunsAsync("bill", Token))[0].Kind, (await host.RunsAsync("ship", Token))[0].State));
        Assert.Empty(await host.RunsAsync("other", Token));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_same_key_gives_the_same_runs_also_after_a_restart(bool restarts)
    {
        await using var host = await OrchestratorTestHost.StartAsync(Waiting("bill", "order.closed", []), cancellationToken: Token);

        var first = await host.Engine.RaiseEventAsync("order.closed", new { order = 7 }, "msg-1", Token);
        await host.RunUntilIdleAsync(cancellationToken: Token);
        if (restarts)
        {
            await host.RestartAsync(cancellationToken: Token);
        }

        var again = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => host.Engine.RaiseEventAsync("order.closed", new { order = 7 }, "msg-1", Token)));
        var other = await host.Engine.RaiseEventAsync("order.closed", new { order = 8 }, "msg-2", Token);

        Assert.All(again, runs => Assert.Equal(first, runs));
        Assert.NotEqual(first, other);
        await host.RunUntilIdleAsync(cancellationToken: Token);
        Assert.Equal(2, (await host.RunsAsync("bill", Token)).Count);
    }

    [Fact]
    public async Task An_unknown_event_and_a_payload_that_one_dag_refuses_start_nothing()
    {
        var strict = new DagBuilder("strict").OnEvent("order.closed").Param("order", ParamType.Integer).Task("a", Nothing).Build();
        await using var host = await OrchestratorTestHost.StartAsync([Waiting("bill", "order.closed", []), strict], cancellationToken: Token);

        var unknown = await Assert.ThrowsAsync<OrchestratorException>(() => host.Engine.RaiseEventAsync("order.lost", cancellationToken: Token));
        var refused = await Assert.ThrowsAsync<OrchestratorException>(() =>
            host.Engine.RaiseEventAsync("order.closed", new { order = "seven" }, "k", Token));

        Assert.Contains("no DAG waits for the event 'order.lost'; there are order.closed", unknown.Message, StringComparison.Ordinal);
        Assert.Contains("'order' of DAG 'strict' is \"seven\"", refused.Message, StringComparison.Ordinal);
        Assert.Empty(await host.RunsAsync("bill", Token));
        Assert.Throws<DagException>(() => new DagBuilder("d").OnEvent("a b").Task("a", Nothing).Build());
    }

    [Fact]
    public void Events_enter_the_hash_and_come_back_with_a_stored_version()
    {
        var plain = new DagBuilder("d").Task("a", Nothing).Build();
        var waiting = new DagBuilder("d").OnEvent("x", "y", "x").Task("a", Nothing).Build();

        Assert.NotEqual(plain.Hash, waiting.Hash);
        Assert.DoesNotContain("events", plain.Model, StringComparison.Ordinal);
        Assert.Equal(["x", "y"], DagDocument.Read(waiting.Model, null).Events);
    }

    // Each line: the condition, versions as they come, and after how many of them a run has started.
    [Theory]
    [InlineData("a and b", "a1 b1 a2 a3 b2", "2 5")]
    [InlineData("a or b", "a1 b1 b2", "1 2 3")]
    [InlineData("(a and b) or c", "a1 c1 b1 a2 b2", "2 4")]
    [InlineData("(a or b) and c", "a1 b1 c1 c2 b2", "3 5")]
    [InlineData("a and b", "a1 a1 b1 b1 a1", "3")]
    public async Task Dataset_conditions_hold_for_versions_that_no_run_consumed(string condition, string versions, string expected)
    {
        var parsed = condition switch
        {
            "a and b" => DatasetCondition.All(DatasetCondition.On(A), DatasetCondition.On(B)),
            "a or b" => DatasetCondition.Any(DatasetCondition.On(A), DatasetCondition.On(B)),
            "(a and b) or c" => DatasetCondition.Any(DatasetCondition.All(DatasetCondition.On(A), DatasetCondition.On(B)), DatasetCondition.On(C)),
            _ => DatasetCondition.All(DatasetCondition.Any(DatasetCondition.On(A), DatasetCondition.On(B)), DatasetCondition.On(C)),
        };
        await using var host = await OrchestratorTestHost.StartAsync(
            new DagBuilder("d").OnDatasets(parsed).Task("a", Nothing).Build(), cancellationToken: Token);
        List<int> started = [];
        var step = 0;
        foreach (var version in versions.Split(' '))
        {
            step++;
            var before = (await host.RunsAsync("d", Token)).Count;
            await host.PublishAsync(new DatasetVersion(new DatasetId($"lake/{version[0]}"), version[1] - '0'), Token);
            started.AddRange(Enumerable.Repeat(step, (await host.RunsAsync("d", Token)).Count - before));
        }

        Assert.Equal(expected, string.Join(' ', started));
    }

    [Fact]
    public async Task Versions_that_come_while_a_run_goes_collapse_into_the_next()
    {
        await using var host = await OrchestratorTestHost.StartAsync(new DagBuilder("d").OnDataset(A).Task("a", Nothing).Build(), cancellationToken: Token);
        host.Task("d", "a").Takes(TimeSpan.FromMinutes(5));
        for (var version = 1; version <= 6; version++)
        {
            await host.PublishAsync(new DatasetVersion(A, version), Token);
            await host.AdvanceAsync(TimeSpan.FromMinutes(1), Token);
        }

        await host.RunUntilIdleAsync(cancellationToken: Token);

        Assert.Equal(
            [(-1L, 1L), (1L, 5L), (5L, 6L)],
            (await host.RunsAsync("d", Token)).Select(run => (run.Changes[0].AfterVersion, run.Changes[0].Version)));
    }

    private static Dag Waiting(string id, string name, List<string> seen) => new DagBuilder(id).OnEvent(name)
        .Task("a", (context, _) =>
        {
            seen.Add($"{id} {context.Conf<Order>()!.Number}");
            return Task.CompletedTask;
        }).Build();

    private sealed record Order([property: System.Text.Json.Serialization.JsonPropertyName("order")] int Number);
}
