using DataPlatform.Kernel;
using DataPlatform.ResourceScheduler.Autoscaling;
using DataPlatform.ResourceScheduler.Containers;
using DataPlatform.ResourceScheduler.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.ResourceScheduler.Tests.Manager;

public sealed class ResourceManagerTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly ResourceManager _manager;

    public ResourceManagerTests()
    {
        var queues = QueueTree.Define().Queue("root.a").Queue("root.b").Build();
        _manager = new ResourceManager(queues, new InProcessContainerDriver(), _time, NullLoggerFactory.Instance);
        _manager.AddNode("local", new ResourceVector(1000, 1024));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _manager.DisposeAsync();

    [Fact]
    public async Task The_second_waits_until_the_first_releases_and_its_wait_is_measured()
    {
        var first = await _manager.RequestContainerAsync(Request("root.a"), Token);
        var second = _manager.RequestContainerAsync(Request("root.b"), Token).AsTask();
        await UntilAsync(() => _manager.Snapshot().Queue("root.b").Pending == 1);
        Assert.False(second.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(3));
        await first.ReleaseAsync();
        await using var lease = await second;

        Assert.Equal(TimeSpan.FromSeconds(3), lease.WaitedFor);
        Assert.Equal("local", lease.Node);
        Assert.Equal(TimeSpan.FromSeconds(3), _manager.Snapshot().Queue("root.b").Waits.Max);
    }

    [Fact]
    public async Task An_autoscaler_brings_a_node_for_what_waits_and_takes_it_back_when_nothing_does()
    {
        var options = new AutoscalerOptions { CoolDownMs = 0, Groups = [new NodeGroup("od", new ResourceVector(1000, 1024)) { PricePerHour = 1 }] };
        var cloud = new SimulatedCloud(new SimulatedCloudOptions { InterruptionsPerHour = 0 }, 1, () => 0);
        var loop = new AutoscalerLoop(_manager, cloud, options, _time, NullLogger<AutoscalerLoop>.Instance);
        await using var held = await _manager.RequestContainerAsync(Request("root.a"), Token);
        var waiting = _manager.RequestContainerAsync(Request("root.b"), Token).AsTask();
        await UntilAsync(() => _manager.Snapshot().Queue("root.b").Pending == 1);
        await loop.StepAsync(Token);
        Assert.Empty(cloud.UpAtMs);

        _time.Advance(TimeSpan.FromHours(1));
        await loop.StepAsync(Token);
        var node = Assert.Single(cloud.UpAtMs.Keys);
        _manager.AddNode(node, new ResourceVector(1000, 1024));

        await using (var lease = await waiting)
        {
            Assert.Equal(node, lease.Node);
        }

        await UntilAsync(() => _manager.Snapshot().Nodes.Single(n => n.Name == node).Containers == 0);
        for (var hours = 0; hours < 4; hours++)
        {
            _time.Advance(TimeSpan.FromHours(1));
            await loop.StepAsync(Token);
        }

        Assert.NotEqual(NodeState.Active, _manager.Snapshot().Nodes.SingleOrDefault(n => n.Name == node)?.State);
    }

    [Fact]
    public async Task A_cancelled_wait_leaves_nothing_pending()
    {
        await using var held = await _manager.RequestContainerAsync(Request("root.a"), Token);
        using var cancel = new CancellationTokenSource();
        var waiting = _manager.RequestContainerAsync(Request("root.b"), cancel.Token).AsTask();
        await UntilAsync(() => _manager.Snapshot().Queue("root.b").Pending == 1);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await UntilAsync(() => _manager.Snapshot().Queue("root.b") is { Pending: 0, Applications: 0 });
    }

    [Fact]
    public async Task Cancelling_at_any_moment_never_leaks_a_container()
    {
        for (var round = 0; round < 200; round++)
        {
            using var cancel = new CancellationTokenSource();
            var waiting = _manager.RequestContainerAsync(Request("root.a"), cancel.Token).AsTask();
            if (round % 2 == 0)
            {
                await Task.Yield();
            }

            await cancel.CancelAsync();
            try
            {
                await using var lease = await waiting;
            }
            catch (OperationCanceledException)
            {
                // Either answer is right; what counts is that nothing stays behind.
            }
        }

        await UntilAsync(() => _manager.Snapshot().Queue("root") is { Running: 0, Pending: 0 });
        Assert.Equal(ResourceVector.Zero, _manager.Snapshot().Used);
    }

    [Fact]
    public async Task Work_runs_in_its_container_and_gives_it_back_even_when_it_throws()
    {
        ContainerContext? seen = null;
        Assert.Equal(0, await _manager.RunAsync(Request("root.a"), (container, _) => { seen = container; return ValueTask.CompletedTask; },
            Token));
        Assert.Equal("root.a", seen!.Queue);

        await Assert.ThrowsAsync<InvalidOperationException>(async () =>
            await _manager.RunAsync(Request("root.a"), (_, _) => throw new InvalidOperationException("no"), Token));
        await UntilAsync(() => _manager.Snapshot().Queue("root").Running == 0);
    }

    [Fact]
    public async Task A_request_for_more_than_there_ever_is_or_for_no_queue_fails_at_once()
    {
        var large = await Assert.ThrowsAsync<SchedulerException>(async () =>
            await _manager.RequestContainerAsync(new ContainerRequest("root.a", new ResourceVector(1001, 1), "big", "ana"), Token));
        Assert.Equal(ErrorKind.Invalid, large.Kind);
        Assert.Contains("'big'", large.Message, StringComparison.Ordinal);

        var nowhere = await Assert.ThrowsAsync<SchedulerException>(async () =>
            await _manager.RequestContainerAsync(new ContainerRequest("root.c", new ResourceVector(1, 1), "lost", "ana"), Token));
        Assert.Contains("'root.c'", nowhere.Message, StringComparison.Ordinal);
        Assert.Equal(0, _manager.Snapshot().Queue("root").Applications);
    }

    [Fact]
    public async Task Holders_are_told_when_their_node_goes_away()
    {
        var lease = await _manager.RequestContainerAsync(Request("root.a"), Token);

        _manager.RemoveNode("local");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Delay(TimeSpan.FromMinutes(1), TimeProvider.System,
            lease.StopRequested));

        await lease.ReleaseAsync();
        Assert.Equal(ResourceVector.Zero, _manager.Snapshot().Used);
    }

    [Fact]
    public async Task A_stopped_manager_fails_who_waits_and_tells_who_holds()
    {
        var lease = await _manager.RequestContainerAsync(Request("root.a"), Token);
        var waiting = _manager.RequestContainerAsync(Request("root.b"), Token).AsTask();
        await UntilAsync(() => _manager.Snapshot().Queue("root.b").Pending == 1);

        await _manager.DisposeAsync();

        Assert.Equal(ErrorKind.Unavailable, (await Assert.ThrowsAsync<SchedulerException>(() => waiting)).Kind);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Delay(TimeSpan.FromMinutes(1), TimeProvider.System,
            lease.StopRequested));
        await lease.ReleaseAsync(ContainerOutcome.Failed);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await _manager.RequestContainerAsync(Request("root.a"), Token));
    }

    private static ContainerRequest Request(string queue) => new(queue, new ResourceVector(1000, 512), "job", "ana");

    private static async Task UntilAsync(Func<bool> condition)
    {
        var deadline = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(deadline) < TimeSpan.FromSeconds(20),
                "The condition did not come true in 20 s.");
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Token);
        }
    }
}
