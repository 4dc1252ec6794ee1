using System.Globalization;

namespace DataPlatform.Quality.Rules;

/// <summary>A value in a rule: a limit of a range, a member of a set. Never NULL and never NaN.</summary>
public sealed record RuleValue
{
    private const string InstantFormat = "yyyy-MM-dd HH:mm:ss.ffffff";

    private RuleValue(RuleValueKind kind, string text)
    {
        Kind = kind;
        Text = text;
    }

    /// <summary>What it is.</summary>
    public RuleValueKind Kind { get; }

    /// <summary>The value in culture-free text: <c>-60</c>, <c>1E+300</c>, <c>ATL</c>, <c>true</c>, <c>2001-01-31</c>.</summary>
    public string Text { get; }

    /// <summary>A whole number.</summary>
    public static RuleValue From(long value) => new(RuleValueKind.Integer, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>An exact decimal.</summary>
    public static RuleValue From(decimal value) => new(RuleValueKind.Decimal, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>A binary floating-point number; finite.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is NaN or infinite: leave the limit out instead.</exception>
    public static RuleValue From(double value) => double.IsFinite(value)
        ? new(RuleValueKind.Double, value.ToString("R", CultureInfo.InvariantCulture))
        : throw new ArgumentOutOfRangeException(nameof(value), value, "A rule's value must be finite; leave a limit out where there is none.");

    /// <summary>A text.</summary>
    public static RuleValue From(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new(RuleValueKind.Text, value);
    }

    /// <summary>A truth value.</summary>
    public static RuleValue From(bool value) => new(RuleValueKind.Boolean, value ? "true" : "false");

    /// <summary>A day.</summary>
    public static RuleValue From(DateOnly value) => new(RuleValueKind.Date, value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));

    /// <summary>A local time: no zone.</summary>
    public static RuleValue From(DateTime value) => new(RuleValueKind.Timestamp, value.ToString(InstantFormat, CultureInfo.InvariantCulture));

    /// <summary>An instant, kept in UTC.</summary>
    public static RuleValue From(DateTimeOffset value)
        => new(RuleValueKind.Instant, value.UtcDateTime.ToString(InstantFormat, CultureInfo.InvariantCulture));

    /// <summary>How two values stand to each other: below 0, 0 or above; 0 also where they cannot be compared.</summary>
    internal static int Order(RuleValue first, RuleValue second)
    {
        var (isNumber, areNumbers) = (IsNumber(first), IsNumber(first) && IsNumber(second));
        return areNumbers
            ? decimal.TryParse(first.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var a) && decimal.TryParse(second.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var b)
                ? a.CompareTo(b)
                : double.Parse(first.Text, CultureInfo.InvariantCulture).CompareTo(double.Parse(second.Text, CultureInfo.InvariantCulture))
            : !isNumber && first.Kind == second.Kind ? TextOrder.Compare(first.Text, second.Text) : 0;
    }

    private static bool IsNumber(RuleValue value) => value.Kind is RuleValueKind.Integer or RuleValueKind.Decimal or RuleValueKind.Double;

    /// <summary>See <see cref="From(long)"/>.</summary>
    public static implicit operator RuleValue(int value) => From((long)value);

    /// <summary>See <see cref="From(long)"/>.</summary>
    public static implicit operator RuleValue(long value) => From(value);

    /// <summary>See <see cref="From(decimal)"/>.</summary>
    public static implicit operator RuleValue(decimal value) => From(value);

    /// <summary>See <see cref="From(double)"/>.</summary>
    public static implicit operator RuleValue(double value) => From(value);

    /// <summary>See <see cref="From(string)"/>.</summary>
    public static implicit operator RuleValue(string value) => From(value);

    /// <summary>See <see cref="From(bool)"/>.</summary>
    public static implicit operator RuleValue(bool value) => From(value);

    /// <summary>See <see cref="From(DateOnly)"/>.</summary>
    public static implicit operator RuleValue(DateOnly value) => From(value);

    /// <summary>See <see cref="From(DateTime)"/>.</summary>
    public static implicit operator RuleValue(DateTime value) => From(value);

    /// <summary>See <see cref="From(DateTimeOffset)"/>.</summary>
    public static implicit operator RuleValue(DateTimeOffset value) => From(value);

    /// <inheritdoc/>
    public override string ToString() => Kind == RuleValueKind.Text ? $"'{Text}'" : Text;
}
