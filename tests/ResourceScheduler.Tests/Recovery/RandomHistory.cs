using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;
using DataPlatform.ResourceScheduler.Nodes;
using DataPlatform.ResourceScheduler.Preemption;

namespace DataPlatform.ResourceScheduler.Tests.Recovery;

/// <summary>Random events of every kind that make sense for the scheduler they are applied to. One seed decides them all.</summary>
internal sealed class RandomHistory(int seed)
{
    public static readonly QueueTree Queues = QueueTree.Define()
        .Queue("root.a", new QueueOptions { Weight = 2, Min = new ResourceVector(2000, 2048) })
        .Queue("root.b", new QueueOptions { RunningApplicationsMax = 3, CreatesLeaves = true })
        .Queue("root.c", new QueueOptions { Policy = QueuePolicy.Fifo, UserShareMin = 0.5, Labels = ["gold"] })
        .Build();

    public static readonly SchedulerOptions Options = new()
    {
        NodeSuspectAfterMs = 9_000,
        NodeLostAfterMs = 30_000,
        ReserveAfterMs = 4_000,
        MasterLostAfterMs = 20_000,
        Preemption = new PreemptionOptions
        {
            TimeoutMs = 2_000,
            GraceMs = 3_000,
            Fair = new FairPreemptionRules { CoolDown = TimeSpan.FromSeconds(4) },
        },
    };

    private readonly Random _random = new(seed);
    private readonly List<long> _running = [];
    private long _nowMs;
    private long _lastId;

    /// <summary>What to apply next.</summary>
    public SchedulerEvent Next()
    {
        _nowMs += _random.Next(600);
        return _random.Next(16) switch
        {
            0 or 1 => new SchedulerEvent.NodeRegistered(_nowMs, Node(), new ResourceVector(4000 + (1000 * _random.Next(4)), 8192, 2000,
                [KeyValuePair.Create("disk", 10L)]))
            {
                Epoch = _random.Next(3),
                Running = _random.Next(2) == 0 ? null : [.. _running.Where(id => id % 3 != 0)],
                Properties = new NodeProperties { Label = _random.Next(5) == 0 ? "gold" : "", Rack = $"r{_random.Next(2)}" },
            },
            2 or 3 => Submit(),
            4 or 5 or 6 => Ask(),
            7 or 8 or 9 => End(),
            10 => new SchedulerEvent.NodeReported(_nowMs, Node(), _random.Next(3), Ends(), _random.Next(6) != 0),
            11 => new SchedulerEvent.MasterReported(_nowMs, Id()),
            12 => _random.Next(3) == 0 ? new SchedulerEvent.NodeMaintenance(_nowMs, Node(), _random.Next(2) == 0)
                : new SchedulerEvent.NodePropertiesChanged(_nowMs, Node(), new NodeProperties { Rack = $"r{_random.Next(3)}" }),
            13 => _random.Next(4) == 0 ? new SchedulerEvent.NodeDecommissioned(_nowMs, Node(), _nowMs + 5_000)
                : new SchedulerEvent.AskCancelled(_nowMs, Id()),
            14 => new SchedulerEvent.ApplicationEnded(_nowMs, Id(), ApplicationState.Killed),
            _ => new SchedulerEvent.Tick(_nowMs += 500),
        };
    }

    /// <summary>Remembers what runs.</summary>
    public void Learn(IEnumerable<SchedulerDecision> decisions)
        => _running.AddRange(decisions.OfType<SchedulerDecision.ContainerPlaced>().Select(placed => placed.ContainerId));

    private string Node() => $"n{_random.Next(6)}";

    private long Id() => Math.Max(1, _lastId - _random.Next(12));

    private SchedulerEvent.ApplicationSubmitted Submit() => new(_nowMs, ++_lastId,
        new ApplicationSpecification($"app{_lastId}", _random.Next(4) switch
        {
            0 => "root.a",
            1 => "root.b.x",
            2 => "root.b.y",
            _
            => "root.c"
        },
            $"user{_random.Next(3)}")
        {
            Priority = _random.Next(3),
            Master = _random.Next(3) == 0 ? new ResourceVector(500, 256) : null,
            Tags = _random.Next(4) == 0 ? ["web"] : [],
        });

    private SchedulerEvent.ContainersAsked Ask() => new(_nowMs, Id(), ++_lastId,
        new ContainerAsk(new ResourceVector(500 * (1 + _random.Next(5)), 256 * (1 + _random.Next(6)), _random.Next(6) == 0 ? 500 : 0),
            1 + _random.Next(5))
        {
            Priority = _random.Next(2),
            IsGang = _random.Next(6) == 0,
            GangTimeLimitMs = 8_000,
            RetriesMax = _random.Next(3),
            IsRequeued = _random.Next(2) == 0,
            PreferredNodes = _random.Next(5) == 0 ? ["n1"] : [],
            AwayFromTag = _random.Next(6) == 0 ? "web" : null,
            ExpectedRunMs = _random.Next(3) * 4_000,
            Speculation = _random.Next(3) == 0 ? new Speculation() : null,
        });

    private SchedulerEvent.ContainerEnded End() => new(_nowMs, Take(),
        _random.Next(4) == 0 ? ContainerOutcome.Failed : ContainerOutcome.Succeeded);

    private EndedContainer[] Ends() => [.. Enumerable.Range(0, _random.Next(3)).Select(_ => new EndedContainer(Take(),
        ContainerOutcome.Succeeded))];

    private long Take()
    {
        if (_running.Count == 0)
        {
            return 1;
        }

        var at = _random.Next(_running.Count);
        var id = _running[at];
        _running.RemoveAt(at);
        return id;
    }
}
