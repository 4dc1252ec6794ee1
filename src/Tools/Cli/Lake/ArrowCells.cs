using System.Globalization;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace DataPlatform.Tools.Cli.Lake;

/// <summary>
/// Arrow values as what the output knows: text, numbers, truth values, lists and maps of them. Exact, hence decimals are text.
/// </summary>
internal static class ArrowCells
{
    public static object? Of(IArrowArray array, int row) => array.IsNull(row) ? null : array switch
    {
        StringArray texts => texts.GetString(row),
        Date32Array dates => dates.GetDateOnly(row)?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        TimestampArray times => Time(times, row),
        Decimal128Array numbers => numbers.GetString(row),
        BinaryArray bytes => Convert.ToHexStringLower(bytes.GetBytes(row)),
        Int64Array numbers => numbers.GetValue(row),
        Int32Array numbers => (long?)numbers.GetValue(row),
        Int16Array numbers => (long?)numbers.GetValue(row),
        Int8Array numbers => (long?)numbers.GetValue(row),
        DoubleArray numbers => Finite(numbers.GetValue(row)!.Value),
        FloatArray numbers => Finite(numbers.GetValue(row)!.Value),
        BooleanArray flags => flags.GetValue(row),
        MapArray maps => Map(maps, row),
        ListArray lists => List(lists.GetSlicedValues(row)),
        StructArray structs => ((StructType)structs.Data.DataType).Fields.Select((f, i) => (f.Name, Value: Of(structs.Fields[i], row)))
            .ToDictionary(f => f.Name, f => f.Value),
        _ => $"({array.Data.DataType.Name})",
    };

    private static List<object?> List(IArrowArray values) => [.. Enumerable.Range(0, values.Length).Select(i => Of(values, i))];

    /// <summary>A map is an object where its keys are text, else a list of pairs.</summary>
    private static object Map(MapArray maps, int row)
    {
        var entries = (StructArray)maps.GetSlicedValues(row);
        var (keys, values) = (List(entries.Fields[0]), List(entries.Fields[1]));
        return entries.Fields[0] is StringArray ? keys.Zip(values).ToDictionary(e => (string)e.First!, e => e.Second)
            : keys.Zip(values).Select(e => (object?)new List<object?> { e.First, e.Second }).ToList();
    }

    /// <summary>JSON has no numbers for these.</summary>
    private static object Finite(double value) => double.IsFinite(value) ? value : value.ToString(CultureInfo.InvariantCulture);

    private static string? Time(TimestampArray times, int row)
    {
        var type = (TimestampType)times.Data.DataType;
        var isInstant = type.Timezone is { Length: > 0 };
        return times.GetTimestamp(row)?.ToString(
            isInstant ? "yyyy-MM-ddTHH:mm:ss.FFFFFFZ" : "yyyy-MM-ddTHH:mm:ss.FFFFFF", CultureInfo.InvariantCulture);
    }
}
