using DataPlatform.Kernel;
using DataPlatform.ResourceScheduler;
using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Nodes;
using DataPlatform.ResourceScheduler.Processes;
using DataPlatform.ResourceScheduler.Recovery;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlatform.Integration.ResourceScheduler;

/// <summary>A manager and the agent of this machine with real processes, through failovers and restarts.</summary>
public sealed class NodeAgentTests : IAsyncLifetime
{
    private static readonly QueueTree Queues = QueueTree.Define().Queue("root.a").Build();

    private readonly TemporaryFolder _folder = new();
    private readonly InMemoryStateStore _store = new();
    private ResourceManager _manager = null!;
    private NodeAgent _agent = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _manager = await LeadAsync();
        _agent = await AgentAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _agent.KillContainersAsync();
        await _agent.DisposeAsync();
        await _manager.DisposeAsync();
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task An_application_with_stages_runs_to_its_end_and_a_failing_task_is_tried_again()
    {
        var id = await _manager.SubmitAsync(Application(
            Ask("echo map >> ../../../log", 3),
            Ask("[ -e ../../../tried ] && echo reduce >> ../../../log || { touch ../../../tried; exit 1; }", 1) with
            {
                DependsOn = [0],
                RetriesMax = 2
            }), Token);

        var finished = await _manager.WaitForApplicationAsync(id, Token);

        Assert.Equal(ApplicationState.Finished, finished.State);
        Assert.Equal(["map", "map", "map", "reduce"], await File.ReadAllLinesAsync(_folder["log"], Token));
        await Wait.UntilAsync(() => _manager.Snapshot().Used.IsZero, "everything was given back");
        Assert.Equal(_agent.Isolation.ToString(), Assert.Single(_manager.Snapshot().Nodes).Properties.Attributes["isolation"]);
    }

    [Fact]
    public async Task Running_containers_survive_a_failover_and_what_was_not_started_is()
    {
        var id = await _manager.SubmitAsync(Application(Ask("echo $$ >> ../../../pids; while [ ! -e ../../../go ]; do sleep 0.02; done",
            2)), Token);
        await Wait.UntilAsync(() => Lines("pids") == 2, "both tasks run");
        var old = _manager;

        _manager = await LeadAsync();
        old.AddNode("late", new ResourceVector(1, 1));
        await Assert.ThrowsAsync<SchedulerException>(() => old.Completion);
        await Wait.UntilAsync(() => Active(_manager) && _manager.Snapshot().Queue("root.a").Running == 2, "the agent registered anew");
        await File.WriteAllTextAsync(_folder["go"], "", Token);

        Assert.Equal(ApplicationState.Finished, (await _manager.WaitForApplicationAsync(id, Token)).State);
        Assert.Equal(2, Lines("pids"));
        await old.DisposeAsync();
    }

    [Fact]
    public async Task Containers_survive_their_agent_and_ends_it_missed_are_reported_by_the_next()
    {
        var id = await _manager.SubmitAsync(Application(
            Ask("echo x >> ../../../started; while [ ! -e ../../../go ]; do sleep 0.02; done", 2)), Token);
        await Wait.UntilAsync(() => Lines("started") == 2, "both tasks run");
        await _agent.DisposeAsync();
        await File.WriteAllTextAsync(_folder["go"], "", Token);
        var before = _agent.Epoch;

        _agent = await AgentAsync();

        Assert.Equal(before + 1, _agent.Epoch);
        Assert.Equal(ApplicationState.Finished, (await _manager.WaitForApplicationAsync(id, Token)).State);
        Assert.Equal(2, Lines("started"));
    }

    [Fact]
    public async Task A_killed_application_leaves_no_process()
    {
        var id = await _manager.SubmitAsync(Application(Ask("echo x >> ../../../started; setsid sleep 1000 & sleep 1000", 3)), Token);
        await Wait.UntilAsync(() => Lines("started") == 3, "all tasks run");

        await _manager.KillAsync(id, cancellationToken: Token);

        Assert.Equal(ApplicationState.Killed, (await _manager.WaitForApplicationAsync(id, Token)).State);
        await Wait.UntilAsync(() => _manager.Snapshot().Used.IsZero, "everything was given back");
        Assert.DoesNotContain(ProcessTable.WithVariable("DATAPLATFORM_APPLICATION"), process => process.Value == _folder.Path);
    }

