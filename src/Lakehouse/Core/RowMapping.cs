using Apache.Arrow;
using DataPlatform.Lakehouse.Records;
using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Lakehouse;

/// <summary>How records of a type become rows: named columns, each with its Delta type and a function that reads the value. No boxing.</summary>
/// <remarks>Build it once and keep it; reading it is thread-safe. The functions must be pure.</remarks>
/// <typeparam name="T">The record.</typeparam>
public sealed class RowMapping<T>
{
    private readonly List<RecordColumn<T>> _columns = [];

    /// <summary>The schema of the columns mapped so far.</summary>
    public StructType Schema => new([.. _columns.Select(c => c.Field)]);

    internal IReadOnlyList<RecordColumn<T>> Columns => _columns;

    /// <summary>Adds a column.</summary>
    /// <param name="name">The column's name.</param>
    /// <param name="type">
    /// Its type. Values: string for string; integers that fit for long, integer, short and byte; float and double; bool; decimal for decimals;
    /// DateOnly (or days as int) for date; DateTimeOffset, DateTime or microseconds as long for timestamps; byte[] for binary; and the
    /// nullable forms.
    /// </param>
    /// <param name="value">Reads the value of a record.</param>
    /// <param name="nullable">Whether the column may hold null; by default it may when <typeparamref name="TValue"/> may.</param>
    /// <exception cref="ArgumentException">A value of that CLR type cannot be a value of that Delta type.</exception>
    public RowMapping<T> Column<TValue>(string name, DeltaType type, Func<T, TValue> value, bool? nullable = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(value);
        var mayBeNull = nullable ?? default(TValue) is null;
        _columns.Add(RecordColumns.Create(new StructField(name, type, mayBeNull), value));
        return this;
    }

    /// <summary>Records as one Arrow batch, columns in the order of the mapping.</summary>
    /// <param name="records">The records.</param>
    /// <exception cref="DeltaException">A record has null for a column that must not be null, or a decimal that does not fit.</exception>
    public RecordBatch ToBatch(ReadOnlySpan<T> records)
    {
        var columns = new IArrowArray[_columns.Count];
        for (var i = 0; i < columns.Length; i++)
        {
            columns[i] = _columns[i].Build(records);
        }

        return new RecordBatch(ArrowSchemas.ToArrow(Schema), columns, records.Length);
    }
}
