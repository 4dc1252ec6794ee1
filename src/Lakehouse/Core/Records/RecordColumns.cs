using DataPlatform.Lakehouse.DataFiles;
using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Lakehouse.Records;

/// <summary>
/// Finds the column for a Delta type and a CLR value type. The casts are between identical types, so nothing is boxed per value.
/// </summary>
internal static class RecordColumns
{
    public static RecordColumn<T> Create<T, TValue>(StructField field, Func<T, TValue> get)
        => field.Type switch
        {
            PrimitiveType { Kind: PrimitiveKind.String } => new TextColumn<T>(field, Text(field, get)),
            PrimitiveType { Kind: PrimitiveKind.Binary } => new BinaryColumn<T>(field, Bytes(field, get)),
            PrimitiveType { Kind: PrimitiveKind.Boolean } => new FlagColumn<T>(field, Reader(field, get, (bool v) => v)),
            PrimitiveType { Kind: PrimitiveKind.Long } => Fixed(field, Longs(field, get), v => PartitionText.Text(v)),
            PrimitiveType { Kind: PrimitiveKind.Integer } => Fixed(field, Integers(field, get), v => PartitionText.Text(v)),
            PrimitiveType { Kind: PrimitiveKind.Short } => Fixed(field, Shorts(field, get), v => PartitionText.Text(v)),
            PrimitiveType { Kind: PrimitiveKind.Byte } => Fixed(field, Reader(field, get, (sbyte v) => v), v => PartitionText.Text(v)),
            PrimitiveType { Kind: PrimitiveKind.Double } => Fixed(field, Doubles(field, get), PartitionText.Double),
            PrimitiveType { Kind: PrimitiveKind.Float } => Fixed(field, Reader(field, get, (float v) => v), PartitionText.Float),
            PrimitiveType { Kind: PrimitiveKind.Date } => Fixed(field, Dates(field, get), PartitionText.Date),
            PrimitiveType { Kind: PrimitiveKind.Timestamp }
                => Fixed(field, Times(field, get), v => PartitionText.Timestamp(v, isInstant: true)),
            PrimitiveType { Kind: PrimitiveKind.TimestampNtz }
                => Fixed(field, Times(field, get), v => PartitionText.Timestamp(v, isInstant: false)),
            DecimalType number => Fixed(
                field, Reader(field, get, (decimal v) => Unscaled(field, number, v)), v => DecimalText.Of(v, number.Scale)),
            _ => throw Mismatch<TValue>(field),
        };

    private static FixedColumn<T, TPhysical> Fixed<T,
        TPhysical>(StructField field, RecordReader<T, TPhysical> read, Func<TPhysical, string?> text)
        where TPhysical : unmanaged => new(field, read, text);

    private static RecordReader<T, string> Text<T, TValue>(StructField field, Func<T, TValue> get)
        => get is Func<T, string?> texts ? (T r, out string v) => (v = texts(r)!) is not null : throw Mismatch<TValue>(field);

    private static RecordReader<T, byte[]> Bytes<T, TValue>(StructField field, Func<T, TValue> get)
        => get is Func<T, byte[]?> bytes ? (T r, out byte[] v) => (v = bytes(r)!) is not null : throw Mismatch<TValue>(field);

    private static RecordReader<T, long> Longs<T, TValue>(StructField field, Func<T, TValue> get)
        => TryReader(get, (long v) => v) ?? TryReader(get, (int v) => (long)v) ?? TryReader(get, (short v) => (long)v)
            ?? TryReader(get, (sbyte v) => (long)v) ?? TryReader(get, (byte v) => (long)v) ?? Reader(field, get, (uint v) => (long)v);

    private static RecordReader<T, int> Integers<T, TValue>(StructField field, Func<T, TValue> get)
        => TryReader(get, (int v) => v) ?? TryReader(get, (short v) => (int)v) ?? TryReader(get, (sbyte v) => (int)v)
            ?? TryReader(get, (byte v) => (int)v) ?? Reader(field, get, (ushort v) => (int)v);

    private static RecordReader<T, short> Shorts<T, TValue>(StructField field, Func<T, TValue> get)
        => TryReader(get, (short v) => v) ?? TryReader(get, (sbyte v) => (short)v) ?? Reader(field, get, (byte v) => (short)v);

    private static RecordReader<T, double> Doubles<T, TValue>(StructField field, Func<T, TValue> get)
        => TryReader(get, (double v) => v) ?? TryReader(get, (float v) => (double)v) ?? Reader(field, get, (int v) => (double)v);

    private static RecordReader<T, int> Dates<T, TValue>(StructField field, Func<T, TValue> get)
        => TryReader(get, (DateOnly v) => v.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber)
            ?? Reader(field, get, (int v) => v);

    private static RecordReader<T, long> Times<T, TValue>(StructField field, Func<T, TValue> get)
        => TryReader(get, (long v) => v)
            ?? TryReader(get, (DateTimeOffset v) => (v.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond)
            ?? Reader(field, get, (DateTime v) => (v.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond);

    private static RecordReader<T, TPhysical> Reader<T, TValue, TFrom,
        TPhysical>(StructField field, Func<T, TValue> get, Func<TFrom, TPhysical> convert)
        where TFrom : struct => TryReader(get, convert) ?? throw Mismatch<TValue>(field);

    private static RecordReader<T, TPhysical>? TryReader<T, TValue, TFrom, TPhysical>(Func<T, TValue> get, Func<TFrom, TPhysical> convert)
        where TFrom : struct
        => get switch
        {
            Func<T, TFrom> plain => (T record, out TPhysical value) =>
            {
                value = convert(plain(record));
                return true;
            }
            ,
            Func<T, TFrom?> optional => (T record, out TPhysical value) =>
            {
                var found = optional(record);
                value = found is { } present ? convert(present) : default!;
                return found is not null;
            }
            ,
            _ => null,
        };

    private static Int128 Unscaled(StructField field, DecimalType type, decimal value)
        => DecimalText.TryUnscaled(value, type.Precision, type.Scale, out var unscaled) ? unscaled
            : throw DeltaException.Invalid($"The value {value} does not fit the column '{field.Name}' of type {type}.");

    private static ArgumentException Mismatch<TValue>(StructField field)
        => new($"The column '{field.Name}' is {field.Type}, and a {typeof(TValue).Name} cannot be a value of it.");
}
