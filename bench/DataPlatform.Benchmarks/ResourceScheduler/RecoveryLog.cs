using DataPlatform.ResourceScheduler;
using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;
using DataPlatform.ResourceScheduler.Recovery;

namespace DataPlatform.Benchmarks.ResourceScheduler;

/// <summary>Writes the log of a busy cluster: 1,000 nodes, 1,110 queues, 10,000 jobs, containers that end in the order of their
/// ends.</summary>
internal sealed class RecoveryLog(DurableScheduler leader, int tasks)
{
    private const int CommitEvery = 512;
    private const int Jobs = 10_000;

    private static readonly ResourceVector[] Sizes = [new(1000, 2048), new(1000, 4096), new(2000, 4096), new(500, 1024), new(4000, 16_384)];

    private readonly Random _random = new(42);
    private readonly PriorityQueue<long, (long AtMs, long Id)> _ends = new();
    private long _nowMs;
    private int _ended;

    public static QueueTree Tree
    {
        get
        {
            var tree = QueueTree.Define();
            for (var leaf = 0; leaf < 1_000; leaf++)
            {
                tree.Queue($"root.org{leaf / 100}.team{leaf / 10 % 10}.user{leaf % 10}", new QueueOptions { Weight = 1 + (leaf % 5) });
            }

            return tree.Build();
        }
    }

    public async Task WriteAsync(int saveAt, CancellationToken cancellationToken)
    {
        for (var node = 0; node < 1_000; node++)
        {
            await ApplyAsync(new SchedulerEvent.NodeRegistered(0, $"node{node:D5}", new ResourceVector(32_000, 131_072)),
                cancellationToken);
        }

        for (var job = 1; job <= Jobs; job++)
        {
            var leaf = job % 1_000;
            var queue = $"root.org{leaf / 100}.team{leaf / 10 % 10}.user{leaf % 10}";
            await ApplyAsync(new SchedulerEvent.ApplicationSubmitted(0, job, new ApplicationSpecification("job", queue, $"user{leaf}")),
                cancellationToken);
            await ApplyAsync(new SchedulerEvent.ContainersAsked(0, job, Jobs + job,
                new ContainerAsk(Sizes[_random.Next(Sizes.Length)], 1 + (tasks / Jobs))), cancellationToken);
        }

        for (; _ended < tasks && _ends.TryDequeue(out var container, out var at); _ended++)
        {
            _nowMs = at.AtMs;
            await ApplyAsync(new SchedulerEvent.ContainerEnded(_nowMs, container, ContainerOutcome.Succeeded), cancellationToken);
            if (_ended == saveAt)
            {
                await leader.SaveAsync(cancellationToken);
            }
        }

        await leader.CommitAsync(cancellationToken);
    }

    private async ValueTask ApplyAsync(SchedulerEvent schedulerEvent, CancellationToken cancellationToken)
    {
        foreach (var decision in leader.Apply(schedulerEvent))
        {
            if (decision is SchedulerDecision.ContainerPlaced placed)
            {
                _ends.Enqueue(placed.ContainerId, (_nowMs + 1_000 + _random.Next(59_000), placed.ContainerId));
            }
        }

        if (leader.Uncommitted >= CommitEvery)
        {
            await leader.CommitAsync(cancellationToken);
        }
    }
}