    [Fact]
    public async Task A_master_container_registers_and_its_containers_are_its_own()
    {
        var id = await _manager.SubmitAsync(new ApplicationSubmission(
            new ApplicationSpecification(_folder.Path, "root.a", "ana")
            {
                Master = new ResourceVector(100, 64),
                MasterWork = new ContainerWork.Command("/bin/sh", ["-c", "echo up >> ../../../master; sleep 1000"]),
            },
            []), Token);
        await Wait.UntilAsync(() => Lines("master") == 1, "the master runs");

        var master = await _manager.RegisterMasterAsync(id, Token);
        var ask = await master.AskAsync(Ask("exit 0", 2), Token);
        var notices = new List<ApplicationNotice>();
        while (notices is not [.., ApplicationNotice.Completed])
        {
            notices.Add(await master.Notices.ReadAsync(Token));
        }

        Assert.Equal(2, notices.OfType<ApplicationNotice.Allocated>().Count());
        Assert.Equal(2, notices.OfType<ApplicationNotice.Ended>().Count());
        Assert.Equal(ask, notices.OfType<ApplicationNotice.Completed>().Single().AskId);
        await master.FinishAsync(cancellationToken: Token);
        Assert.Equal(ApplicationState.Finished, (await _manager.WaitForApplicationAsync(id, Token)).State);
        Assert.Equal(ErrorKind.Conflict, (await Assert.ThrowsAsync<SchedulerException>(async ()
            => await master.HeartbeatAsync(Token))).Kind);
    }

    [Fact]
    public async Task An_agent_does_nothing_for_a_manager_older_than_one_it_has_heard_of()
    {
        var id = await _manager.SubmitAsync(Application(Ask("echo x >> ../../../started; sleep 1000", 1)), Token);
        await Wait.UntilAsync(() => Lines("started") == 1, "the task runs");
        await File.WriteAllTextAsync(Path.Combine(_folder["agent"], "leader-epoch"), "1000", Token);
        await _agent.DisposeAsync();

        _agent = await AgentAsync();
        await _manager.KillAsync(id, cancellationToken: Token);
        await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, Token);

        Assert.Contains(ProcessTable.WithVariable("DATAPLATFORM_APPLICATION"), process => process.Value == _folder.Path);
    }

    private static bool Active(ResourceManager manager) => manager.Snapshot().Nodes is [{ State: NodeState.Active }];

    private Task<ResourceManager> LeadAsync() => ResourceManager.LeadAsync(Queues, _store, new InProcessContainerDriver(),
        TimeProvider.System,
        NullLoggerFactory.Instance, new SchedulerOptions { TickMs = 100, NodeSuspectAfterMs = 60_000, NodeLostAfterMs = 600_000 },
            cancellationToken: Token);

    private Task<NodeAgent> AgentAsync() => NodeAgent.StartAsync(() => _manager,
        new NodeAgentOptions("here", _folder["agent"])
        {
            Capacity = new ResourceVector(4_000, 4_096),
            RetryAfter = TimeSpan.FromMilliseconds(50),
            Heartbeat = TimeSpan.FromMilliseconds(200)
        },
        NullLoggerFactory.Instance);

    private ApplicationSubmission Application(params ContainerAsk[] asks)
        => new(new ApplicationSpecification(_folder.Path, "root.a", "ana") { EndsWithAsks = true }, asks);

    private static ContainerAsk Ask(string script, int count)
        => new(new ResourceVector(500, 128), count) { Work = new ContainerWork.Command("/bin/sh", ["-c", script]), IsRequeued = true };

    private int Lines(string file) => File.Exists(_folder[file]) ? File.ReadAllLines(_folder[file]).Length : 0;
}
