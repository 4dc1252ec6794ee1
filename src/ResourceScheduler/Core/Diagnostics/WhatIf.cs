using DataPlatform.ResourceScheduler.Containers;
using DataPlatform.ResourceScheduler.Nodes;

namespace DataPlatform.ResourceScheduler.Diagnostics;

/// <summary>What is to be tried. Immutable.</summary>
public sealed record WhatIfChange
{
    /// <summary>Another queue tree; null keeps the one in force.</summary>
    public QueueTree? Queues { get; init; }

    /// <summary>Nodes to add, by name.</summary>
    public IReadOnlyDictionary<string, ResourceVector> AddedNodes { get; init; } = new Dictionary<string, ResourceVector>(StringComparer.Ordinal);

    /// <summary>Label, attributes and rack of the nodes to add.</summary>
    public NodeProperties AddedProperties { get; init; } = NodeProperties.None;

    /// <summary>Nodes to take away; what runs there is lost.</summary>
    public IReadOnlyList<string> RemovedNodes { get; init; } = [];
}

/// <summary>How far ahead is looked, and what is assumed. Immutable.</summary>
public sealed record WhatIfOptions
{
    /// <summary>How far ahead, in milliseconds. Default one hour.</summary>
    public long HorizonMs { get; init; } = 3_600_000;

    /// <summary>How long a container runs whose ask does not say, in milliseconds. Default one minute.</summary>
    public long RunMs { get; init; } = 60_000;

    /// <summary>How long a container takes to stop when asked to, in milliseconds. Default 1,000.</summary>
    public long StopMs { get; init; } = 1_000;

    /// <summary>What happens meanwhile, for example the last hours again, moved to now; none: only what waits already is played
    /// out.</summary>
    public IReadOnlyList<SchedulerEvent> Events { get; init; } = [];
}

/// <summary>What became of one queue within the horizon.</summary>
/// <param name="Queue">Its path.</param>
/// <param name="Placed">Containers placed.</param>
/// <param name="MeanWaitSeconds">How long those waited on average.</param>
/// <param name="MaxWaitSeconds">The longest wait so far.</param>
/// <param name="Pending">Containers that still wait.</param>
/// <param name="DeficitShareSeconds">What it was short of its fair share while it waited.</param>
public readonly record struct WhatIfOutcome(
    string Queue, long Placed, double MeanWaitSeconds, double MaxWaitSeconds, int Pending, double DeficitShareSeconds);

/// <summary>The same future without and with a change.</summary>
/// <param name="Before">Without, by queue; a queue that only the change has is all zeros.</param>
/// <param name="After">With.</param>
/// <param name="Refused">Why the change was refused, or null. <paramref name="After"/> is then as <paramref name="Before"/>.</param>
public sealed record WhatIfReport(
    IReadOnlyDictionary<string, WhatIfOutcome> Before, IReadOnlyDictionary<string, WhatIfOutcome> After, string? Refused);

/// <summary>Tries a change on a copy of a live scheduler and plays both futures out. The scheduler itself is not touched.</summary>
public static class WhatIf
{
    /// <summary>Plays the present on with and without the change.</summary>
    /// <param name="scheduler">The live state. Only its owner's thread may call this.</param>
    /// <param name="change">What is to be tried.</param>
    /// <param name="options">How far ahead, and what is assumed; defaults when absent.</param>
    public static WhatIfReport Compare(ClusterScheduler scheduler, WhatIfChange change, WhatIfOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(scheduler);
        ArgumentNullException.ThrowIfNull(change);
        options ??= new WhatIfOptions();
        var before = new Future(scheduler.ForkForPlay(), options).Run([]);
        var tried = new Future(scheduler.ForkForPlay(), options);
        var after = tried.Run(Events(scheduler, change));
        return new WhatIfReport(before, tried.Refused is null ? after : before, tried.Refused);
    }

    private static List<SchedulerEvent> Events(ClusterScheduler scheduler, WhatIfChange change)
    {
        var (events, nowMs) = (new List<SchedulerEvent>(), scheduler.Snapshot().TimeMs);
        events.AddRange(change.RemovedNodes.Select(node => new SchedulerEvent.NodeRemoved(nowMs, node)));
        events.AddRange(change.AddedNodes.OrderBy(node => node.Key, StringComparer.Ordinal)
            .Select(node => new SchedulerEvent.NodeRegistered(nowMs, node.Key, node.Value) { Properties = change.AddedProperties }));
        if (change.Queues is { } queues)
        {
            events.Add(new SchedulerEvent.QueuesChanged(nowMs, queues));
        }

        return events;
    }

