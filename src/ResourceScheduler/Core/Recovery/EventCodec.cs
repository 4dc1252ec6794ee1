using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;

namespace DataPlatform.ResourceScheduler.Recovery;

/// <summary>Events as bytes. A kind's number never changes its meaning; a kind that gains members gets a higher version, and every version
/// written so far stays readable.</summary>
internal static class EventCodec
{
    private const byte Version = 1;

    private enum Kind : byte
    {
        Tick = 1,
        ApplicationSubmitted = 2,
        MasterReported = 3,
        ContainersAsked = 4,
        AskCancelled = 5,
        ContainerEnded = 6,
        ApplicationEnded = 7,
        QueuesChanged = 8,
        NodeRegistered = 9,
        NodeRemoved = 10,
        NodeReported = 11,
        NodeDecommissioned = 12,
        NodeMaintenance = 13,
        NodePropertiesChanged = 14,
    }

    public static void Write(ByteWriter writer, SchedulerEvent schedulerEvent, long lastTimeMs)
    {
        writer.Byte((byte)KindOf(schedulerEvent));
        writer.Byte(Version);
        writer.Number(schedulerEvent.TimeMs - lastTimeMs);
        if (!WriteWork(writer, schedulerEvent))
        {
            WriteNode(writer, schedulerEvent);
        }
    }

    public static SchedulerEvent Read(ref ByteReader reader, long lastTimeMs)
    {
        var kind = (Kind)reader.Byte();
        var version = reader.Byte();
        if (version is 0 or > Version)
        {
            throw new FormatException($"an event of kind {(byte)kind} has version {version}, which a newer program wrote");
        }

        var timeMs = lastTimeMs + reader.Number();
        return ReadWork(ref reader, kind, timeMs) ?? ReadNode(ref reader, kind, timeMs)
            ?? throw new FormatException($"an event has kind {(byte)kind}, which this program does not know");
    }

    private static Kind KindOf(SchedulerEvent schedulerEvent) => schedulerEvent switch
    {
        SchedulerEvent.Tick => Kind.Tick,
        SchedulerEvent.ApplicationSubmitted => Kind.ApplicationSubmitted,
        SchedulerEvent.MasterReported => Kind.MasterReported,
        SchedulerEvent.ContainersAsked => Kind.ContainersAsked,
        SchedulerEvent.AskCancelled => Kind.AskCancelled,
        SchedulerEvent.ContainerEnded => Kind.ContainerEnded,
        SchedulerEvent.ApplicationEnded => Kind.ApplicationEnded,
        SchedulerEvent.QueuesChanged => Kind.QueuesChanged,
        SchedulerEvent.NodeRegistered => Kind.NodeRegistered,
        SchedulerEvent.NodeRemoved => Kind.NodeRemoved,
        SchedulerEvent.NodeReported => Kind.NodeReported,
        SchedulerEvent.NodeDecommissioned => Kind.NodeDecommissioned,
        SchedulerEvent.NodeMaintenance => Kind.NodeMaintenance,
        SchedulerEvent.NodePropertiesChanged => Kind.NodePropertiesChanged,
        _ => throw new NotSupportedException($"Events of type {schedulerEvent.GetType().Name} have no form in the log."),
    };

    private static bool WriteWork(ByteWriter writer, SchedulerEvent schedulerEvent)
    {
        switch (schedulerEvent)
        {
            case SchedulerEvent.Tick:
                return true;
            case SchedulerEvent.ContainerEnded ended:
                writer.Number(ended.ContainerId);
                writer.Byte((byte)ended.Outcome);
                return true;
            case SchedulerEvent.ApplicationSubmitted submitted:
                writer.Number(submitted.ApplicationId);
                RecordCodec.Write(writer, submitted.Application);
                return true;
            case SchedulerEvent.ContainersAsked asked:
                writer.Number(asked.ApplicationId);
                writer.Number(asked.AskId);
                RecordCodec.Write(writer, asked.Ask);
                return true;
            case SchedulerEvent.AskCancelled cancelled:
                writer.Number(cancelled.AskId);
                return true;
            case SchedulerEvent.ApplicationEnded ended:
                writer.Number(ended.ApplicationId);
                writer.Byte((byte)ended.State);
                writer.Text(ended.User ?? "");
                writer.Texts(ended.Groups);
                return true;
            case SchedulerEvent.MasterReported reported:
                writer.Number(reported.ApplicationId);
                return true;
            case SchedulerEvent.QueuesChanged changed:
                writer.Bytes(ConfigurationText.Write(changed.Queues));
                return true;
            default:
                return false;
        }
    }

