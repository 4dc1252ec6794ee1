using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using DataPlatform.Lakehouse.Expressions;
using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Lakehouse.Scans.Skipping;

/// <summary>Fills the bounds of one column, file by file. What cannot be understood stays unknown: statistics are a hint.</summary>
internal sealed class BoundsBuilder
{
    /// <summary>Writers cut timestamps to milliseconds, and some round them: the true bounds may lie this far outside.</summary>
    private const long CutMicros = 999;

    private static readonly int EpochDay = DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;

    private readonly PrimitiveKind? _kind;
    private readonly NumberBounds<long>? _longs;
    private readonly NumberBounds<double>? _doubles;
    private readonly NumberBounds<decimal>? _decimals;
    private readonly TextBounds? _texts;
    private readonly ColumnBounds _bounds;
    private BoundFacts _found;
    private long _nulls = -1;

    public BoundsBuilder(DeltaType type, int count)
    {
        _kind = (type as PrimitiveType)?.Kind;
        _bounds = (type, _kind) switch
        {
            (DecimalType, _) => _decimals = new(count, v => v, ToDecimal),
            (_, PrimitiveKind.Long or PrimitiveKind.Integer or PrimitiveKind.Short or PrimitiveKind.Byte or PrimitiveKind.Date or PrimitiveKind.Timestamp
                or PrimitiveKind.TimestampNtz) => _longs = new(count, Keep(type).Box, Keep(type).Keep),
            (_, PrimitiveKind.Float or PrimitiveKind.Double) => _doubles = new(count, v => v, ToDouble),
            (_, PrimitiveKind.String) => _texts = new(count),
            _ => new NullBounds(count),
        };
        Array.Fill(_bounds.Facts, BoundFacts.Unknown);
    }

    /// <summary>How values of a type are kept as whole numbers, and how they are seen by expressions.</summary>
    public static (Func<long, object?> Box, Func<object, long?> Keep) Keep(DeltaType type) => (type as PrimitiveType)?.Kind switch
    {
        PrimitiveKind.Date => (v => ToDate(v), ToDays),
        PrimitiveKind.Timestamp or PrimitiveKind.TimestampNtz => (v => new Instant(v), ToMicros),
        _ => (v => v, ToLong),
    };

    /// <summary>The bounds, when every file was given.</summary>
    public ColumnBounds Bounds => _bounds;

    /// <summary>The nulls of the current file.</summary>
    public void SetNulls(long count) => _nulls = count;

    /// <summary>Takes a bound of the current file from JSON.</summary>
    public void Set(int row, bool isMinimum, ref Utf8JsonReader value)
    {
        if (_texts is not null)
        {
            SetText(row, isMinimum, ref value);
        }
        else if (_longs is not null && Long(ref value) is { } number)
        {
            SetLong(row, isMinimum, number);
        }
        else if (_doubles is not null && value.TokenType == JsonTokenType.Number)
        {
            SetDouble(row, isMinimum, Real(ref value));
        }
        else if (_decimals is not null && Decimal(ref value) is { } exact)
        {
            SetDecimal(row, isMinimum, exact);
        }
    }

    public void SetLong(int row, bool isMinimum, long value)
    {
        if (_longs is null)
        {
            return;
        }

        var isTime = _kind is PrimitiveKind.Timestamp or PrimitiveKind.TimestampNtz;
        var room = isTime && (isMinimum ? value >= long.MinValue + CutMicros : value <= long.MaxValue - CutMicros) ? CutMicros : 0;
        (isMinimum ? _longs.Minima : _longs.Maxima)[row] = isMinimum ? value - room : value + room;
        Note(isMinimum);
    }

    /// <summary>A minimum of floating-point numbers. NaN is above every number and left out of maxima, so that those prove nothing.</summary>
    public void SetDouble(int row, bool isMinimum, double value)
    {
        if (_doubles is not null && isMinimum && !double.IsNaN(value))
        {
            _doubles.Minima[row] = value;
            Note(isMinimum);
        }
    }

    public void SetDecimal(int row, bool isMinimum, decimal value)
    {
        if (_decimals is not null)
        {
            (isMinimum ? _decimals.Minima : _decimals.Maxima)[row] = value;
            Note(isMinimum);
        }
    }

    public void SetText(int row, bool isMinimum, ReadOnlySpan<byte> utf8)
    {
        if (_texts is null)
        {
            return;
        }

        if (isMinimum)
        {
            _texts.SetMinimum(row, utf8);
        }
        else
        {
            _texts.SetMaximum(row, utf8);
        }

        Note(isMinimum);
    }

