using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;
using DataPlatform.ResourceScheduler.Preemption;
using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler.Tests.Preemption;

/// <summary>A drawn cluster in which nothing ends by itself: queues, nodes and greedy applications, then time. Keeps what a check of the
/// laws needs.</summary>
internal sealed class PreemptionScenario
{
    private const int Leaves = 5;
    private readonly Random _random;
    private readonly SchedulerHarness _harness;
    private readonly SortedDictionary<long, SchedulerDecision.ContainerPlaced> _running = [];
    private readonly SortedSet<(long AtMs, long Container)> _stops = [];
    private readonly Dictionary<long, int> _gangs = [];
    private long _lastId;

    public PreemptionScenario(int seed)
    {
        _random = new Random(seed);
        var tree = QueueTree.Define();
        for (var org = 0; org <= (Leaves - 1) / 2; org++)
        {
            tree.Queue($"root.org{org}", new QueueOptions { Capacity = 0.3 });
        }

        for (var leaf = 0; leaf < Leaves; leaf++)
        {
            tree.Queue($"root.org{leaf / 2}.q{leaf}", new QueueOptions
            {
                Weight = 1 + _random.Next(4),
                Capacity = _random.Next(3) * 0.25,
                Preemption = _random.Next(8) == 0 ? PreemptionScope.Never : PreemptionScope.AcrossQueues,
                Policy = _random.Next(3) == 0 ? QueuePolicy.Fifo : QueuePolicy.DominantResourceFairness,
            });
        }

        Trigger = (PreemptionTrigger)(1 + _random.Next(3));
        _harness = new SchedulerHarness(tree.Build(), new SchedulerOptions
        {
            Preemption = new PreemptionOptions
            {
                Trigger = Trigger,
                TimeoutMs = 2_000,
                IntervalMs = 1_000,
                GraceMs = 1_000,
                EvictionMemoryMs = long.MaxValue / 4,
                Fair = new FairPreemptionRules { CoolDown = TimeSpan.FromSeconds(_random.Next(3)), UtilisationThreshold = 0.5 },
                Capacity = new CapacityPreemptionRules { NaturalTerminationFactor = 1, PerRoundMax = 0.5 },
            },
        });
        var nodes = 2 + _random.Next(4);
        for (var node = 0; node < nodes; node++)
        {
            Apply(new SchedulerEvent.NodeRegistered(0, $"n{node}", new ResourceVector(4000
                + (2000 * _random.Next(3)), 8192, 2000 * _random.Next(2))));
        }
    }

    public PreemptionTrigger Trigger { get; }

    public ClusterScheduler Scheduler => _harness.Scheduler;

    public List<SchedulerDecision> All => _harness.All;

    /// <summary>When the last claim was made.</summary>
    public long LastClaimMs { get; private set; }

    /// <summary>Evictions so far, beneficiary to victim, by application.</summary>
    public HashSet<(long Beneficiary, long Victim)> Evictions { get; } = [];

    public Dictionary<long, long> ApplicationOfAsk { get; } = [];

    public void Run(int seconds)
    {
        for (var second = 0; second < seconds; second++)
        {
            if (second < 20 && _random.Next(2) == 0)
            {
                SubmitGreedy();
            }

            _harness.NowMs += 1_000;
            Apply(new SchedulerEvent.Tick(_harness.NowMs));
            while (_stops.Count > 0 && _stops.Min.AtMs <= _harness.NowMs)
            {
                var next = _stops.Min;
                _stops.Remove(next);
                if (_running.Remove(next.Container))
                {
                    Apply(new SchedulerEvent.ContainerEnded(_harness.NowMs, next.Container, ContainerOutcome.Killed));
                }
            }
        }
    }

    /// <summary>Gangs of which a part runs.</summary>
    public IEnumerable<long> TornGangs()
        => _gangs.Where(gang => _running.Values.Count(container => container.AskId == gang.Key) is var running && running > 0
            && running < gang.Value)
            .Select(gang => gang.Key);

    private void SubmitGreedy()
    {
        var id = ++_lastId;
        var leaf = _random.Next(Leaves);
        var isGang = _random.Next(4) == 0;
        var count = isGang ? 2 + _random.Next(3) : 1 + _random.Next(12);
        var size = new ResourceVector(500 * (1 + _random.Next(4)), 1024 * (1 + _random.Next(2)), _random.Next(5) == 0 ? 1000 : 0);
        ApplicationOfAsk[id] = id;
        Apply(new SchedulerEvent.ApplicationSubmitted(_harness.NowMs, id, new ApplicationSpecification($"a{id}",
            $"root.org{leaf / 2}.q{leaf}", "ana")
        {
            Priority = _random.Next(3),
        }));
        if (isGang)
        {
            _gangs[id] = count;
        }

        Apply(new SchedulerEvent.ContainersAsked(_harness.NowMs, id, id, new ContainerAsk(size, count)
        {
            IsGang = isGang,
            IsRequeued = true
        }));
    }

    private void Apply(SchedulerEvent schedulerEvent)
    {
        foreach (var decision in _harness.Apply(schedulerEvent))
        {
            switch (decision)
            {
                case SchedulerDecision.ContainerPlaced placed:
                    _running.Add(placed.ContainerId, placed);
                    break;
                case SchedulerDecision.ContainerStopRequested stop:
                    _stops.Add((_harness.NowMs + _random.Next(2_000), stop.ContainerId));
                    break;
                case SchedulerDecision.Preempted { Claim: var claim }:
                    LastClaimMs = _harness.NowMs;
                    foreach (var victim in claim.Victims)
                    {
                        Evictions.Add((ApplicationOfAsk[claim.AskId], _running[victim].ApplicationId));
                    }

                    break;
            }
        }
    }
}
