using DataPlatform.ResourceScheduler;
using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;
using DataPlatform.ResourceScheduler.Preemption;

namespace DataPlatform.Benchmarks.ResourceScheduler;

/// <summary>A cluster with 1,110 queues in three levels and jobs with many tasks, driven as fast as the scheduler goes under a virtual
/// clock.</summary>
internal sealed class ClusterLoad
{
    private static readonly ResourceVector[] Sizes =
    [
        new(1000, 2048), new(1000, 4096), new(2000, 4096), new(500, 1024), new(4000, 16_384), new(1000, 8192), new(250, 512),
            new(2000, 2048),
    ];

    private readonly Random _random = new(42);
    private readonly PriorityQueue<long, (long AtMs, long Id)> _ends = new();
    private readonly int _jobs;
    private readonly int _tasksPerJob;
    private long _nowMs;

    public ClusterLoad(int nodes, bool preempts, int jobs, int tasksPerJob)
    {
        _jobs = jobs;
        _tasksPerJob = tasksPerJob;
        Scheduler = new ClusterScheduler(Tree(), new SchedulerOptions
        {
            Preemption = preempts ? new PreemptionOptions { GraceMs = 1_000 } : PreemptionOptions.Off,
        });
        for (var i = 0; i < nodes; i++)
        {
            Apply(new SchedulerEvent.NodeRegistered(0, NodeName(i), new ResourceVector(32_000, 131_072)));
        }
    }

    public ClusterScheduler Scheduler { get; }

    public static string NodeName(int node) => $"node{node:D5}";

    public long Placed { get; private set; }

    public long Decisions { get; private set; }

    public Action<SchedulerEvent>? Record { get; set; }

    public Action<SchedulerDecision>? Watch { get; set; }

    public int Running => _ends.Count;

    /// <summary>Submits all jobs at once: the most that can be pending.</summary>
    public void Submit()
    {
        for (var job = 1; job <= _jobs; job++)
        {
            var leaf = job % 1000;
            var queue = $"root.org{leaf / 100}.team{leaf / 10 % 10}.user{leaf % 10}";
            Apply(new SchedulerEvent.ApplicationSubmitted(0, job, new ApplicationSpecification("job", queue, $"user{leaf}")));
            Apply(new SchedulerEvent.ContainersAsked(0, job, job,
                new ContainerAsk(Sizes[_random.Next(Sizes.Length)], _tasksPerJob) { IsRequeued = true }));
        }
    }

    /// <summary>Ends containers in the order of their virtual ends until so many more were placed.</summary>
    public void Run(long placements)
    {
        var target = Placed + placements;
        while (Placed < target && _ends.TryDequeue(out var container, out var at))
        {
            if (at.AtMs / 1000 > _nowMs / 1000)
            {
                Apply(new SchedulerEvent.Tick(at.AtMs));
            }

            _nowMs = at.AtMs;
            Apply(new SchedulerEvent.ContainerEnded(_nowMs, container, ContainerOutcome.Succeeded));
        }
    }

    private void Apply(SchedulerEvent schedulerEvent)
    {
        Record?.Invoke(schedulerEvent);
        foreach (var decision in Scheduler.Apply(schedulerEvent))
        {
            Decisions++;
            Watch?.Invoke(decision);
            if (decision is SchedulerDecision.ContainerPlaced placed)
            {
                Placed++;
                _ends.Enqueue(placed.ContainerId, (_nowMs + 1_000 + _random.Next(59_000), placed.ContainerId));
            }
        }
    }

    private static QueueTree Tree()
    {
        var tree = QueueTree.Define();
        for (var leaf = 0; leaf < 1000; leaf++)
        {
            tree.Queue($"root.org{leaf / 100}.team{leaf / 10 % 10}.user{leaf % 10}", new QueueOptions
            {
                Weight = 1 + (leaf % 5),
                Min = new ResourceVector(1000, 2048),
                Max = new ResourceVector(4_000_000, 16_000_000) with { GpuMillis = long.MaxValue },
                UserShareMin = 0.5,
                UserFactorMax = 1_000,
            });
        }

        return tree.Build();
    }
}
