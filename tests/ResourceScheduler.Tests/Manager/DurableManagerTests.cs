using DataPlatform.Kernel;
using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;
using DataPlatform.ResourceScheduler.Nodes;
using DataPlatform.ResourceScheduler.Preemption;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.ResourceScheduler.Tests.Manager;

/// <summary>A manager with a store: what agents, masters and callers are told, and when.</summary>
public sealed class DurableManagerTests : IAsyncDisposable
{
    private static readonly QueueTree Queues = QueueTree.Define().Queue("root.a").Queue("root.b").Build();
    private static readonly ContainerWork.Command Work = new("/bin/true", []);

    private readonly FakeTimeProvider _time = new();
    private readonly GatedStateStore _store = new();
    private ResourceManager? _manager;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _store.Release();
        if (_manager is not null)
        {
            await _manager.DisposeAsync();
        }

        await _store.DisposeAsync();
    }

    [Fact]
    public async Task Nothing_is_granted_sent_or_answered_before_it_is_durable()
    {
        var manager = await LeadAsync();
        var session = await manager.RegisterNodeAsync(new NodeRegistration("n", new ResourceVector(4_000, 4_000), 1, []), Token);
        _store.Shut();
        var lease = manager.RequestContainerAsync(new ContainerRequest("root.a", new ResourceVector(1_000, 100), "leased", "ana"),
            Token).AsTask();
        await UntilAsync(() => _store.Waiting == 1);
        var submitted = manager.SubmitAsync(Application(1), Token).AsTask();
        await UntilAsync(() => manager.Snapshot().Queue("root.a").Running >= 1);

        Assert.False(lease.IsCompleted || submitted.IsCompleted);
        Assert.False(session.Commands.TryRead(out _));

        _store.Release();
        Assert.Equal("n", (await lease).Node);
        await submitted;
        Assert.Equal("/bin/true", Assert.IsType<NodeCommand.StartContainer>(await session.Commands.ReadAsync(Token)).Work.FileName);
    }

    [Fact]
    public async Task A_manager_whose_store_fails_tells_nobody_what_was_not_kept_and_leads_no_more()
    {
        var manager = await LeadAsync();
        var session = await manager.RegisterNodeAsync(new NodeRegistration("n", new ResourceVector(4_000, 4_000), 1, []), Token);
        _store.Fails = true;

        var error = await Assert.ThrowsAsync<SchedulerException>(async () => await manager.SubmitAsync(Application(1), Token));

        Assert.Contains("the disk is gone", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<SchedulerException>(() => manager.Completion);
        Assert.False(await session.Commands.WaitToReadAsync(Token));
        Assert.Equal(ErrorKind.Unavailable, (await Assert.ThrowsAsync<SchedulerException>(async ()
            => await manager.SubmitAsync(Application(1), Token))).Kind);
    }

    [Fact]
    public async Task A_new_leader_ends_what_lived_in_the_old_process_and_keeps_the_rest()
    {
        var old = await LeadAsync();
        old.AddNode("inside", new ResourceVector(4_000, 4_000));
        await old.RequestContainerAsync(new ContainerRequest("root.a", new ResourceVector(1_000, 100), "leased", "ana"), Token);
        var kept = await old.SubmitAsync(Application(2), Token);

        _manager = null;
        var manager = await LeadAsync();
        await UntilAsync(() => manager.Snapshot().Applications.Count == 1);

        Assert.Equal(kept, Assert.Single(manager.Snapshot().Applications).Id);
        Assert.Empty(manager.Snapshot().Nodes);
        Assert.True(await manager.SubmitAsync(Application(1), Token) > kept);
        await old.DisposeAsync();
    }

    [Fact]
    public async Task A_node_gets_nothing_from_a_new_leader_before_it_has_registered_with_it()
    {
        var old = await LeadAsync();
        await old.RegisterNodeAsync(new NodeRegistration("n", new ResourceVector(1_000, 1_000), 1, []), Token);
        var id = await old.SubmitAsync(Application(2), Token);
        var running = Assert.Single(old.Snapshot().Applications).Running;
        Assert.Equal(1, running);

        _manager = null;
        var manager = await LeadAsync();
        await UntilAsync(() => manager.Snapshot().Nodes is [{ State: NodeState.Suspect }]);
        var refused = await Assert.ThrowsAsync<SchedulerException>(async () => await manager.ReportNodeAsync(new NodeHeartbeat("n", 1, []),
            Token));
        Assert.Contains("has to register", refused.Message, StringComparison.Ordinal);

        var session = await manager.RegisterNodeAsync(new NodeRegistration("n", new ResourceVector(1_000, 1_000), 1, [1]), Token);
        Assert.Equal(NodeState.Active, Assert.Single(manager.Snapshot().Nodes).State);
        await manager.ReportNodeAsync(new NodeHeartbeat("n", 1, [new EndedContainer(1, ContainerOutcome.Succeeded)]), Token);
        var next = Assert.IsType<NodeCommand.StartContainer>(await session.Commands.ReadAsync(Token));
        Assert.Equal((2, manager.Epoch), (next.Container.ContainerId, next.LeaderEpoch));
        await manager.ReportNodeAsync(new NodeHeartbeat("n", 1, [new EndedContainer(2, ContainerOutcome.Succeeded)]), Token);
        Assert.Equal(ApplicationState.Finished, (await manager.WaitForApplicationAsync(id, Token)).State);
        await old.DisposeAsync();
    }

    [Fact]
    public async Task A_heartbeat_of_an_older_agent_or_of_a_node_nobody_knows_changes_nothing()
    {
        var manager = await LeadAsync();
        await manager.RegisterNodeAsync(new NodeRegistration("n", new ResourceVector(1_000, 1_000), 7, []), Token);
        await manager.SubmitAsync(Application(1), Token);
        var before = manager.Snapshot();

        foreach (var heartbeat in (NodeHeartbeat[])[new("n", 6, [new EndedContainer(1, ContainerOutcome.Succeeded)]), new("m", 1, [])])
        {
            var error = await Assert.ThrowsAsync<SchedulerException>(async () => await manager.ReportNodeAsync(heartbeat, Token));
            Assert.Equal(ErrorKind.Conflict, error.Kind);
            Assert.Contains($"'{heartbeat.Name}'", error.Message, StringComparison.Ordinal);
        }

        var older = await Assert.ThrowsAsync<SchedulerException>(async () =>
            await manager.RegisterNodeAsync(new NodeRegistration("n", new ResourceVector(9, 9), 6, []), Token));
        Assert.Contains("epoch 6", older.Message, StringComparison.Ordinal);
        Assert.Equal((before.Used, before.Capacity), (manager.Snapshot().Used, manager.Snapshot().Capacity));
    }

    [Fact]
    public async Task What_was_to_stop_is_said_again_to_a_node_that_registers_again()
    {
        var manager = await LeadAsync();
        await manager.RegisterNodeAsync(new NodeRegistration("n", new ResourceVector(1_000, 1_000), 1, []), Token);
        var id = await manager.SubmitAsync(Application(1), Token);
        await manager.KillAsync(id, cancellationToken: Token);

        var session = await manager.RegisterNodeAsync(new NodeRegistration("n", new ResourceVector(1_000, 1_000), 1, [1, 99]), Token);

        var stops = new[] { await session.Commands.ReadAsync(Token),
            await session.Commands.ReadAsync(Token) }.Cast<NodeCommand.StopContainer>();
        Assert.Equal([1, 99], stops.Select(stop => stop.ContainerId).Order());
    }

    [Fact]
    public async Task A_submission_is_taken_whole_or_not_at_all()
    {
        var manager = await LeadAsync();
        await manager.RegisterNodeAsync(new NodeRegistration("n", new ResourceVector(4_000, 4_000), 1, []), Token);

        var tooLarge = Application(1) with { Asks = [Ask(1), new ContainerAsk(new ResourceVector(9_000, 1))] };
        var error = await Assert.ThrowsAsync<SchedulerException>(async () => await manager.SubmitAsync(tooLarge, Token));
        Assert.Contains("no node is that large", error.Message, StringComparison.Ordinal);
        var nowhere = Application(1) with { Application = new ApplicationSpecification("app", "root.c", "ana") };
        Assert.Contains("root.c", (await Assert.ThrowsAsync<SchedulerException>(async () => await manager.SubmitAsync(nowhere,
            Token))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(async ()
            => await manager.SubmitAsync(Application(1) with { Asks = [Ask(1) with { DependsOn = [0] }] }, Token));
        Assert.Equal(0, manager.Snapshot().Applications.Count(application => application.State is not ApplicationState.Failed));
        Assert.Equal(0, manager.Snapshot().Queue("root").Pending);
    }

    [Fact]
    public async Task One_master_speaks_for_an_application_and_hears_of_preemption()
    {
        var manager = await LeadAsync(new SchedulerOptions
        {
            Preemption = new PreemptionOptions
            {
                TimeoutMs = 0,
                IntervalMs = 1,
                Fair = new FairPreemptionRules { CoolDown = TimeSpan.Zero }
            },
        });
        manager.AddNode("n", new ResourceVector(4_000, 4_000));
        var id = await manager.SubmitAsync(new ApplicationSubmission(new ApplicationSpecification("greedy", "root.a", "ana"), []), Token);
        Assert.Contains("application 99", (await Assert.ThrowsAsync<SchedulerException>(async () => await manager.RegisterMasterAsync(99,
            Token))).Message, StringComparison.Ordinal);
        var first = await manager.RegisterMasterAsync(id, Token);
        var ask = await first.AskAsync(new ContainerAsk(new ResourceVector(1_000, 1_000), 4) { IsRequeued = true }, Token);
        var mine = new List<long>();
        while (mine.Count < 4)
        {
            mine.Add(Assert.IsType<ApplicationNotice.Allocated>(await first.Notices.ReadAsync(Token)).Container.ContainerId);
        }

        var master = await manager.RegisterMasterAsync(id, Token);
        Assert.Equal((1, 2), (first.Attempt, master.Attempt));
        var stale = await Assert.ThrowsAsync<SchedulerException>(async () => await first.AskAsync(Ask(1), Token));
        Assert.Equal(ErrorKind.Conflict, stale.Kind);
        Assert.Contains("attempt 2", stale.Message, StringComparison.Ordinal);
        Assert.Contains("no container 77", (await Assert.ThrowsAsync<SchedulerException>(async () =>
            await master.ReleaseAsync(77, cancellationToken: Token))).Message, StringComparison.Ordinal);

        await manager.SubmitAsync(new ApplicationSubmission(new ApplicationSpecification("starved", "root.b", "bob"), [Ask(2)]), Token);
        _time.Advance(TimeSpan.FromSeconds(2));
        _time.Advance(TimeSpan.FromSeconds(2));
        ApplicationNotice notice;
        do
        {
            notice = await master.Notices.ReadAsync(Token);
        }
        while (notice is ApplicationNotice.Allocated);

        var stopping = Assert.IsType<ApplicationNotice.Stopping>(notice);
        Assert.Contains(stopping.ContainerId, mine);
        Assert.Equal(30_000, stopping.GraceMs);
        await master.ReleaseAsync(stopping.ContainerId, ContainerOutcome.Killed, Token);
        await UntilAsync(() => manager.Snapshot().Queue("root.b").Running > 0);
        await master.CancelAsync(ask, Token);
        await master.FinishAsync(cancellationToken: Token);
        Assert.Equal(ApplicationState.Finished, (await manager.WaitForApplicationAsync(id, Token)).State);
    }

    private static ContainerAsk Ask(int count) => new(new ResourceVector(1_000, 1_000), count) { Work = Work, IsRequeued = true };

    private static ApplicationSubmission Application(int count)
        => new(new ApplicationSpecification("app", "root.a", "ana") { EndsWithAsks = true }, [Ask(count)]);

    private async Task<ResourceManager> LeadAsync(SchedulerOptions? options = null)
        => _manager = await ResourceManager.LeadAsync(Queues, _store, new InProcessContainerDriver(), _time, NullLoggerFactory.Instance,
            options, cancellationToken: Token);

    private static async Task UntilAsync(Func<bool> condition)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(60), "The condition did not come true in 60 s.");
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Token);
        }
    }
}
