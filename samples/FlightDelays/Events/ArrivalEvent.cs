using System.Buffers.Binary;
using System.Text;
using DataPlatform.Samples.FlightDelays.Domain;

namespace DataPlatform.Samples.FlightDelays.Events;

/// <summary>
/// The payload of an outbox row, little-endian:
/// <code>
///  0  u8   version, 1
///  1  i64  id
///  9  i64  departure, Unix ms
/// 17  i64  arrival, Unix ms
/// 25  i32  delay, minutes
/// 29  i32  distance, miles
/// 33  u8   length of origin, then its ASCII bytes
///  .  u8   length of destination, then its ASCII bytes
/// </code>
/// </summary>
public static class ArrivalEvent
{
    /// <summary>The longest payload: two codes of <see cref="CodeLengthMax"/> characters.</summary>
    public const int BytesMax = FixedBytes + 2 + (2 * CodeLengthMax);

    /// <summary>The longest airport code.</summary>
    public const int CodeLengthMax = 16;

    private const int FixedBytes = 33;
    private const byte Version = 1;

    /// <summary>Writes an arrival.</summary>
    /// <returns>The bytes written.</returns>
    public static int Write(in Arrival arrival, Span<byte> target)
    {
        target[0] = Version;
        BinaryPrimitives.WriteInt64LittleEndian(target[1..], arrival.Id);
        BinaryPrimitives.WriteInt64LittleEndian(target[9..], arrival.Flight.DepartureMs);
        BinaryPrimitives.WriteInt64LittleEndian(target[17..], arrival.Flight.ArrivalMs);
        BinaryPrimitives.WriteInt32LittleEndian(target[25..], arrival.Flight.DelayMinutes);
        BinaryPrimitives.WriteInt32LittleEndian(target[29..], arrival.Flight.DistanceMiles);
        var end = WriteCode(arrival.Flight.Origin, target, FixedBytes);
        return WriteCode(arrival.Flight.Destination, target, end);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="SampleException">The payload has another version or is cut short.</exception>
    public static Arrival Read(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < FixedBytes + 2 || payload[0] != Version)
        {
            throw new SampleException(
                $"An outbox payload of {payload.Length} bytes is not an arrival of version {Version}: the database is of another release; start over with --fresh.");
        }

        var id = BinaryPrimitives.ReadInt64LittleEndian(payload[1..]);
        var departure = BinaryPrimitives.ReadInt64LittleEndian(payload[9..]);
        var arrival = BinaryPrimitives.ReadInt64LittleEndian(payload[17..]);
        var delay = BinaryPrimitives.ReadInt32LittleEndian(payload[25..]);
        var distance = BinaryPrimitives.ReadInt32LittleEndian(payload[29..]);
        var codes = payload[FixedBytes..];
        var origin = codes.Slice(1, codes[0]);
        var destination = codes.Slice(2 + origin.Length, codes[1 + origin.Length]);
        return new Arrival(id, new Flight(AirportCodes.Share(origin), AirportCodes.Share(destination), delay, distance, departure, arrival));
    }

    private static int WriteCode(string code, Span<byte> target, int at)
    {
        target[at] = checked((byte)code.Length);
        return at + 1 + Encoding.ASCII.GetBytes(code, target[(at + 1)..]);
    }
}
