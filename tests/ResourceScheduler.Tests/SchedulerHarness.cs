using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;

namespace DataPlatform.ResourceScheduler.Tests;

/// <summary>Drives a <see cref="ClusterScheduler"/> in the fewest words.</summary>
internal sealed class SchedulerHarness(QueueTree queues, SchedulerOptions? options = null)
{
    private long _lastAsk;

    public ClusterScheduler Scheduler { get; } = new(queues, options);

    public long NowMs { get; set; }

    public List<SchedulerDecision> All { get; } = [];

    public IReadOnlyList<SchedulerDecision> Node(string name, long cpu, long memory, long gpu = 0)
        => Apply(new SchedulerEvent.NodeRegistered(NowMs, name, new ResourceVector(cpu, memory, gpu)));

    public IReadOnlyList<SchedulerDecision> Submit(long id, string queue, string user = "ana", int priority = 0)
        => Apply(new SchedulerEvent.ApplicationSubmitted(NowMs, id, new ApplicationSpecification($"app{id}", queue, user) { Priority = priority }));

    public IReadOnlyList<SchedulerDecision> Ask(long application, int count, long cpu, long memory, int priority = 0, long gpu = 0)
        => Apply(new SchedulerEvent.ContainersAsked(NowMs, application, ++_lastAsk, new ContainerAsk(new ResourceVector(cpu, memory, gpu), count) { Priority = priority }));

    public IReadOnlyList<SchedulerDecision> End(long container)
        => Apply(new SchedulerEvent.ContainerEnded(NowMs, container, ContainerOutcome.Succeeded));

    public IReadOnlyList<SchedulerDecision> Apply(SchedulerEvent schedulerEvent)
    {
        var decisions = Scheduler.Apply(schedulerEvent);
        All.AddRange(decisions);
        return decisions;
    }

    public static IEnumerable<SchedulerDecision.ContainerPlaced> Placed(IEnumerable<SchedulerDecision> decisions)
        => decisions.OfType<SchedulerDecision.ContainerPlaced>();
}
