using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace DataPlatform.Lakehouse.DataFiles;

/// <summary>Minimum, maximum and null count of one leaf column, gathered batch by batch.</summary>
internal abstract class ColumnStatistics
{
    /// <summary>Rows whose value is null, a null parent included.</summary>
    public long NullCount { get; protected set; }

    /// <summary>Whether there is a minimum, respectively maximum, that a reader may trust.</summary>
    public abstract bool HasMinimum { get; }

    public abstract bool HasMaximum { get; }

    public abstract void Add(IArrowArray array, Func<int, bool>? parentIsNull);

    public abstract void WriteMinimum(Utf8JsonWriter writer);

    public abstract void WriteMaximum(Utf8JsonWriter writer);

    /// <summary>The collector of a type: types without an order that the protocol knows get a null count alone.</summary>
    public static ColumnStatistics For(IArrowType type) => type switch
    {
        Int64Type => new NumberStatistics<long>((w, v) => w.WriteNumberValue(v)),
        Int32Type => new NumberStatistics<int>((w, v) => w.WriteNumberValue(v)),
        Int16Type => new NumberStatistics<short>((w, v) => w.WriteNumberValue(v)),
        Int8Type => new NumberStatistics<sbyte>((w, v) => w.WriteNumberValue(v)),
        DoubleType => new FloatStatistics<double>((w, v) => w.WriteNumberValue(v)),
        FloatType => new FloatStatistics<float>((w, v) => w.WriteNumberValue(v)),
        Date32Type => new NumberStatistics<int>((w, v) => w.WriteStringValue(PartitionText.Date(v))),
        TimestampType time => new NumberStatistics<long>((w, v) => w.WriteStringValue(Milliseconds(v, time.Timezone is { Length: > 0 }))),
        Decimal128Type number => new NumberStatistics<Int128>((w, v) => w.WriteRawValue(DecimalText.Of(v, number.Scale))),
        StringType => new StringStatistics(),
        _ => new NullStatistics(),
    };

    /// <summary>Timestamps are cut down to milliseconds, as the protocol's writers do; readers widen the maximum by one.</summary>
    internal static string Milliseconds(long micros, bool isInstant)
    {
        var floor = micros - (((micros % 1000) + 1000) % 1000);
        return DateTime.UnixEpoch.AddTicks(floor * TimeSpan.TicksPerMicrosecond)
            .ToString(isInstant ? "yyyy-MM-ddTHH:mm:ss.fffZ" : "yyyy-MM-ddTHH:mm:ss.fff", CultureInfo.InvariantCulture);
    }
}

/// <summary>For types that have no minimum and maximum: booleans, binaries, lists, maps.</summary>
internal sealed class NullStatistics : ColumnStatistics
{
    public override bool HasMinimum => false;

    public override bool HasMaximum => false;

    public override void Add(IArrowArray array, Func<int, bool>? parentIsNull)
    {
        if (parentIsNull is null)
        {
            NullCount += array.NullCount;
            return;
        }

        for (var i = 0; i < array.Length; i++)
        {
            NullCount += parentIsNull(i) || array.IsNull(i) ? 1 : 0;
        }
    }

    public override void WriteMinimum(Utf8JsonWriter writer) => throw new System.Diagnostics.UnreachableException();

    public override void WriteMaximum(Utf8JsonWriter writer) => throw new System.Diagnostics.UnreachableException();
}

