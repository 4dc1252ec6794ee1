using System.Collections;
using System.Globalization;

namespace DataPlatform.Tools.Cli.Lake;

/// <summary>DuckDB's values as what the output knows, in the same form as <see cref="ArrowCells"/>.</summary>
internal static class DuckCells
{
    public static object? Of(object? value) => value switch
    {
        null or DBNull => null,
        string or bool or long or System.Numerics.BigInteger => value,
        sbyte or short or int or byte or ushort or uint => Convert.ToInt64(value, CultureInfo.InvariantCulture),
        double or float => Convert.ToDouble(value, CultureInfo.InvariantCulture) is var number && double.IsFinite(number) ? number
            : Convert.ToString(value, CultureInfo.InvariantCulture),
        decimal number => number.ToString(CultureInfo.InvariantCulture),
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFZ", CultureInfo.InvariantCulture),
        DateTime { Kind: DateTimeKind.Utc } time => time.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFZ", CultureInfo.InvariantCulture),
        DateTime time => time.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFF", CultureInfo.InvariantCulture),
        Stream bytes => Hex(bytes),
        byte[] bytes => Convert.ToHexStringLower(bytes),
        IDictionary map => map.Keys.Cast<object>().ToDictionary(
            k => Convert.ToString(Of(k), CultureInfo.InvariantCulture)!, k => Of(map[k])),
        IEnumerable list => list.Cast<object?>().Select(Of).ToList(),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };

    private static string Hex(Stream bytes)
    {
        using var copy = new MemoryStream();
        bytes.CopyTo(copy);
        return Convert.ToHexStringLower(copy.ToArray());
    }
}
