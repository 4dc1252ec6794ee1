using Apache.Arrow;
using DataPlatform.Lakehouse.Records;
using DataPlatform.Lakehouse.Schemas;
using StructType = DataPlatform.Lakehouse.Schemas.StructType;

namespace DataPlatform.Lakehouse;

/// <summary>
/// How records of a type become rows: named columns, each with its Delta type and a function that reads the value. No boxing.
/// </summary>
/// <remarks>Build it once and keep it; reading it is thread-safe. The functions must be pure.</remarks>
/// <typeparam name="T">The record.</typeparam>
public sealed class RowMapping<T>
{
    private readonly List<RecordColumn<T>> _columns = [];

    /// <summary>The schema of the columns mapped so far.</summary>
    public StructType Schema => new([.. _columns.Select(c => c.Field)]);

    internal IReadOnlyList<RecordColumn<T>> Columns => _columns;

    /// <summary>A column for each public property, in their order; made once per type and kept.</summary>
    /// <remarks>
    /// Names are those of the properties, or of <c>JsonPropertyName</c>; <c>JsonIgnore</c> leaves one out. Nullability is that of the
    /// declaration. DateTimeOffset is timestamp, DateTime timestamp_ntz, DateOnly date, decimal decimal(38,18), enums and GUIDs string;
    /// records, lists and dictionaries of those nest.
    /// </remarks>
    /// <exception cref="ArgumentException">A property has a type that no Delta type stands for; the message names it.</exception>
    public static RowMapping<T> OfProperties()
    {
        var mapping = new RowMapping<T>();
        mapping._columns.AddRange(ReflectedMapping.ColumnsOf<T>());
        return mapping;
    }

    /// <summary>Adds a column.</summary>
    /// <param name="name">The column's name.</param>
    /// <param name="type">
    /// Its type. Values: string for string; integers that fit for long, integer, short and byte; float and double; bool; decimal for
    /// decimals; DateOnly (or days as int) for date; DateTimeOffset, DateTime or microseconds as long for timestamps; byte[] for binary;
    /// and the nullable forms.
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

    /// <summary>Adds a column of nested records.</summary>
    /// <param name="name">The column's name.</param>
    /// <param name="nested">How a nested record becomes a struct.</param>
    /// <param name="value">Reads the nested record.</param>
    /// <param name="nullable">Whether the column may hold null; default true.</param>
    public RowMapping<T> Struct<TNested>(string name, RowMapping<TNested> nested, Func<T, TNested?> value, bool nullable = true)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(nested);
        ArgumentNullException.ThrowIfNull(value);
        _columns.Add(new StructColumn<T, TNested>(new StructField(name, nested.Schema, nullable), value, nested.Columns));
        return this;
    }

    /// <summary>Adds a column of lists of plain values.</summary>
    /// <param name="name">The column's name.</param>
    /// <param name="element">The type of an element, as for <see cref="Column"/>.</param>
    /// <param name="value">Reads the list.</param>
    /// <param name="nullable">Whether the column may hold null; default true.</param>
    public RowMapping<T> List<TElement>(string name, DeltaType element, Func<T, IEnumerable<TElement>?> value, bool nullable = true)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(element);
        ArgumentNullException.ThrowIfNull(value);
        var column = RecordColumns.Create<TElement, TElement>(new StructField("element", element, default(TElement) is null), e => e);
        _columns.Add(new ListColumn<T,
            TElement>(new StructField(name, DeltaType.Array(element, column.Field.Nullable), nullable), value, column));
        return this;
    }

    /// <summary>Records as one Arrow batch, columns in the order of the mapping.</summary>
    /// <param name="records">The records.</param>
    /// <exception cref="DeltaException">A record has null for a column that must not be null, or a decimal that does not fit.</exception>
    public RecordBatch ToBatch(ReadOnlySpan<T> records) => ToBatch(records, 0);

    /// <param name="records">The records.</param>
    /// <param name="first">The number of the first of them, for messages.</param>
    private RecordBatch ToBatch(ReadOnlySpan<T> records, long first)
    {
        var columns = new IArrowArray[_columns.Count];
        for (var i = 0; i < columns.Length; i++)
        {
            columns[i] = _columns[i].Build(records, first);
        }

        return new RecordBatch(ArrowSchemas.ToArrow(Schema), columns, records.Length);
    }

    /// <summary>A stream of records as a stream of batches; at most <see cref="BatchRecords"/> are held at a time.</summary>
    internal async IAsyncEnumerable<RecordBatch> ToBatches(
        IAsyncEnumerable<T> records, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var buffer = new T[BatchRecords];
        var count = 0;
        long first = 0;
        await foreach (var record in records.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            buffer[count++] = record;
            if (count == buffer.Length)
            {
                yield return ToBatch(buffer, first);
                first += count;
                count = 0;
            }
        }

        if (count > 0)
        {
            yield return ToBatch(buffer.AsSpan(0, count), first);
        }
    }

    private const int BatchRecords = 16_384;
}
