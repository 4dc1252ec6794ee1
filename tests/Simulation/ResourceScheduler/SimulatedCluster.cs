using DataPlatform.Kernel;
using DataPlatform.ResourceScheduler;
using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Nodes;
using DataPlatform.ResourceScheduler.Preemption;
using DataPlatform.ResourceScheduler.Recovery;

namespace DataPlatform.Simulation.ResourceScheduler;

/// <summary>
/// Leaders over one store and agents that talk to them over a bad network. A leader may crash between any two steps (event, append, act,
/// save), or freeze, be deposed, and come back to act on what it believes. One seed decides everything.
/// </summary>
internal sealed partial class SimulatedCluster : IAsyncDisposable
{
    private static readonly QueueTree Queues = QueueTree.Define()
        .Queue("root.a", new QueueOptions { Weight = 2, Min = new ResourceVector(2000, 2048) })
        .Queue("root.b", new QueueOptions { Max = new ResourceVector(20_000, 60_000) with { GpuMillis = long.MaxValue } })
        .Queue("root.c", new QueueOptions { Policy = QueuePolicy.Fifo, UserShareMin = 0.5 })
        .Build();

    private static readonly SchedulerOptions Options = new()
    {
        NodeSuspectAfterMs = 9_000,
        NodeLostAfterMs = 30_000,
        ReserveAfterMs = 5_000,
        FailuresPerNodeMax = 4,
        Preemption = new PreemptionOptions
        {
            TimeoutMs = 3_000,
            GraceMs = 4_000,
            Fair = new FairPreemptionRules { CoolDown = TimeSpan.FromSeconds(5) }
        },
    };

    private readonly Random _random;
    private readonly InMemoryStateStore _log = new();
    private readonly CrashingStateStore _store;
    private readonly SortedDictionary<string, SimulatedAgent> _agents = new(StringComparer.Ordinal);
    private readonly Dictionary<long, SchedulerEvent[]> _unacknowledged = [];
    private readonly HashSet<long> _completed = [];
    private readonly Dictionary<long, string> _startedOn = [];
    private readonly List<FrozenLeader> _frozen = [];
    private DurableScheduler _leader = null!;
    private long _nowMs;
    private long _asks;

    public SimulatedCluster(int seed)
    {
        _random = new Random(seed);
        _store = new CrashingStateStore(_log, _random);
        for (var i = 0; i < 3 + _random.Next(4); i++)
        {
            var agent = new SimulatedAgent($"n{i}", new ResourceVector(4000 + (1000 * _random.Next(5)), 8192 + (1024 * _random.Next(8))),
                _random);
            _agents.Add(agent.Name, agent);
        }
    }

    /// <summary>How often something happened, to show that a run was not idle.</summary>
    public SimulationCounts Counts { get; } = new();

    /// <summary>Faults and work for a while, then calm until everything is done.</summary>
    public async Task RunAsync()
    {
        _leader = await LeadAsync();
        _store.CrashOneIn = 120;
        for (var step = 0; step < 60; step++)
        {
            await StepAsync(faults: true);
        }

        _store.CrashOneIn = int.MaxValue;
        for (var step = 0; step < 2_000 && !IsDone(); step++)
        {
            await StepAsync(faults: false);
        }

        Invariants.AllDone(_leader.Scheduler.Snapshot(), _asks);
        Assert.All(_agents.Values, agent => Assert.Empty(agent.Running));
        Counts.RefusedByAgents = _agents.Values.Sum(agent => agent.Refused);
        var successor = await DurableScheduler.LeadAsync(Queues, _log, "successor", Options);
        Invariants.RecoversTheSame(_leader.Scheduler, successor.Scheduler);
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        await _log.DisposeAsync();
    }

    private bool IsDone()
        => _unacknowledged.Count == 0 && _leader.Scheduler.Snapshot() is var now && now.Queue("root") is { Pending: 0, Running: 0 }
            && _agents.Values.All(agent => agent.IsUp && agent.Running.Count == 0);

