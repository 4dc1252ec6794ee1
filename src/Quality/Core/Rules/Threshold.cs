using System.Globalization;
using System.Numerics;

namespace DataPlatform.Quality.Rules;

/// <summary>How many violations a rule bears. The default bears none.</summary>
public readonly record struct Threshold
{
    private readonly bool _isPercent;
    private readonly decimal _limit;

    private Threshold(bool isPercent, decimal limit)
    {
        _isPercent = isPercent;
        _limit = limit;
    }

    /// <summary>No violation at all.</summary>
    public static Threshold None => default;

    /// <summary>Whether the limit is a share of the rows rather than a count.</summary>
    public bool IsPercent => _isPercent;

    /// <summary>The limit: rows, or percent.</summary>
    public decimal Limit => _limit;

    /// <summary>At most so many violations.</summary>
    /// <param name="rows">Rows, 0 or more.</param>
    public static Threshold Count(long rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        return new Threshold(isPercent: false, rows);
    }

    /// <summary>At most so many percent of the rows looked at.</summary>
    /// <param name="percent">0 to 100. Exact: 0.1 means one in a thousand, with no binary rounding.</param>
    public static Threshold Percent(decimal percent)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(percent);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(percent, 100m);
        return new Threshold(isPercent: true, percent);
    }

    /// <summary>Whether so many violations are borne.</summary>
    /// <param name="violations">Violations, 0 or more.</param>
    /// <param name="rows">Rows looked at, 0 or more.</param>
    public bool Allows(long violations, long rows)
    {
        if (!_isPercent)
        {
            return violations <= _limit;
        }

        // Percent = unscaled / 10^scale. Compared crosswise in integers, so no quotient is ever rounded.
        var bits = decimal.GetBits(_limit);
        var scale = (bits[3] >> 16) & 0xFF;
        var unscaled = new BigInteger(new decimal(bits[0], bits[1], bits[2], isNegative: false, scale: 0));
        return new BigInteger(violations) * 100 * BigInteger.Pow(10, scale) <= unscaled * rows;
    }

    /// <inheritdoc/>
    public override string ToString() => _limit.ToString(CultureInfo.InvariantCulture) + (_isPercent ? " %" : " rows");
}
