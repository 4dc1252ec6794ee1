using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace DataPlatform.ResourceScheduler.Diagnostics;

/// <summary>What a live manager tells whoever listens, under the name <c>DataPlatform.ResourceScheduler</c>.</summary>
internal static class SchedulerTelemetry
{
    public const string Name = "DataPlatform.ResourceScheduler";

    public static readonly ActivitySource Activities = new(Name);

    private static readonly Meter Meter = new(Name);

    public static readonly Counter<long> Placed = Meter.CreateCounter<long>("scheduler.containers.placed", "{container}");

    public static readonly Counter<long> Ended = Meter.CreateCounter<long>("scheduler.containers.ended", "{container}");

    public static readonly Counter<long> Preempted = Meter.CreateCounter<long>("scheduler.containers.preempted", "{container}");

    public static readonly Counter<long> Refused = Meter.CreateCounter<long>("scheduler.events.refused", "{event}");

    public static readonly Counter<long> Heartbeats = Meter.CreateCounter<long>("scheduler.heartbeats", "{heartbeat}");

    public static readonly Counter<long> CommittedEvents = Meter.CreateCounter<long>("scheduler.events.committed", "{event}");

    public static readonly Histogram<double> CommitSeconds = Meter.CreateHistogram<double>("scheduler.commit.duration", "s");
}
