using DataPlatform.Kernel.Storage;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Orchestrator.Tests.Execution;

public sealed class LargeXComTests
{
    private static readonly string Big = new('x', 100_000);

    private readonly InMemoryObjectStore _objects = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private OrchestratorOptions Options => new() { LargeXComs = new LargeXComs(_objects) };

    [Fact]
    public async Task A_large_value_is_kept_by_reference_and_read_as_any_other()
    {
        var lengths = new List<int>();
        var dag = new DagBuilder("d")
            .Task("a", (_, _) => Task.FromResult(Big), out var a)
            .Task("b", a, (_, text, _) =>
            {
                lengths.Add(text.Length);
                return Task.CompletedTask;
            })
            .Task("c", async (c, token) =>
            {
                lengths.Add(c.Pull<string>("a")!.Length);
                lengths.Add((await c.PullAsync<string>("a", cancellationToken: token))!.Length);
            }, t => t.After("b", "a"))
            .Task("far", async (c, token) =>
            {
                lengths.Add((await c.PullAsync<string>("a", cancellationToken: token))!.Length);
                Assert.Contains("use PullAsync", Assert.Throws<XComException>(() => c.Pull<string>("a")).Message, StringComparison.Ordinal);
            }, t => t.After("c"))
            .Build();
        await using var engine = await EngineHarness.StartAsync([dag], options: Options);

        var run = await engine.RunAsync("d");

        Assert.Equal((DagRunState.Success, 4), (run.State, lengths.Count(length => length == Big.Length)));
        var kept = Assert.Single(await engine.Store.ListXComsAsync(run.Id, Token)).Json;
        Assert.StartsWith("""{"$xcom":{"path":"xcom/1/0.-1.1/""", kept, StringComparison.Ordinal);
        Assert.Contains("\"bytes\":100002,\"sha256\":", kept, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_list_can_be_mapped_over()
    {
        var count = 0;
        await using var engine = await EngineHarness.StartAsync([new DagBuilder("d")
            .Task("a", (_, _) => Task.FromResult(Enumerable.Range(0, 300).Select(i => $"{i} {new string('x', 300)}").ToArray()), out var a)
            .MapTask("m", a, (c, item, _) =>
                Task.FromResult(item.StartsWith($"{c.MapIndex} ", StringComparison.Ordinal) ? Interlocked.Increment(ref count) : 0), out _)
            .MapGroup("g", MapSource.Over("a"), g => g.ItemTask<string, string>("x", (_, item, _) => Task.FromResult(item), out _),
                10).Build()], options: Options);

        var run = await engine.RunAsync("d");

        Assert.Equal("it returned 300 items for 'g', which takes at most 10.", (await engine.TaskAsync(run.Id, "a")).Note);
        await using var second = await EngineHarness.StartAsync([new DagBuilder("d")
            .Task("a", (_, _) => Task.FromResult(Enumerable.Range(0, 300).Select(i => $"{i} {new string('x', 300)}").ToArray()), out var b)
            .MapTask("m", b, (c, item, _) =>
                Task.FromResult(item.StartsWith($"{c.MapIndex} ", StringComparison.Ordinal) ? Interlocked.Increment(ref count) : 0), out _)
            .Build()], options: Options);
        Assert.Equal(DagRunState.Success, (await second.RunAsync("d")).State);
        Assert.Equal(300, count);
    }

    [Fact]
    public async Task A_value_above_the_limits_is_refused_with_the_remedy()
    {
        static Dag Make() => new DagBuilder("d").Task("a", (_, _) => Task.FromResult(Big), t => t.Retries(2)).Build();
        await using var without = await EngineHarness.StartAsync(Make());
        await using var with = await EngineHarness.StartAsync([Make()], options: new OrchestratorOptions
        {
            LargeXComs = new LargeXComs(_objects, new LargeXComOptions { BytesMax = 60_000 }),
        });

        Assert.Equal(
            "task 'a' pushed 'return_value' with 100002 bytes; at most 49152 are kept: write it to a store and pass its name, or give the engine a store for large values.",
            (await without.TaskAsync((await without.RunAsync("d")).Id, "a")).Note);
        Assert.Equal(
            "task 'a' pushed 'return_value' with 100002 bytes; at most 60000 are kept: write it to a store and pass its name.",
            (await with.TaskAsync((await with.RunAsync("d")).Id, "a")).Note);
    }

    [Theory]
    [InlineData("damaged")]
    [InlineData("gone")]
    public async Task A_large_value_that_was_changed_or_lost_is_not_passed_on(string what)
    {
        await using var engine = await EngineHarness.StartAsync([new DagBuilder("d")
            .Task("a", (_, _) => Task.FromResult(Big), out var a)
            .Task("spoil", async (_, token) =>
            {
                var path = (await _objects.ListAsync("xcom/", cancellationToken: token).FirstAsync(token)).Path;
                await _objects.DeleteAsync(path, token);
                if (what == "damaged")
                {
                    await _objects.PutAsync(path, new byte[Big.Length + 2], token);
                }
            }, t => t.After("a"))
            .Task("b", a, (_, _, _) => Task.CompletedTask, t => t.After("spoil")).Build()],
            options: new OrchestratorOptions { LargeXComs = new LargeXComs(_objects, new LargeXComOptions { CacheBytes = 0 }) });

        var run = await engine.RunAsync("d");

        var task = await engine.TaskAsync(run.Id, "b");
        Assert.Equal(TaskState.Failed, task.State);
        Assert.Contains($"is {what}", task.Note, StringComparison.Ordinal);
        Assert.Contains("clear the task that gave it", task.Note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_task_cannot_pass_a_reference_of_its_own()
    {
        await _objects.PutAsync("secret", "1"u8.ToArray(), Token);
        await using var engine = await EngineHarness.StartAsync([new DagBuilder("d")
            .Task("a", (_, _) => Task.FromResult(new Dictionary<string,
                object> { ["$xcom"] = new { path = "secret", bytes = 1, sha256 = "x" } })).Build()], options: Options);

        Assert.Contains("reserved", (await engine.TaskAsync((await engine.RunAsync("d")).Id, "a")).Note, StringComparison.Ordinal);
        var large = new LargeXComs(_objects);
        await Assert.ThrowsAsync<XComException>(async () => await large.ReadAsync(1, new XComReference("secret", 1, "x", null), Token));
    }

    [Fact]
    public async Task Wherever_the_process_dies_cleaning_leaves_the_one_object_that_is_referenced()
    {
        var orphans = 0;
        for (var death = 1; ; death++)
        {
            var (inner, objects) = (new InMemoryOrchestratorStore(), new InMemoryObjectStore(new FakeTimeProvider(EngineHarness.Start)));
            var died = await RunUntilDeathAsync(inner, objects, death);
            await using var second = await EngineHarness.StartAsync([Produce()], inner,
                options: new OrchestratorOptions { LargeXComs = new LargeXComs(objects) });
            if (await inner.FindRunAsync(1, Token) is null)
            {
                continue;
            }

            Assert.Equal(DagRunState.Success, (await second.Engine.WaitForRunAsync(1, Token)).State);
            var large = new LargeXComs(objects);
            Assert.Equal(0, (await large.CleanAsync(inner, TimeSpan.FromHours(1), new FakeTimeProvider(EngineHarness.Start),
                Token)).Deleted);
            var cleaned = await large.CleanAsync(inner, TimeSpan.FromHours(1), new FakeTimeProvider(EngineHarness.Start.AddHours(1)),
                Token);
            Assert.Equal((1, cleaned.Deleted * 100_002L), (cleaned.Kept, cleaned.BytesDeleted));
            var left = await objects.ListAsync("xcom/", cancellationToken: Token).SingleAsync(Token);
            Assert.Contains(left.Path, (await inner.ListXComsAsync(1, Token)).Single().Json, StringComparison.Ordinal);
            orphans += cleaned.Deleted;
            if (!died)
            {
                break;
            }
        }

        Assert.True(orphans > 0, "no death fell between the object and the commit");
    }

    private static Dag Produce() => new DagBuilder("d").Task("a", (_, _) => Task.FromResult(Big), out var a)
        .Task("b", a, (_, text, _) => text == Big ? Task.CompletedTask : throw new InvalidOperationException("changed")).Build();

    private static async Task<bool> RunUntilDeathAsync(IOrchestratorStore inner, IObjectStore objects, int death)
    {
        await using var engine = await EngineHarness.StartAsync(
            [Produce()], new DyingStore(inner, death, afterCommit: false),
                options: new OrchestratorOptions { LargeXComs = new LargeXComs(objects) });
        try
        {
            await engine.RunAsync("d");
            return false;
        }
        catch (OrchestratorException)
        {
            return true;
        }
    }

    [Fact]
    public async Task The_values_of_a_run_are_removed_with_it_and_others_stay()
    {
        var options = Options;
        await using var engine = await EngineHarness.StartAsync([new DagBuilder("d").Task("a", (_, _) => Task.FromResult(Big)).Build()],
            options: options);
        for (var i = 0; i < 11; i++)
        {
            await engine.RunAsync("d");
        }

        Assert.Equal(1, await options.LargeXComs!.RemoveAsync(1, Token));
        Assert.Equal(10, await CountAsync());
    }

    [Fact]
    public async Task A_store_that_does_not_answer_costs_a_retry()
    {
        var broken = new FailingStore(_objects, failures: 1);
        await using var engine = await EngineHarness.StartAsync(
            [new DagBuilder("d").Task("a", (_, _) => Task.FromResult(Big), t => t.Retries(1, Backoff.Constant(TimeSpan.Zero))).Build()],
            options: new OrchestratorOptions { LargeXComs = new LargeXComs(broken) });

        var run = await engine.RunAsync("d");

        Assert.Equal((DagRunState.Success, 2), (run.State, (await engine.TaskAsync(run.Id, "a")).Try));
    }

    private async Task<int> CountAsync() => await _objects.ListAsync("xcom/", cancellationToken: Token).CountAsync(Token);
}