    /// <summary>One future under a virtual clock. Nodes and masters are taken to keep reporting.</summary>
    private sealed class Future(ClusterScheduler scheduler, WhatIfOptions options)
    {
        private readonly PriorityQueue<SchedulerEvent, (long AtMs, long Sequence)> _agenda = new();
        private readonly FairnessAudit _audit = new();
        private readonly long _startMs = scheduler.Snapshot().TimeMs;
        private long _sequence;

        public string? Refused { get; private set; }

        public Dictionary<string, WhatIfOutcome> Run(List<SchedulerEvent> change)
        {
            var begin = scheduler.Snapshot().Queues.ToDictionary(queue => queue.Path, queue => queue.Waits, StringComparer.Ordinal);
            foreach (var (container, placedAtMs, runMs) in scheduler.RunningContainers())
            {
                End(container, Math.Max(_startMs + 1, placedAtMs + (runMs > 0 ? runMs : options.RunMs)));
            }

            foreach (var next in change)
            {
                Refused ??= Apply(next).OfType<SchedulerDecision.EventRefused>().FirstOrDefault()?.Reason;
            }

            foreach (var next in options.Events)
            {
                At(next);
            }

            Play();
            var end = scheduler.Snapshot();
            _audit.Observe(end);
            var deficits = _audit.Records.Where(record => record.User.Length == 0).ToDictionary(record => record.Queue,
                record => record.DeficitShareSeconds, StringComparer.Ordinal);
            return end.Queues.ToDictionary(queue => queue.Path, queue => Outcome(queue, begin.GetValueOrDefault(queue.Path),
                deficits.GetValueOrDefault(queue.Path)), StringComparer.Ordinal);
        }

        private static WhatIfOutcome Outcome(QueueSnapshot queue, WaitStatistics begin, double deficit)
        {
            var placed = queue.Waits.Count - begin.Count;
            return new WhatIfOutcome(queue.Path, placed, placed == 0 ? 0 : (queue.Waits.Total - begin.Total).TotalSeconds / placed,
                queue.Waits.Max.TotalSeconds, queue.Pending, deficit);
        }

        private void Play()
        {
            var (endMs, tickMs) = (_startMs + options.HorizonMs, _startMs + 1_000);
            _audit.Observe(scheduler.Snapshot());
            while (tickMs <= endMs && (_agenda.Count > 0 || scheduler.PendingContainers > 0))
            {
                while (_agenda.TryPeek(out _, out var at) && at.AtMs <= tickMs)
                {
                    Apply(_agenda.Dequeue());
                }

                Apply(new SchedulerEvent.Tick(tickMs));
                _audit.Observe(scheduler.Snapshot());

                // Ahead to the next thing that happens, but not past what only time brings about.
                var next = _agenda.TryPeek(out _, out var due) ? due.AtMs : endMs;
                tickMs = Math.Max(tickMs + 1_000, Math.Min(tickMs + 10_000, next));
            }
        }

        private IReadOnlyList<SchedulerDecision> Apply(SchedulerEvent schedulerEvent)
        {
            var decisions = scheduler.Apply(schedulerEvent);
            foreach (var decision in decisions)
            {
                CarryOut(schedulerEvent.TimeMs, decision);
            }

            return decisions;
        }

        private void CarryOut(long nowMs, SchedulerDecision decision)
        {
            switch (decision)
            {
                case SchedulerDecision.ContainerPlaced { AskId: 0 } master:
                    At(new SchedulerEvent.MasterReported(nowMs + 1, master.ApplicationId));
                    break;
                case SchedulerDecision.ContainerPlaced placed:
                    var runMs = scheduler.ExpectedRunMs(placed.ContainerId);
                    End(placed.ContainerId, nowMs + (runMs > 0 ? runMs : options.RunMs));
                    break;
                case SchedulerDecision.ContainerStopRequested stop:
                    At(new SchedulerEvent.ContainerEnded(nowMs + options.StopMs, stop.ContainerId, ContainerOutcome.Killed));
                    break;
                case SchedulerDecision.AskCompleted done when !scheduler.HasWork(done.ApplicationId):
                    At(new SchedulerEvent.ApplicationEnded(nowMs + 1, done.ApplicationId));
                    break;
            }
        }

        private void End(long container, long atMs) => At(new SchedulerEvent.ContainerEnded(atMs, container, ContainerOutcome.Succeeded));

        private void At(SchedulerEvent schedulerEvent) => _agenda.Enqueue(schedulerEvent, (schedulerEvent.TimeMs, _sequence++));
    }
}
