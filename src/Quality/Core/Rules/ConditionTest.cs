using System.Globalization;
using System.Text.RegularExpressions;
using DataPlatform.Kernel;
using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality.Rules;

/// <summary>Row conditions as tests of .NET values, with the meaning they have over a table.</summary>
internal static class ConditionTest
{
    private const char Private = '\uE000';

    private static readonly TimeSpan PatternTimeout = TimeSpan.FromMilliseconds(250);

    /// <summary>A test that is true when a value holds. NULL holds everywhere but in "not null".</summary>
    public static Func<object?, bool> Of(RowCondition condition) => condition switch
    {
        NotNullCondition => value => value is not null,
        RangeCondition c => value => value is null || IsInside(value, c.Minimum, c.Maximum),
        SetCondition c => value => value is null || c.Values.Any(v => Compare(value, v) == 0) != c.Forbidden,
        PatternCondition c => Pattern(c),
        LengthCondition c => value => value is null || HasLength(Text(value), c),
        CastCondition c => Cast(c),
        _ => throw new QualityException(ErrorKind.Invalid, $"A condition of kind {condition.Kind} cannot be judged record by record."),
    };

    /// <summary>Whether two values stand in an order; NULL on either side holds, NaN on either side does not.</summary>
    public static bool Holds(Comparison comparison, object? first, object? second)
    {
        if (first is null || second is null)
        {
            return true;
        }

        if (first is double.NaN or float.NaN || second is double.NaN or float.NaN)
        {
            return false;
        }

        var order = Compare(first, second);
        return comparison switch
        {
            Comparison.LessThan => order < 0,
            Comparison.AtMost => order <= 0,
            Comparison.Equal => order == 0,
            Comparison.NotEqual => order != 0,
            Comparison.AtLeast => order >= 0,
            _ => order > 0,
        };
    }

    private static int Compare(object first, object second) => first switch
    {
        string => TextOrder.Compare((string)first, Text(second)),
        bool flag => flag.CompareTo(second is true),
        DateOnly or DateTime or DateTimeOffset => Instant(first).CompareTo(Instant(second)),
        _ when first is double or float || second is double or float
            => Convert.ToDouble(first, CultureInfo.InvariantCulture).CompareTo(Convert.ToDouble(second, CultureInfo.InvariantCulture)),
        _ => Convert.ToDecimal(first, CultureInfo.InvariantCulture).CompareTo(Convert.ToDecimal(second, CultureInfo.InvariantCulture)),
    };

    private static bool IsInside(object value, RuleValue? minimum, RuleValue? maximum)
        => value is not (double.NaN or float.NaN)
            && (minimum is null || Compare(value, minimum) >= 0)
            && (maximum is null || Compare(value, maximum) <= 0);

    private static Func<object?, bool> Pattern(PatternCondition condition)
    {
        var pattern = Whole(condition.Pattern);
        var isPlain = !HasPairs(condition.Pattern);
        return value => value is null || pattern.IsMatch(isPlain ? Single(Text(value)) : Text(value)) != condition.Forbidden;
    }

    // To RE2 a character beyond U+FFFF is one, to .NET two; a private one stands for it, since a pattern that names none of them cannot tell them apart.
    private static string Single(string text) => HasPairs(text)
        ? string.Concat(text.EnumerateRunes().Select(r => r.IsBmp ? (char)r.Value : Private))
        : text;

    private static bool HasPairs(string text) => text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') >= 0;

    // No backtracking: linear time as RE2, which judges the same pattern over tables.
    private static Regex Whole(string pattern) => new($@"\A(?:{pattern})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, PatternTimeout);

    private static Func<object?, bool> Cast(CastCondition condition)
    {
        var spelling = Whole(condition.Spelling);
        return value => value is null || (Text(value) is var text && spelling.IsMatch(text) && Reads(text, condition.Family));
    }

    private static bool HasLength(string text, LengthCondition condition)
    {
        var length = text.EnumerateRunes().Count();
        return length >= (condition.Minimum ?? 0) && length <= (condition.Maximum ?? int.MaxValue);
    }

    /// <summary>Whether a text that is spelled right is a value too: the 30th of February is none.</summary>
    private static bool Reads(string text, ColumnFamily family) => family switch
    {
        ColumnFamily.Integer => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
        ColumnFamily.Float => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number),
        ColumnFamily.Date => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        ColumnFamily.Timestamp or ColumnFamily.Instant => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _),
        _ => true,
    };

    private static int Compare(object value, RuleValue limit) => limit.Kind switch
    {
        RuleValueKind.Text => TextOrder.Compare(Text(value), limit.Text),
        RuleValueKind.Boolean => (value is true).CompareTo(limit.Text == "true"),
        RuleValueKind.Date or RuleValueKind.Timestamp or RuleValueKind.Instant => Instant(value).CompareTo(
            DateTime.Parse(limit.Text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal)),
        // A number that is written exactly is taken as the column's own type, as over a table: 0.1 is in a column of floats that holds 0.1.
        _ when value is float number && limit.Kind != RuleValueKind.Double => number.CompareTo(float.Parse(limit.Text, CultureInfo.InvariantCulture)),
        _ when value is double or float || limit.Kind == RuleValueKind.Double
            => Convert.ToDouble(value, CultureInfo.InvariantCulture).CompareTo(double.Parse(limit.Text, CultureInfo.InvariantCulture)),
        _ => Convert.ToDecimal(value, CultureInfo.InvariantCulture).CompareTo(decimal.Parse(limit.Text, CultureInfo.InvariantCulture)),
    };

    private static DateTime Instant(object value) => value switch
    {
        DateTimeOffset instant => instant.UtcDateTime,
        DateOnly day => day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc),
        DateTime time => DateTime.SpecifyKind(time.Kind == DateTimeKind.Local ? time.ToUniversalTime() : time, DateTimeKind.Utc),
        _ => throw new QualityException(ErrorKind.Invalid, $"A value of type {value.GetType().Name} cannot be compared with a time."),
    };

    private static string Text(object value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty;
}
