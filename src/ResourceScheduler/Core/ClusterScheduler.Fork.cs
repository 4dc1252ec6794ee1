using DataPlatform.ResourceScheduler.Recovery;

namespace DataPlatform.ResourceScheduler;

/// <content>Copies, for trying things out.</content>
public sealed partial class ClusterScheduler
{
    /// <summary>A scheduler of its own in the present state. What happens to one is not seen by the other.</summary>
    public ClusterScheduler Fork() => Fork(_options);

    /// <summary>A copy in which nodes and masters need not report: nobody reports to it.</summary>
    internal ClusterScheduler ForkForPlay() => Fork(_options with { NodeSuspectAfterMs = 0, MasterLostAfterMs = 0 });

    private ClusterScheduler Fork(SchedulerOptions options)
    {
        var writer = new ByteWriter();
        Save(writer);
        var reader = new ByteReader(writer.ToArray());
        return Restore(ref reader, options);
    }

    /// <summary>Running containers, masters apart, with when they were placed and how long they are expected to run; 0 when unknown. By
    /// number.</summary>
    internal IEnumerable<(long Id, long PlacedAtMs, long RunMs)> RunningContainers()
        => _containers.Values.Where(container => !container.Ask.IsMaster).OrderBy(container => container.Id)
            .Select(container => (container.Id, container.PlacedAtMs, container.Ask.Definition.ExpectedRunMs));

    /// <summary>Whether anything of an application is asked for or runs besides its master.</summary>
    internal bool HasWork(long application)
        => _applications.TryGetValue(application, out var known) && known.Asks.Values.Any(ask => !ask.IsMaster);

    internal long ExpectedRunMs(long container) => _containers.TryGetValue(container, out var known) ? known.Ask.Definition.ExpectedRunMs
        : 0;
}