    private async Task StepAsync(bool faults)
    {
        _nowMs += 500 + _random.Next(1_500);
        if (faults)
        {
            Work();
            await FaultAsync();
        }

        foreach (var events in _unacknowledged.ToArray())
        {
            // Whoever asked and got no answer asks again under the same number.
            if (await TellAsync(events.Value) is not null)
            {
                _unacknowledged.Remove(events.Key);
            }
        }

        foreach (var agent in _agents.Values)
        {
            await ExchangeAsync(agent, faults);
        }

        await TellAsync(new SchedulerEvent.Tick(_nowMs));
        if (_nowMs % 3 == 0)
        {
            Invariants.Hold(_leader.Scheduler.Snapshot(), _agents.Values);
        }
    }

    private void Work()
    {
        if (_random.Next(3) != 0)
        {
            return;
        }

        var id = ++_asks;
        var leaf = "abc"[_random.Next(3)];
        var isGang = _random.Next(6) == 0;
        _unacknowledged[id] =
        [
            new SchedulerEvent.ApplicationSubmitted(_nowMs, id,
                new ApplicationSpecification($"app{id}", $"root.{leaf}", $"user{_random.Next(3)}")),
            new SchedulerEvent.ContainersAsked(_nowMs, id, id, new ContainerAsk(
                new ResourceVector(500 * (1 + _random.Next(6)), 512 * (1 + _random.Next(8))),
                1 + _random.Next(isGang ? 3 : 8))
            {
                IsRequeued = true,
                RetriesMax = 1_000,
                IsGang = isGang,
                PerNodeMax = _random.Next(5) == 0 ? 2 : 0,
                Speculation = _random.Next(4) == 0 ? new Speculation() : null,
            }),
        ];
    }

    private async Task FaultAsync()
    {
        var agent = _agents.Values.ElementAt(_random.Next(_agents.Count));
        switch (_random.Next(14))
        {
            case 0 when agent.IsUp && _agents.Values.Count(other => other.IsUp) > 2:
                agent.Die();
                break;
            case 1 when !agent.IsUp:
                agent.Restart();
                break;
            case 2:
                await FailOverAsync();
                break;
            case 3:
                await TellAsync(new SchedulerEvent.NodeMaintenance(_nowMs, agent.Name, _random.Next(2) == 0));
                break;
            case 4:
                await ThawAsync();
                break;
            case 5:
                await FailOverAsync(isFrozen: true);
                break;
        }
    }

    /// <summary>A report may get lost, come twice, or come from before the agent's restart.</summary>
    private async Task ExchangeAsync(SimulatedAgent agent, bool faults)
    {
        if (!agent.IsUp)
        {
            if (!faults)
            {
                agent.Restart();
            }

            return;
        }

        agent.Advance(_nowMs);
        if (faults && _random.Next(4) == 0)
        {
            return;
        }

        if (agent.RegisteredWith != _leader.Epoch)
        {
            await RegisterAsync(agent);
            return;
        }

        var report = agent.Report(_nowMs);
        var answer = await TellAsync(report);
        if (answer is not null && answer.Any(decision => decision is SchedulerDecision.EventRefused))
        {
            await RegisterAsync(agent);
            return;
        }

        if (!faults)
        {
            await TellAsync(new SchedulerEvent.NodeMaintenance(_nowMs, agent.Name, IsOn: false));
        }

        if (faults && _random.Next(4) == 0)
        {
            await TellAsync(report);
        }

        // The answer may get lost as well; then the same ends are reported again.
        if (answer is not null && (!faults || _random.Next(4) != 0))
        {
            agent.Acknowledge(report.Ended);
        }
    }

    private async Task RegisterAsync(SimulatedAgent agent)
    {
        // The agent takes commands of this leader from the moment the leader has taken its registration: they follow from it.
        await TellAsync([agent.Register(_nowMs)], () => agent.Registered(_leader.Epoch));
    }
}
