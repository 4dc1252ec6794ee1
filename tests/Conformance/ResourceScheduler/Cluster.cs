using DataPlatform.ResourceScheduler;
using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;

namespace DataPlatform.Conformance.ResourceScheduler;

/// <summary>A small live cluster for cases that are about the whole scheduler.</summary>
internal sealed class Cluster(QueueTree queues, SchedulerOptions options)
{
    private readonly SortedDictionary<long, SchedulerDecision.ContainerPlaced> _running = [];
    private readonly ClusterScheduler _scheduler = new(queues, options);
    private long _lastId;

    public int Preempted { get; private set; }

    public long NowMs { get; set; }

    public void Apply(SchedulerEvent schedulerEvent)
    {
        var decisions = new Queue<SchedulerDecision>(_scheduler.Apply(schedulerEvent));
        while (decisions.TryDequeue(out var decision))
        {
            switch (decision)
            {
                case SchedulerDecision.ContainerPlaced placed:
                    _running.Add(placed.ContainerId, placed);
                    break;
                case SchedulerDecision.ContainerStopRequested stop when _running.Remove(stop.ContainerId):
                    Preempted++;
                    foreach (var next in _scheduler.Apply(new SchedulerEvent.ContainerEnded(NowMs, stop.ContainerId,
                        ContainerOutcome.Preempted)))
                    {
                        decisions.Enqueue(next);
                    }

                    break;
                case SchedulerDecision.AskRefused refused:
                    throw new InvalidOperationException(refused.Reason);
                case SchedulerDecision.ApplicationRefused refused:
                    throw new InvalidOperationException(refused.Reason);
                case SchedulerDecision.EventRefused refused:
                    throw new InvalidOperationException(refused.Reason);
            }
        }
    }

    public void Tick() => Apply(new SchedulerEvent.Tick(NowMs += 1000));

    /// <summary>Submits an application with equal containers and returns its number.</summary>
    public long Submit(string queue, int containers, ResourceVector size, string label = "", int priority = 0)
    {
        var application = ++_lastId;
        Apply(new SchedulerEvent.ApplicationSubmitted(NowMs, application,
            new ApplicationSpecification($"app{application}", queue, "user") { Priority = priority }));
        Apply(new SchedulerEvent.ContainersAsked(NowMs, application, application,
            new ContainerAsk(size, containers) { NodeLabel = label, IsRequeued = true }));
        return application;
    }

    public int Running(long application) => _running.Values.Count(container => container.ApplicationId == application);

    public int RunningOn(string node) => _running.Values.Count(container => container.Node == node);
}
