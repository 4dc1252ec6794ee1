using System.Globalization;
using System.Numerics;

namespace DataPlatform.Quality.Rules;

/// <summary>How far a number may lie from another one. The default: not at all.</summary>
public readonly record struct Tolerance
{
    private Tolerance(bool isPercent, decimal limit)
    {
        IsPercent = isPercent;
        Limit = limit;
    }

    /// <summary>No difference at all.</summary>
    public static Tolerance None => default;

    /// <summary>Whether the limit is a share of the other number.</summary>
    public bool IsPercent { get; }

    /// <summary>The limit: a difference, or percent.</summary>
    public decimal Limit { get; }

    /// <summary>At most so much more or less.</summary>
    /// <param name="difference">The difference, 0 or more.</param>
    public static Tolerance Absolute(decimal difference)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(difference);
        return new Tolerance(isPercent: false, difference);
    }

    /// <summary>At most so many percent of the other number more or less.</summary>
    /// <param name="percent">Percent, 0 or more. Exact where both numbers are.</param>
    public static Tolerance Percent(decimal percent)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(percent);
        return new Tolerance(isPercent: true, percent);
    }

    /// <summary>Whether two numbers lie near enough.</summary>
    /// <param name="value">The number looked at.</param>
    /// <param name="other">The number to lie near.</param>
    /// <remarks>Whole numbers and decimals are compared exactly; as soon as one is binary floating point, both are.</remarks>
    internal bool Allows(object value, object other)
    {
        if (value is double || other is double)
        {
            var reference = Number(other);
            var room = (double)Limit * (IsPercent ? Math.Abs(reference) / 100 : 1);
            return Math.Abs(Number(value) - reference) <= room;
        }

        // Crosswise in integers: every number here is n / 10^scale, and 100 x difference is held against percent x other.
        var (a, b, limit) = (Exact.Of(value), Exact.Of(other), Exact.Of(Limit));
        var difference = a.Minus(b).Magnitude;
        return IsPercent ? difference.Times(Exact.Of(100m)).CompareTo(b.Magnitude.Times(limit)) <= 0 : difference.CompareTo(limit) <= 0;
    }

    /// <inheritdoc/>
    public override string ToString() => Limit.ToString(CultureInfo.InvariantCulture) + (IsPercent ? " %" : string.Empty);

    private static double Number(object value) => value is BigInteger whole ? (double)whole : Convert.ToDouble(value, CultureInfo.InvariantCulture);

    /// <summary>A whole number or decimal of any size: <paramref name="Unscaled"/> / 10^<paramref name="Scale"/>.</summary>
    private readonly record struct Exact(BigInteger Unscaled, int Scale)
    {
        public Exact Magnitude => this with { Unscaled = BigInteger.Abs(Unscaled) };

        public static Exact Of(object value)
        {
            if (value is BigInteger whole)
            {
                return new Exact(whole, 0);
            }

            var bits = decimal.GetBits((decimal)value);
            var unscaled = new BigInteger(new decimal(bits[0], bits[1], bits[2], isNegative: bits[3] < 0, scale: 0));
            return new Exact(unscaled, (bits[3] >> 16) & 0xFF);
        }

        public Exact Minus(Exact other)
        {
            var scale = Math.Max(Scale, other.Scale);
            return new Exact(At(scale) - other.At(scale), scale);
        }

        public Exact Times(Exact other) => new(Unscaled * other.Unscaled, Scale + other.Scale);

        public int CompareTo(Exact other) => At(Math.Max(Scale, other.Scale)).CompareTo(other.At(Math.Max(Scale, other.Scale)));

        private BigInteger At(int scale) => Unscaled * BigInteger.Pow(10, scale - Scale);
    }
}