    private static void WriteNode(ByteWriter writer, SchedulerEvent schedulerEvent)
    {
        switch (schedulerEvent)
        {
            case SchedulerEvent.NodeReported reported:
                writer.Text(reported.Node);
                writer.Number(reported.Epoch);
                writer.Flag(reported.IsHealthy);
                writer.Unsigned((ulong)reported.Ended.Count);
                foreach (var ended in reported.Ended)
                {
                    writer.Number(ended.ContainerId);
                    writer.Byte((byte)ended.Outcome);
                }

                break;
            case SchedulerEvent.NodeRegistered registered:
                writer.Text(registered.Node);
                writer.Vector(registered.Capacity);
                RecordCodec.Write(writer, registered.Properties);
                writer.Number(registered.Epoch);
                writer.Flag(registered.Running is not null);
                RecordCodec.WriteNumbers(writer, registered.Running ?? []);
                break;
            case SchedulerEvent.NodeRemoved removed:
                writer.Text(removed.Node);
                break;
            case SchedulerEvent.NodeDecommissioned decommissioned:
                writer.Text(decommissioned.Node);
                writer.Number(decommissioned.DeadlineMs);
                writer.Flag(decommissioned.IsInterruption);
                break;
            case SchedulerEvent.NodeMaintenance maintenance:
                writer.Text(maintenance.Node);
                writer.Flag(maintenance.IsOn);
                break;
            case SchedulerEvent.NodePropertiesChanged changed:
                writer.Text(changed.Node);
                RecordCodec.Write(writer, changed.Properties);
                break;
        }
    }

    private static SchedulerEvent? ReadWork(ref ByteReader reader, Kind kind, long timeMs) => kind switch
    {
        Kind.Tick => new SchedulerEvent.Tick(timeMs),
        Kind.ContainerEnded => new SchedulerEvent.ContainerEnded(timeMs, reader.Number(), (ContainerOutcome)reader.Byte()),
        Kind.ApplicationSubmitted => new SchedulerEvent.ApplicationSubmitted(timeMs, reader.Number(),
            RecordCodec.ReadApplication(ref reader)),
        Kind.ContainersAsked => new SchedulerEvent.ContainersAsked(timeMs, reader.Number(), reader.Number(),
            RecordCodec.ReadAsk(ref reader)),
        Kind.AskCancelled => new SchedulerEvent.AskCancelled(timeMs, reader.Number()),
        Kind.ApplicationEnded => new SchedulerEvent.ApplicationEnded(timeMs, reader.Number(), (ApplicationState)reader.Byte())
        {
            User = reader.Text() is { Length: > 0 } user ? user : null,
            Groups = reader.Texts(),
        },
        Kind.MasterReported => new SchedulerEvent.MasterReported(timeMs, reader.Number()),
        Kind.QueuesChanged => new SchedulerEvent.QueuesChanged(timeMs, ConfigurationText.ReadQueues(reader.Bytes())),
        _ => null,
    };

    private static SchedulerEvent? ReadNode(ref ByteReader reader, Kind kind, long timeMs) => kind switch
    {
        Kind.NodeReported => ReadReport(ref reader, timeMs),
        Kind.NodeRegistered => ReadRegistration(ref reader, timeMs),
        Kind.NodeRemoved => new SchedulerEvent.NodeRemoved(timeMs, reader.Text()),
        Kind.NodeDecommissioned => new SchedulerEvent.NodeDecommissioned(timeMs, reader.Text(), reader.Number())
        {
            IsInterruption = reader.Flag(),
        },
        Kind.NodeMaintenance => new SchedulerEvent.NodeMaintenance(timeMs, reader.Text(), reader.Flag()),
        Kind.NodePropertiesChanged => new SchedulerEvent.NodePropertiesChanged(timeMs, reader.Text(),
            RecordCodec.ReadProperties(ref reader)),
        _ => null,
    };

    private static SchedulerEvent.NodeReported ReadReport(ref ByteReader reader, long timeMs)
    {
        var (node, epoch, isHealthy) = (reader.Text(), reader.Number(), reader.Flag());
        var count = reader.Count();
        var ended = count == 0 ? [] : new EndedContainer[count];
        for (var i = 0; i < count; i++)
        {
            ended[i] = new EndedContainer(reader.Number(), (ContainerOutcome)reader.Byte());
        }

        return new SchedulerEvent.NodeReported(timeMs, node, epoch, ended, isHealthy);
    }

    private static SchedulerEvent.NodeRegistered ReadRegistration(ref ByteReader reader, long timeMs)
    {
        var (node, capacity, properties) = (reader.Text(), reader.Vector(), RecordCodec.ReadProperties(ref reader));
        var (epoch, tells) = (reader.Number(), reader.Flag());
        var running = RecordCodec.ReadNumbers(ref reader);
        return new SchedulerEvent.NodeRegistered(timeMs, node, capacity)
        {
            Properties = properties,
            Epoch = epoch,
            Running = tells ? running : null,
        };
    }
}