    /// <summary>Closes the current file.</summary>
    /// <param name="row">Its place in the chunk.</param>
    /// <param name="records">Its physical rows; -1 where unknown.</param>
    public void Finish(int row, long records)
    {
        // With a deletion vector the counts are of physical rows: only "none" and "all" still say something.
        var mayHaveValue = records != 0 && (_nulls < 0 || records < 0 || _nulls < records);
        var mayBeNull = records != 0 && _nulls != 0;
        _bounds.Facts[row] = (mayHaveValue ? _found | BoundFacts.MayHaveValue : BoundFacts.None) | (mayBeNull ? BoundFacts.MayBeNull : BoundFacts.None);
        _found = BoundFacts.None;
        _nulls = -1;
    }

    /// <summary>Forgets what the current file gave, where its statistics turned out to be damaged.</summary>
    public void Abandon()
    {
        _found = BoundFacts.None;
        _nulls = -1;
    }

    private void Note(bool isMinimum) => _found |= isMinimum ? BoundFacts.HasMinimum : BoundFacts.HasMaximum;

    private void SetText(int row, bool isMinimum, ref Utf8JsonReader value)
    {
        if (value.TokenType != JsonTokenType.String)
        {
            return;
        }

        if (!value.ValueIsEscaped)
        {
            SetText(row, isMinimum, value.ValueSpan);
            return;
        }

        var buffer = new byte[value.ValueSpan.Length];
        SetText(row, isMinimum, buffer.AsSpan(0, value.CopyString(buffer)));
    }

    private long? Long(ref Utf8JsonReader value) => (_kind, value.TokenType) switch
    {
        (PrimitiveKind.Date, JsonTokenType.String) => Days(ref value),
        (PrimitiveKind.Timestamp or PrimitiveKind.TimestampNtz, JsonTokenType.String) => Micros(ref value),
        (PrimitiveKind.Date or PrimitiveKind.Timestamp or PrimitiveKind.TimestampNtz, _) => null,
        (_, JsonTokenType.Number) => value.TryGetInt64(out var number) ? number : null,
        _ => null,
    };

    private static long? Days(ref Utf8JsonReader value)
        => value.TryGetDateTime(out var day) ? (day.Date.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerDay
            : TryParse(value.GetString()!, Values.ToDate) is { } parsed ? ToDays(parsed) : null;

    private static long? Micros(ref Utf8JsonReader value)
    {
        if (value.TryGetDateTime(out var time) && time.Kind != DateTimeKind.Local)
        {
            return (time.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
        }

        // Statistics carry the writer's zone offset, which partition values never do.
        return DateTimeOffset.TryParse(value.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)
            ? (instant.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond : null;
    }

    /// <summary>
    /// The shortest text of a float is not the text of the double it widens to. A column that was widened to double has files whose texts are still
    /// those of floats, so that the lower one of both counts.
    /// </summary>
    private double Real(ref Utf8JsonReader value) => !value.TryGetDouble(out var real) ? double.NaN
        : _kind == PrimitiveKind.Float ? (float)real : Math.Min(real, (float)real);

    private static decimal? Decimal(ref Utf8JsonReader value) => value.TokenType switch
    {
        JsonTokenType.Number when Utf8Parser.TryParse(value.ValueSpan, out decimal plain, out var used) && used == value.ValueSpan.Length => plain,
        JsonTokenType.Number when value.TryGetDecimal(out var exact) => exact,
        JsonTokenType.String when decimal.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var text) => text,
        _ => null,
    };

    private static T? TryParse<T>(string text, Func<string, T> parse)
        where T : struct
    {
        try
        {
            return parse(text);
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>A day as expressions know it; none where it is outside the years they have, which its number is not.</summary>
    private static DateOnly? ToDate(long days) => days + EpochDay is var day && day >= 0 && day <= DateOnly.MaxValue.DayNumber
        ? DateOnly.FromDayNumber((int)day) : null;

    private static long? ToLong(object value) => value switch
    {
        long number => number,
        decimal number when decimal.IsInteger(number) && number is >= long.MinValue and <= long.MaxValue => (long)number,
        _ => null,
    };

    private static long? ToDays(object value) => value switch
    {
        DateOnly date => date.DayNumber - EpochDay,
        string text when TryParse(text, Values.ToInstant) is { } time && time.Micros % 86_400_000_000 == 0 => time.Micros / 86_400_000_000,
        _ => null,
    };

    private static long? ToMicros(object value) => value switch
    {
        Instant time => time.Micros,
        DateOnly date => Values.ToInstant(date).Micros,
        string text => TryParse(text, Values.ToInstant)?.Micros,
        _ => null,
    };

    private static double? ToDouble(object value) => value switch
    {
        double number => double.IsNaN(number) ? null : number,
        long or decimal => Values.ToDouble(value),
        _ => null,
    };

    private static decimal? ToDecimal(object value) => value switch
    {
        decimal number => number,
        long number => number,
        _ => null,
    };
}
