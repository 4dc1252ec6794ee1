using System.Globalization;
using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality.DuckDb;

/// <summary>A place where the values of a column are cut in two: those up to a value, and those above it.</summary>
/// <param name="Order">Smaller for a smaller value, equal for an equal one.</param>
/// <param name="Literal">The value as SQL.</param>
internal readonly record struct RangeCut(long Order, string Literal)
{
    private const int ScaleMax = 9;
    private const int DoubleScaleMax = 22;
    private const long DoubleWholeMax = 1L << 53;
    private const int SingleScaleMax = 10;
    private const long SingleWholeMax = 1L << 24;
    private const string TimeFormat = "yyyy-MM-dd HH:mm:ss.ffffff";

    /// <summary>
    /// Cuts a column's values below a range and at its end, so that counting up to both says how many lie outside. False where the limits are not
    /// exactly values of the column's type: a limit that is rounded would cut elsewhere.
    /// </summary>
    /// <param name="range">The range.</param>
    /// <param name="column">Its column.</param>
    /// <param name="below">The greatest value below the range; null when nothing lies below.</param>
    /// <param name="last">The range's greatest value; null when nothing lies above.</param>
    public static bool TryOf(RangeCondition range, TableColumn column, out RangeCut? below, out RangeCut? last)
    {
        (below, last) = (null, null);
        if (range.Minimum is null && range.Maximum is null)
        {
            return false;
        }

        var type = SqlTypes.Normalize(column.Type);
        return (range.Minimum is null || TryCut(range.Minimum, type, isMinimum: true, out below))
            && (range.Maximum is null || TryCut(range.Maximum, type, isMinimum: false, out last))
            && !(below is { } b && last is { } l && b.Order >= l.Order);
    }

    private static bool TryCut(RuleValue limit, string type, bool isMinimum, out RangeCut? cut)
    {
        cut = null;
        return (type, limit.Kind) switch
        {
            ("DOUBLE" or "FLOAT", RuleValueKind.Integer or RuleValueKind.Decimal or RuleValueKind.Double) => TryNumber(limit, type, isMinimum, out cut),
            ("DATE", RuleValueKind.Date) or ("TIMESTAMP", RuleValueKind.Date or RuleValueKind.Timestamp)
                or ("TIMESTAMP WITH TIME ZONE", RuleValueKind.Instant) => TryTime(limit, type, isMinimum, out cut),
            (_, RuleValueKind.Integer or RuleValueKind.Decimal) => TryWhole(limit, type, isMinimum, out cut),
            _ => false,
        };
    }

    private static bool TryWhole(RuleValue limit, string type, bool isMinimum, out RangeCut? cut)
    {
        cut = null;
        var number = decimal.Parse(limit.Text, CultureInfo.InvariantCulture);
        if (Bounds(type) is not var (lowest, highest) || number.Scale > ScaleMax)
        {
            return false;
        }

        var at = isMinimum ? Math.Ceiling(number) - 1 : Math.Floor(number);
        if (at < lowest)
        {
            return isMinimum;
        }

        if (at < highest || isMinimum)
        {
            var value = (long)Math.Min(at, highest);
            cut = new RangeCut(value, value.ToString(CultureInfo.InvariantCulture));
        }

        return true;
    }

    private static (long Lowest, long Highest)? Bounds(string type) => type switch
    {
        "TINYINT" => (sbyte.MinValue, sbyte.MaxValue),
        "SMALLINT" => (short.MinValue, short.MaxValue),
        "INTEGER" => (int.MinValue, int.MaxValue),
        "BIGINT" => (long.MinValue, long.MaxValue),
        "UTINYINT" => (byte.MinValue, byte.MaxValue),
        "USMALLINT" => (ushort.MinValue, ushort.MaxValue),
        "UINTEGER" => (uint.MinValue, uint.MaxValue),
        _ => null,
    };

    private static bool TryNumber(RuleValue limit, string type, bool isMinimum, out RangeCut? cut)
    {
        cut = null;
        var isSingle = type == "FLOAT" && limit.Kind != RuleValueKind.Double;
        if (limit.Kind != RuleValueKind.Double && !IsExact(decimal.Parse(limit.Text, CultureInfo.InvariantCulture), isSingle))
        {
            return false;
        }

        // What is no floating-point number itself is compared with a column of floats as one.
        var number = isSingle ? float.Parse(limit.Text, CultureInfo.InvariantCulture) : double.Parse(limit.Text, CultureInfo.InvariantCulture);
        var at = isMinimum ? Math.BitDecrement(number) : number;
        var bits = BitConverter.DoubleToInt64Bits(at);
        cut = new RangeCut(bits >= 0 ? bits : long.MinValue - bits, $"'{at.ToString("R", CultureInfo.InvariantCulture)}'");
        return true;
    }

    // Where the digits and the power of ten are both exact in floating point, everyone's division of them is rounded alike.
    private static bool IsExact(decimal number, bool isSingle)
    {
        var bits = decimal.GetBits(number);
        var digits = new decimal(bits[0], bits[1], bits[2], isNegative: false, scale: 0);
        return isSingle ? digits <= SingleWholeMax && number.Scale <= SingleScaleMax : digits <= DoubleWholeMax && number.Scale <= DoubleScaleMax;
    }

    private static bool TryTime(RuleValue limit, string type, bool isMinimum, out RangeCut? cut)
    {
        cut = null;
        var time = DateTime.Parse(limit.Text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
        var step = type == "DATE" ? TimeSpan.TicksPerDay : TimeSpan.TicksPerMicrosecond;
        if (isMinimum && time.Ticks < step)
        {
            return false;
        }

        var at = isMinimum ? time.AddTicks(-step) : time;
        var zone = type == "TIMESTAMP WITH TIME ZONE" ? "+00" : "";
        cut = new RangeCut(at.Ticks, $"'{at.ToString(type == "DATE" ? "yyyy-MM-dd" : TimeFormat, CultureInfo.InvariantCulture)}{zone}'");
        return true;
    }
}
