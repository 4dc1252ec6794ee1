using Apache.Arrow;
using Apache.Arrow.Types;
using DataPlatform.Lakehouse.DeltaLog.Checkpoints;

namespace DataPlatform.Lakehouse.Scans.Skipping;

/// <summary>Takes bounds from statistics that a checkpoint holds as typed columns (<c>stats_parsed</c>).</summary>
internal static class ParsedBounds
{
    private delegate void Setter(BoundsBuilder builder, int row, int source, bool isMinimum);

    /// <summary>The bounds of columns for some rows of the struct.</summary>
    public static ColumnBounds[] Read(StructArray? parsed, int[] rows, IReadOnlyList<StatisticsColumn> columns)
    {
        var stats = new ArrowRows(parsed);
        return [.. columns.Select(column => Column(stats, rows, column))];
    }

    private static ColumnBounds Column(ArrowRows stats, int[] rows, StatisticsColumn column)
    {
        var builder = new BoundsBuilder(column.Type, rows.Length);
        var records = stats.Field("numRecords") as Int64Array;
        var nulls = Find(stats.Field("nullCount"), column.Path) as Int64Array;
        var minima = Find(stats.Field("minValues"), column.Path);
        var maxima = Find(stats.Field("maxValues"), column.Path);
        var (setMinimum, setMaximum) = (SetterOf(minima), SetterOf(maxima));
        for (var row = 0; row < rows.Length; row++)
        {
            var source = rows[row];
            if (stats.IsNull(source))
            {
                continue;
            }

            if (nulls?.GetValue(source) is { } count)
            {
                builder.SetNulls(count);
            }

            if (minima is not null && !minima.IsNull(source))
            {
                setMinimum(builder, row, source, true);
            }

            if (maxima is not null && !maxima.IsNull(source))
            {
                setMaximum(builder, row, source, false);
            }

            builder.Finish(row, records?.GetValue(source) ?? -1);
        }

        return builder.Bounds;
    }

    private static IArrowArray? Find(IArrowArray? array, string[] path)
    {
        foreach (var name in path)
        {
            array = new ArrowRows(array).Field(name);
        }

        return array;
    }

    private static Setter SetterOf(IArrowArray? array) => array switch
    {
        Int64Array numbers => (b, row, source, min) => b.SetLong(row, min, numbers.Values[source]),
        Int32Array numbers => (b, row, source, min) => b.SetLong(row, min, numbers.Values[source]),
        Int16Array numbers => (b, row, source, min) => b.SetLong(row, min, numbers.Values[source]),
        Int8Array numbers => (b, row, source, min) => b.SetLong(row, min, numbers.Values[source]),
        Date32Array days => (b, row, source, min) => b.SetLong(row, min, days.Values[source]),
        TimestampArray times => Times(times),
        DoubleArray numbers => (b, row, source, min) => b.SetDouble(row, min, numbers.Values[source]),
        FloatArray numbers => (b, row, source, min) => b.SetDouble(row, min, numbers.Values[source]),
        StringArray texts => (b, row, source, min) => b.SetText(row, min, texts.GetBytes(source)),
        Decimal128Array numbers => (b, row, source, min) =>
        {
            if (decimal.TryParse(numbers.GetString(source), System.Globalization.CultureInfo.InvariantCulture, out var value))
            {
                b.SetDecimal(row, min, value);
            }
        }
        ,
        _ => (_, _, _, _) => { }
        ,
    };

    private static Setter Times(TimestampArray times)
    {
        var unit = ((TimestampType)times.Data.DataType).Unit;
        return (b, row, source, min) =>
        {
            var value = times.Values[source];
            b.SetLong(row, min, unit switch
            {
                TimeUnit.Second => value * 1_000_000,
                TimeUnit.Millisecond => value * 1_000,
                TimeUnit.Nanosecond => min ? (value / 1_000) - 1 : (value / 1_000) + 1,
                _ => value,
            });
        };
    }
}
