using System.Globalization;

namespace DataPlatform.Lakehouse.DataFiles;

/// <summary>Unscaled decimals as text and back.</summary>
internal static class DecimalText
{
    public static string Of(Int128 unscaled, int scale)
    {
        var digits = (unscaled < 0 ? -unscaled : unscaled).ToString(CultureInfo.InvariantCulture);
        if (scale > 0)
        {
            digits = digits.PadLeft(scale + 1, '0');
            digits = $"{digits[..^scale]}.{digits[^scale..]}";
        }

        return unscaled < 0 ? "-" + digits : digits;
    }

    /// <summary>The unscaled value of a CLR decimal at a scale; false when digits would be lost or there are too many.</summary>
    public static bool TryUnscaled(decimal value, int precision, int scale, out Int128 unscaled)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        unscaled = unchecked((Int128)(((UInt128)(uint)bits[2] << 64) | ((UInt128)(uint)bits[1] << 32) | (uint)bits[0]));
        for (var has = value.Scale; has > scale; has--)
        {
            if (unscaled % 10 != 0)
            {
                return false;
            }

            unscaled /= 10;
        }

        for (int has = value.Scale; has < scale; has++)
        {
            if (unscaled > Int128.MaxValue / 10)
            {
                return false;
            }

            unscaled *= 10;
        }

        var fits = Digits(unscaled) <= precision;
        unscaled = bits[3] < 0 ? -unscaled : unscaled;
        return fits;
    }

    private static int Digits(Int128 value)
    {
        var digits = 1;
        while ((value /= 10) != 0)
        {
            digits++;
        }

        return digits;
    }
}
