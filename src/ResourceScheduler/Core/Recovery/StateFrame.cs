using DataPlatform.Kernel;

namespace DataPlatform.ResourceScheduler.Recovery;

/// <summary>A saved state as bytes: a head, the configuration of the leader that wrote it, the scheduler, a checksum.</summary>
internal static class StateFrame
{
    private const byte Format = 1;

    public static void Write(ByteWriter writer, long sequence, long epoch, ClusterScheduler scheduler, LeaderConfiguration configuration)
    {
        writer.Byte(Format);
        writer.Number(sequence);
        writer.Number(epoch);
        writer.Bytes(configuration.Options);
        writer.Bytes(configuration.Queues);
        scheduler.Save(writer);
        writer.UInt32(Checksum.Of(writer.Written));
    }

    /// <summary>Reads a state back.</summary>
    /// <param name="payload">The bytes.</param>
    /// <param name="sequence">The record they should be of.</param>
    /// <param name="options">The settings to go on with; null for those in the state.</param>
    public static (ClusterScheduler Scheduler, LeaderConfiguration Configuration) Read(
        ReadOnlySpan<byte> payload, long sequence, SchedulerOptions? options)
    {
        var body = LogFrame.Checked(payload, $"The scheduler's state saved after record {sequence}");
        try
        {
            var reader = new ByteReader(body);
            var format = reader.Byte();
            if (format != Format)
            {
                throw new FormatException($"it has format {format} and this program knows {Format}");
            }

            if (reader.Number() is var actual && actual != sequence)
            {
                throw new FormatException($"it is of record {actual}");
            }

            reader.Number();
            var configuration = new LeaderConfiguration(reader.Bytes().ToArray(), reader.Bytes().ToArray());
            options ??= ConfigurationText.ReadOptions(configuration.Options);
            return (ClusterScheduler.Restore(ref reader, options), configuration);
        }
        catch (Exception error) when (error is FormatException or OverflowException or ArgumentException or KeyNotFoundException
            or System.Text.Json.JsonException)
        {
            throw new SchedulerException(ErrorKind.Corrupt,
                $"The scheduler's state saved after record {sequence} cannot be read: {error.Message}.", error);
        }
    }
}