/// <summary>For types with a total order of fixed width.</summary>
internal class NumberStatistics<T>(Action<Utf8JsonWriter, T> write) : ColumnStatistics
    where T : struct, IComparable<T>, IMinMaxValue<T>
{
    private T _min = T.MaxValue;
    private T _max = T.MinValue;

    public override bool HasMinimum => Count > 0;

    public override bool HasMaximum => Count > 0;

    protected long Count { get; set; }

    protected T Minimum => _min;

    protected T Maximum => _max;

    public override void Add(IArrowArray array, Func<int, bool>? parentIsNull)
    {
        var values = MemoryMarshal.Cast<byte, T>(array.Data.Buffers[1].Span).Slice(array.Offset, array.Length);
        if (parentIsNull is null && array.NullCount == 0)
        {
            Count += values.Length;
            foreach (var value in values)
            {
                Take(value);
            }

            return;
        }

        for (var i = 0; i < values.Length; i++)
        {
            if (array.IsNull(i) || parentIsNull?.Invoke(i) == true)
            {
                NullCount++;
            }
            else
            {
                Count++;
                Take(values[i]);
            }
        }
    }

    public override void WriteMinimum(Utf8JsonWriter writer) => write(writer, _min);

    public override void WriteMaximum(Utf8JsonWriter writer) => write(writer, _max);

    protected virtual void Take(T value)
    {
        if (value.CompareTo(_min) < 0)
        {
            _min = value;
        }

        if (value.CompareTo(_max) > 0)
        {
            _max = value;
        }
    }
}

/// <summary>
/// For floats: NaN is larger than all for other engines, so a file that holds one has no maximum; infinities are not JSON.
/// </summary>
internal sealed class FloatStatistics<T>(Action<Utf8JsonWriter, T> write) : NumberStatistics<T>(write)
    where T : struct, IFloatingPointIeee754<T>, IMinMaxValue<T>
{
    private bool _anyNumber;
    private bool _anyNaN;
    private bool _tooLow;
    private bool _tooHigh;

    public override bool HasMinimum => _anyNumber && !_tooLow;

    public override bool HasMaximum => _anyNumber && !_anyNaN && !_tooHigh;

    protected override void Take(T value)
    {
        if (T.IsNaN(value))
        {
            _anyNaN = true;
            return;
        }

        _anyNumber = true;
        _tooLow |= T.IsNegativeInfinity(value);
        _tooHigh |= T.IsPositiveInfinity(value);
        base.Take(value);
    }
}

/// <summary>For text: compared as UTF-8, cut to 32 characters.</summary>
internal sealed class StringStatistics : ColumnStatistics
{
    private const int PrefixCharacters = 32;
    private byte[]? _min;
    private byte[]? _max;

    public override bool HasMinimum => _min is not null;

    public override bool HasMaximum => _max is not null;

    public override void Add(IArrowArray array, Func<int, bool>? parentIsNull)
    {
        var texts = (StringArray)array;
        ReadOnlySpan<byte> min = _min, max = _max;
        var any = _min is not null;
        for (var i = 0; i < texts.Length; i++)
        {
            if (texts.IsNull(i) || parentIsNull?.Invoke(i) == true)
            {
                NullCount++;
                continue;
            }

            var value = texts.GetBytes(i);
            min = !any || value.SequenceCompareTo(min) < 0 ? value : min;
            max = !any || value.SequenceCompareTo(max) > 0 ? value : max;
            any = true;
        }

        _min = any ? min.ToArray() : null;
        _max = any ? max.ToArray() : null;
    }

    public override void WriteMinimum(Utf8JsonWriter writer) => writer.WriteStringValue(CutLow(Encoding.UTF8.GetString(_min!)));

    public override void WriteMaximum(Utf8JsonWriter writer) => writer.WriteStringValue(CutHigh(Encoding.UTF8.GetString(_max!)));

    /// <summary>A prefix is never above the text.</summary>
    public static string CutLow(string text)
    {
        var runes = text.EnumerateRunes().Take(PrefixCharacters + 1).ToArray();
        return runes.Length <= PrefixCharacters ? text : Join(runes, PrefixCharacters);
    }

    /// <summary>A prefix followed by a character that is above the one cut off; the prefix grows while there is none such.</summary>
    public static string CutHigh(string text)
    {
        var runes = text.EnumerateRunes().ToArray();
        for (var cut = PrefixCharacters; cut < runes.Length; cut++)
        {
            if (runes[cut].Value < 0x7f)
            {
                return Join(runes, cut) + '\u007f';
            }

            if (runes[cut].Value < 0x10ffff)
            {
                return Join(runes, cut) + "\U0010FFFF";
            }
        }

        return text;
    }

    private static string Join(Rune[] runes, int count) => string.Concat(runes.Take(count));
}
