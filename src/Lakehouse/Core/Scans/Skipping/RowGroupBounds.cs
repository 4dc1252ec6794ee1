using System.Text;
using DataPlatform.Lakehouse.Expressions;
using DataPlatform.Lakehouse.Schemas;
using ParquetSharp;

namespace DataPlatform.Lakehouse.Scans.Skipping;

/// <summary>Bounds of one leaf column in one row group, from the statistics of a Parquet file; unknown where they prove nothing.</summary>
internal static class RowGroupBounds
{
    /// <param name="chunk">The column in the row group.</param>
    /// <param name="leaf">The column in the file's schema.</param>
    /// <param name="type">Its type in the table.</param>
    public static Bounds Of(ColumnChunkMetaData chunk, ColumnDescriptor leaf, DeltaType type)
    {
        using var statistics = chunk.Statistics;
        if (statistics is null || leaf.MaxRepetitionLevel > 0)
        {
            return Bounds.Unknown;
        }

        var mayBeNull = statistics.NullCount != 0 || statistics.NumValues == 0;
        if (statistics.NumValues == 0 && statistics.NullCount > 0)
        {
            return new Bounds(null, null, MayBeNull: true, MayHaveValue: false);
        }

        var (low, high) = statistics.HasMinMax ? Range(statistics, leaf, type) : (null, null);
        return new Bounds(low, high, mayBeNull, MayHaveValue: true);
    }

    private static (object? Low, object? High) Range(Statistics statistics, ColumnDescriptor leaf, DeltaType type)
    {
        using var logical = leaf.LogicalType;
        return (type, statistics) switch
        {
            (DecimalType, Statistics<int> s) when logical is DecimalLogicalType d => (Scaled(s.Min, d.Scale), Scaled(s.Max, d.Scale)),
            (DecimalType, Statistics<long> s) when logical is DecimalLogicalType d => (Scaled(s.Min, d.Scale), Scaled(s.Max, d.Scale)),
            (PrimitiveType { Kind: PrimitiveKind.Date }, Statistics<int> s) when logical is DateLogicalType => (Date(s.Min), Date(s.Max)),
            (PrimitiveType { Kind: PrimitiveKind.Timestamp or PrimitiveKind.TimestampNtz }, Statistics<long> s) when logical is TimestampLogicalType t
                => Times(s.Min, s.Max, t.TimeUnit),
            (PrimitiveType { Kind: PrimitiveKind.Long or PrimitiveKind.Integer or PrimitiveKind.Short or PrimitiveKind.Byte }, Statistics<int> s)
                when IsSigned(logical) => ((long)s.Min, (long)s.Max),
            (PrimitiveType { Kind: PrimitiveKind.Long or PrimitiveKind.Integer }, Statistics<long> s) when IsSigned(logical) => (s.Min, s.Max),
            // NaN is above every number and left out of a maximum, so that this proves nothing.
            (PrimitiveType { Kind: PrimitiveKind.Double }, Statistics<double> s) => (double.IsNaN(s.Min) ? null : s.Min, null),
            (PrimitiveType { Kind: PrimitiveKind.Float or PrimitiveKind.Double }, Statistics<float> s) => (float.IsNaN(s.Min) ? null : (double)s.Min, null),
            (PrimitiveType { Kind: PrimitiveKind.String }, Statistics<ByteArray> s) when logical is StringLogicalType => (Text(s.Min), Text(s.Max)),
            _ => (null, null),
        };
    }

    private static bool IsSigned(LogicalType logical) => logical is NoneLogicalType or IntLogicalType { IsSigned: true };

    private static object? Scaled(long unscaled, int scale) => scale is >= 0 and <= 28 ? new decimal(unscaled) / Power(scale) : null;

    private static decimal Power(int digits)
    {
        decimal power = 1;
        for (var i = 0; i < digits; i++)
        {
            power *= 10;
        }

        return power;
    }

    private static DateOnly? Date(int days) => days is > -700_000 and < 2_900_000 ? DateOnly.FromDateTime(DateTime.UnixEpoch).AddDays(days) : null;

    private static (object? Low, object? High) Times(long low, long high, TimeUnit unit) => unit switch
    {
        TimeUnit.Micros => (new Instant(low), new Instant(high)),
        TimeUnit.Millis when Math.Max(Math.Abs(low), Math.Abs(high)) < long.MaxValue / 1_000 => (new Instant(low * 1_000), new Instant(high * 1_000)),
        _ => (null, null),
    };

    /// <summary>A bound that is cut inside a character is no text, and proves nothing then.</summary>
    private static string? Text(ByteArray bytes)
    {
        try
        {
            var copy = new byte[bytes.Length];
            System.Runtime.InteropServices.Marshal.Copy(bytes.Pointer, copy, 0, copy.Length);
            return Strict.GetString(copy);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static UTF8Encoding Strict { get; } = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
}
