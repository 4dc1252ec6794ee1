using System.Numerics;

namespace DataPlatform.Quality.Profiles;

/// <summary>Values of metrics as bytes: a kind, and what the kind has; see <c>docs/formats/quality-partition-state.md</c>.</summary>
internal static class ValueBytes
{
    private const int NumberBytesMax = 64;
    private const int CountsMax = 1_000;

    private enum Kind : byte
    {
        Nothing,
        Whole,
        Decimal,
        Double,
        Counts,
        Registers,
        Moments,
    }

    public static void Write(BinaryWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.Write((byte)Kind.Nothing);
                break;
            case BigInteger whole:
                var bytes = whole.ToByteArray();
                writer.Write((byte)Kind.Whole);
                writer.Write((byte)bytes.Length);
                writer.Write(bytes);
                break;
            case decimal number:
                writer.Write((byte)Kind.Decimal);
                writer.Write(number);
                break;
            case double number:
                writer.Write((byte)Kind.Double);
                writer.Write(number);
                break;
            case IReadOnlyList<long> counts:
                writer.Write((byte)Kind.Counts);
                writer.Write(counts.Count);
                foreach (var count in counts)
                {
                    writer.Write(count);
                }

                break;
            case HyperLogLog sketch:
                writer.Write((byte)Kind.Registers);
                writer.Write((byte)BitOperations.Log2((uint)sketch.Bytes.Length));
                writer.Write(sketch.Bytes);
                break;
            case Moments moments:
                writer.Write((byte)Kind.Moments);
                Write(writer, moments);
                break;
            default:
                throw new ArgumentException($"A {value.GetType().Name} is no value of a metric that is kept.", nameof(value));
        }
    }

    public static void Write(BinaryWriter writer, Moments moments)
    {
        writer.Write(moments.Count);
        writer.Write(moments.Mean);
        writer.Write(moments.SquaredDeviations);
        writer.Write(moments.Minimum);
        writer.Write(moments.Maximum);
    }

    public static object? Read(BinaryReader reader) => (Kind)reader.ReadByte() switch
    {
        Kind.Nothing => null,
        Kind.Whole => new BigInteger(reader.ReadBytes(Between(reader.ReadByte(), 1, NumberBytesMax))),
        Kind.Decimal => reader.ReadDecimal(),
        Kind.Double => reader.ReadDouble(),
        Kind.Counts => ReadCounts(reader),
        Kind.Registers => new HyperLogLog(reader.ReadBytes(1 << Between(reader.ReadByte(), 4, 18))),
        Kind.Moments => ReadMoments(reader),
        var kind => throw new ArgumentException($"There is no kind {(byte)kind} of values."),
    };

    public static Moments ReadMoments(BinaryReader reader)
        => new(reader.ReadInt64(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());

    private static long[] ReadCounts(BinaryReader reader)
    {
        var counts = new long[Between(reader.ReadInt32(), 0, CountsMax)];
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] = reader.ReadInt64();
        }

        return counts;
    }

    private static int Between(int value, int low, int high)
        => value >= low && value <= high ? value : throw new ArgumentException($"A length of {value} does not lie between {low} and {high}.");
}
