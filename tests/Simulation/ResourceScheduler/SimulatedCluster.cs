using DataPlatform.ResourceScheduler;
using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Nodes;
using DataPlatform.ResourceScheduler.Preemption;

namespace DataPlatform.Simulation.ResourceScheduler;

/// <summary>A leader with a durable log and agents that talk to it over a bad network. One seed decides everything.</summary>
internal sealed class SimulatedCluster
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
    private readonly List<SchedulerEvent> _log = [];
    private readonly SortedDictionary<string, SimulatedAgent> _agents = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, int> _completed = [];
    private ClusterScheduler _leader = new(Queues, Options);
    private long _nowMs;
    private long _asks;

    public SimulatedCluster(int seed)
    {
        _random = new Random(seed);
        for (var i = 0; i < 3 + _random.Next(4); i++)
        {
            var agent = new SimulatedAgent($"n{i}", new ResourceVector(4000 + (1000 * _random.Next(5)), 8192 + (1024 * _random.Next(8))),
                _random);
            _agents.Add(agent.Name, agent);
            Tell(agent.Register(0));
        }
    }

    /// <summary>Faults and work for a while, then calm until everything is done.</summary>
    public void Run()
    {
        for (var step = 0; step < 60; step++)
        {
            Step(faults: true);
        }

        for (var step = 0; step < 2_000 && _completed.Count < _asks; step++)
        {
            Step(faults: false);
        }

        Invariants.AllDone(_leader.Snapshot(), _completed.Count, _asks);
        Invariants.RecoversTheSame(_leader, Recover());
    }

    private void Step(bool faults)
    {
        _nowMs += 500 + _random.Next(1_500);
        if (faults)
        {
            Work();
            Fault();
        }

        foreach (var agent in _agents.Values)
        {
            Exchange(agent, faults);
        }

        Tell(new SchedulerEvent.Tick(_nowMs));
        if (_nowMs % 3 == 0)
        {
            Invariants.Hold(_leader.Snapshot(), _agents.Values);
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
        Tell(new SchedulerEvent.ApplicationSubmitted(_nowMs, id,
            new ApplicationSpecification($"app{id}", $"root.{leaf}", $"user{_random.Next(3)}")));
        Tell(new SchedulerEvent.ContainersAsked(_nowMs, id, id, new ContainerAsk(
            new ResourceVector(500 * (1 + _random.Next(6)), 512 * (1 + _random.Next(8))), isGang ? 1 + _random.Next(3) : 1
                + _random.Next(8))
        {
            IsRequeued = true,
            RetriesMax = 1_000,
            IsGang = isGang,
            PerNodeMax = _random.Next(5) == 0 ? 2 : 0,
            Speculation = _random.Next(4) == 0 ? new Speculation() : null,
        }));
    }

    private void Fault()
    {
        var agent = _agents.Values.ElementAt(_random.Next(_agents.Count));
        switch (_random.Next(12))
        {
            case 0 when agent.IsUp && _agents.Values.Count(other => other.IsUp) > 2:
                agent.Die();
                break;
            case 1 when !agent.IsUp:
                Restart(agent);
                break;
            case 2:
                FailOver();
                break;
            case 3:
                Tell(new SchedulerEvent.NodeMaintenance(_nowMs, agent.Name, _random.Next(2) == 0));
                break;
        }
    }

    /// <summary>A report may get lost, come twice, or come from before the agent's restart.</summary>
    private void Exchange(SimulatedAgent agent, bool faults)
    {
        if (!agent.IsUp)
        {
            if (!faults)
            {
                Restart(agent);
            }

            return;
        }

        agent.Advance(_nowMs);
        var report = agent.Report(_nowMs);
        if (faults && _random.Next(4) == 0)
        {
            return;
        }

        var isKnown = !Tell(report).Any(decision => decision is SchedulerDecision.EventRefused);
        if (!isKnown)
        {
            Tell(agent.Register(_nowMs));
            return;
        }

        if (!faults)
        {
            Tell(new SchedulerEvent.NodeMaintenance(_nowMs, agent.Name, IsOn: false));
        }

        if (faults && _random.Next(4) == 0)
        {
            Tell(report);
        }

        // The answer may get lost as well; then the same ends are reported again.
        if (!faults || _random.Next(4) != 0)
        {
            agent.Acknowledge(report.Ended);
        }
    }

    private void Restart(SimulatedAgent agent)
    {
        agent.Restart();
        Tell(agent.Register(_nowMs));
    }

    /// <summary>Durable first, then applied, then acted on; the leader may die between any two of these.</summary>
    private IReadOnlyList<SchedulerDecision> Tell(SchedulerEvent schedulerEvent)
    {
        _log.Add(schedulerEvent);
        if (_random.Next(600) == 0)
        {
            FailOver();
            return [];
        }

        var decisions = _leader.Apply(schedulerEvent);
        for (var i = 0; i < decisions.Count; i++)
        {
            if (_random.Next(1_500) == 0)
            {
                FailOver();
                return decisions;
            }

            Deliver(decisions[i]);
        }

        return decisions;
    }

    private void Deliver(SchedulerDecision decision)
    {
        switch (decision)
        {
            case SchedulerDecision.ContainerPlaced placed when _agents[placed.Node].IsUp:
                _agents[placed.Node].Start(placed.ContainerId, _nowMs);
                break;
            case SchedulerDecision.ContainerStopRequested stop when _agents[stop.Node].IsUp:
                _agents[stop.Node].Stop(stop.ContainerId);
                break;
            case SchedulerDecision.AskCompleted completed:
                Complete(completed);
                break;
            case SchedulerDecision.Preempted preempted:
                Invariants.Lawful(preempted.Claim);
                break;
        }
    }

    private void Complete(SchedulerDecision.AskCompleted completed)
    {
        Assert.Equal(0, completed.Failed);
        Assert.True(_completed.TryAdd(completed.AskId, 1), $"Ask {completed.AskId} was completed twice.");
    }

    /// <summary>A new leader reads the log; the decisions it repeats are not acted on again, except that completions nobody heard of are
    /// learnt.</summary>
    private void FailOver()
    {
        _leader = Recover(decision =>
        {
            if (decision is SchedulerDecision.AskCompleted completed)
            {
                _completed.TryAdd(completed.AskId, 1);
            }
        });
        foreach (var agent in _agents.Values.Where(agent => agent.IsUp))
        {
            Tell(agent.Register(_nowMs));
        }
    }

    private ClusterScheduler Recover(Action<SchedulerDecision>? learn = null)
    {
        var leader = new ClusterScheduler(Queues, Options);
        foreach (var decision in _log.SelectMany(leader.Apply))
        {
            learn?.Invoke(decision);
        }

        return leader;
    }
}
