using System.Buffers.Binary;
using DataPlatform.Kernel;

namespace DataPlatform.ResourceScheduler.Recovery;

/// <summary>What one record of the log says.</summary>
/// <param name="Sequence">Its number.</param>
/// <param name="Epoch">Who wrote it.</param>
/// <param name="IsRestated">Whether the scheduler was written out and read back after these events.</param>
/// <param name="Configuration">Settings and queue tree in force from then on; null when they stay.</param>
/// <param name="Events">The events, in order.</param>
/// <param name="Digest">Of everything that was decided because of them.</param>
internal sealed record LogFrame(
    long Sequence, long Epoch, bool IsRestated, LeaderConfiguration? Configuration, IReadOnlyList<SchedulerEvent> Events, ulong Digest)
{
    public const byte Format = 1;

    private const int ChecksumLength = 4;
    private const byte RestatedFlag = 1;
    private const byte ConfiguredFlag = 2;

    public static void Begin(ByteWriter writer, long sequence, long epoch, bool isRestated, LeaderConfiguration? configuration, int events)
    {
        writer.Byte(Format);
        writer.Byte((byte)((isRestated ? RestatedFlag : 0) | (configuration is null ? 0 : ConfiguredFlag)));
        writer.Number(sequence);
        writer.Number(epoch);
        if (configuration is not null)
        {
            writer.Bytes(configuration.Options);
            writer.Bytes(configuration.Queues);
        }

        writer.Unsigned((ulong)events);
    }

    public static void End(ByteWriter writer, ulong digest)
    {
        writer.UInt64(digest);
        writer.UInt32(Checksum.Of(writer.Written));
    }

    /// <summary>Reads a record, naming it in every complaint.</summary>
    public static LogFrame Read(in LogRecord record)
    {
        var body = Checked(record.Payload.Span, $"Record {record.Sequence} of the scheduler's log");
        try
        {
            return Read(body, record);
        }
        catch (Exception error) when (error is FormatException or OverflowException or ArgumentException or System.Text.Json.JsonException)
        {
            throw new SchedulerException(ErrorKind.Corrupt,
                $"Record {record.Sequence} of the scheduler's log cannot be read: {error.Message}.", error);
        }
    }

    /// <summary>The bytes a checksum at their end vouches for.</summary>
    public static ReadOnlySpan<byte> Checked(ReadOnlySpan<byte> payload, string what)
    {
        var isWhole = payload.Length > ChecksumLength
            && BinaryPrimitives.ReadUInt32LittleEndian(payload[^ChecksumLength..]) == Checksum.Of(payload[..^ChecksumLength]);
        return isWhole ? payload[..^ChecksumLength]
            : throw new SchedulerException(ErrorKind.Corrupt,
                $"{what} is damaged: its checksum does not match. Restore the store from a copy.");
    }

    private static LogFrame Read(ReadOnlySpan<byte> body, in LogRecord record)
    {
        var reader = new ByteReader(body);
        var format = reader.Byte();
        if (format != Format)
        {
            throw new FormatException($"it has format {format} and this program knows {Format}");
        }

        var flags = reader.Byte();
        var (sequence, epoch) = (reader.Number(), reader.Number());
        if (sequence != record.Sequence || epoch != record.Epoch)
        {
            throw new FormatException(
                $"it says that it is record {sequence} of epoch {epoch}, where {record.Sequence} of {record.Epoch} should be");
        }

        var configuration = (flags & ConfiguredFlag) == 0 ? null
            : new LeaderConfiguration(reader.Bytes().ToArray(), reader.Bytes().ToArray());
        var events = new SchedulerEvent[reader.Count()];
        var lastTimeMs = 0L;
        for (var i = 0; i < events.Length; i++)
        {
            events[i] = EventCodec.Read(ref reader, lastTimeMs);
            lastTimeMs = events[i].TimeMs;
        }

        return new LogFrame(sequence, epoch, (flags & RestatedFlag) != 0, configuration, events, reader.UInt64());
    }
}

/// <summary>What a leader was started with, as text.</summary>
internal sealed record LeaderConfiguration(byte[] Options, byte[] Queues);
