using Apache.Arrow;
using Apache.Arrow.Types;

namespace DataPlatform.Lakehouse.Expressions;

/// <summary>Reads and builds the columns that expressions work on.</summary>
internal static class ArrowValues
{
    /// <summary>The value of a cell; nested values give null, for expressions cannot use them.</summary>
    public static object? Of(IArrowArray array, int row) => array.IsNull(row) ? null : array switch
    {
        Int64Array numbers => numbers.GetValue(row),
        Int32Array numbers => (long?)numbers.GetValue(row),
        Int16Array numbers => (long?)numbers.GetValue(row),
        Int8Array numbers => (long?)numbers.GetValue(row),
        DoubleArray numbers => numbers.GetValue(row),
        FloatArray numbers => (double?)numbers.GetValue(row),
        StringArray texts => texts.GetString(row),
        BooleanArray flags => flags.GetValue(row),
        Date32Array dates => DateOnly.FromDateTime(DateTime.UnixEpoch.AddDays(dates.GetValue(row)!.Value)),
        TimestampArray times => new Instant(times.GetValue(row)!.Value),
        Decimal128Array numbers => Decimal(numbers, row),
        BinaryArray bytes => bytes.GetBytes(row).ToArray(),
        _ => null,
    };

    /// <summary>A reader of a column, or of a field nested in structs, by its dotted name.</summary>
    /// <exception cref="DeltaException">There is no such column.</exception>
    public static Func<int, object?> Reader(RecordBatch batch, string name)
    {
        var index = batch.Schema.GetFieldIndex(name, StringComparer.OrdinalIgnoreCase);
        if (index >= 0)
        {
            var column = batch.Column(index);
            return row => Of(column, row);
        }

        var parts = name.Split('.');
        index = batch.Schema.GetFieldIndex(parts[0], StringComparer.OrdinalIgnoreCase);
        IArrowArray? array = index >= 0 ? batch.Column(index) : null;
        List<IArrowArray> path = [];
        foreach (var part in parts.Skip(1))
        {
            path.Add(array!);
            array = array is StructArray structure
                && ((StructType)structure.Data.DataType).Fields.ToList().FindIndex(f => f.Name.Equals(part, StringComparison.OrdinalIgnoreCase)) is >= 0 and var i
                ? structure.Fields[i] : null;
        }

        return array is null ? throw DeltaException.Invalid($"There is no column '{name}'.")
            : row => path.Any(p => p.IsNull(row)) ? null : Of(array, row);
    }

    private static object Decimal(Decimal128Array numbers, int row)
    {
        var text = numbers.GetString(row)!;
        return decimal.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var value)
            ? value : double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
    }
}
