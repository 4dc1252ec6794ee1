using System.Globalization;
using System.Text;
using DataPlatform.Lakehouse.Scans;

namespace DataPlatform.Lakehouse.Expressions;

/// <summary>
/// The values of expressions: long, decimal, double, string, bool, DateOnly, <see cref="Instant"/>, byte[], or null. Text meets another
/// type as a value of that type, as in SQL engines.
/// </summary>
internal static class Values
{
    public static DateOnly ToDate(string text)
        => DateOnly.FromDateTime(DateTime.UnixEpoch.AddTicks(PartitionColumn.Micros(text.Trim()) * TimeSpan.TicksPerMicrosecond));

    public static Instant ToInstant(string text) => new(PartitionColumn.Micros(text.Trim()));

    /// <summary>Compares two values that are not null.</summary>
    /// <returns>Null where they cannot be compared.</returns>
    public static int? Compare(object left, object right) => (left, right) switch
    {
        (long a, long b) => a.CompareTo(b),
        (double a, double b) => a.CompareTo(b) is var order && double.IsNaN(a) != double.IsNaN(b) ? (double.IsNaN(a) ? 1 : -1) : order,
        (decimal a, decimal b) => a.CompareTo(b),
        (string a, string b) => CompareUtf8(a, b),
        (bool a, bool b) => a.CompareTo(b),
        (DateOnly a, DateOnly b) => a.CompareTo(b),
        (Instant a, Instant b) => a.CompareTo(b),
        (byte[] a, byte[] b) => a.AsSpan().SequenceCompareTo(b),
        (DateOnly a, Instant b) => ToInstant(a).CompareTo(b),
        (Instant a, DateOnly b) => a.CompareTo(ToInstant(b)),
        (string a, not string) => Parse(a, right) is { } parsed ? Compare(parsed, right) : null,
        (not string, string b) => Parse(b, left) is { } parsed ? Compare(left, parsed) : null,
        (long or decimal or double, long or decimal or double) => CompareNumbers(left, right),
        _ => null,
    };

    public static Instant ToInstant(DateOnly date) => new((date.ToDateTime(TimeOnly.MinValue).Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond);

    public static DateOnly ToDate(Instant time) => DateOnly.FromDateTime(DateTime.UnixEpoch.AddTicks(time.Micros * TimeSpan.TicksPerMicrosecond));

    /// <summary>The nearest double. A decimal goes by its digits: .NET's own conversion is off by a unit in the last place now and then.</summary>
    public static double ToDouble(object value) => value is decimal number
        ? double.Parse(number.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)
        : Convert.ToDouble(value, CultureInfo.InvariantCulture);

    /// <summary>Text as a value of the kind that another value has; null where it is not one.</summary>
    private static object? Parse(string text, object like) => like switch
    {
        long or decimal or double => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact) ? exact : number : null,
        bool => bool.TryParse(text, out var flag) ? flag : null,
        DateOnly or Instant => TryInstant(text),
        byte[] => Encoding.UTF8.GetBytes(text),
        _ => null,
    };

    private static Instant? TryInstant(string text)
    {
        try
        {
            return ToInstant(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static int CompareNumbers(object left, object right)
    {
        if (left is double || right is double)
        {
            return Compare(ToDouble(left), ToDouble(right))!.Value;
        }

        return Convert.ToDecimal(left, CultureInfo.InvariantCulture).CompareTo(Convert.ToDecimal(right, CultureInfo.InvariantCulture));
    }

    /// <summary>Text in the order of its UTF-8 bytes, which is that of its code points and not of its UTF-16 units.</summary>
    private static int CompareUtf8(string left, string right)
    {
        var length = Math.Min(left.Length, right.Length);
        for (var i = 0; i < length; i++)
        {
            var (a, b) = (left[i], right[i]);
            if (a != b)
            {
                // Surrogates stand for code points above all other units.
                return char.IsSurrogate(a) != char.IsSurrogate(b) ? (char.IsSurrogate(a) ? 1 : -1) : a.CompareTo(b);
            }
        }

        return left.Length.CompareTo(right.Length);
    }
}
