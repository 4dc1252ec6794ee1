using Apache.Arrow;
using Apache.Arrow.Types;
using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Lakehouse.DataFiles;

/// <summary>Checks incoming batches against the table's schema and brings their columns into its order.</summary>
internal static class BatchShape
{
    /// <summary>The columns of the schema, found by name; a missing column that may be null is filled with nulls.</summary>
    /// <param name="batch">The rows.</param>
    /// <param name="schema">The table's columns.</param>
    /// <param name="firstRow">The number of the batch's first row among all rows to write, for messages.</param>
    /// <exception cref="DeltaException">A column is unknown, missing, of another type, or null where it must not be.</exception>
    public static RecordBatch Conform(RecordBatch batch, Schemas.StructType schema, long firstRow = 0)
    {
        foreach (var field in batch.Schema.FieldsList)
        {
            if (schema.Find(field.Name) is null)
            {
                throw DeltaException.Invalid(
                    $"The column '{field.Name}' ({field.DataType.Name}) is not in the table; its columns are {string.Join(", ", schema.Fields.Select(f => f.Name))}.");
            }
        }

        var columns = new IArrowArray[schema.Fields.Count];
        for (var i = 0; i < columns.Length; i++)
        {
            columns[i] = Column(batch, schema.Fields[i], firstRow);
        }

        return new RecordBatch(ArrowSchemas.ToArrow(schema), columns, batch.Length);
    }

    /// <summary>An array of nulls of a type.</summary>
    public static IArrowArray Nulls(IArrowType type, int length) => ArrowArrayFactory.BuildArray(NullData(type, length));

    private static IArrowArray Column(RecordBatch batch, StructField field, long firstRow)
    {
        var index = -1;
        for (var i = 0; i < batch.ColumnCount && index < 0; i++)
        {
            index = string.Equals(batch.Schema.GetFieldByIndex(i).Name, field.Name, StringComparison.OrdinalIgnoreCase) ? i : -1;
        }

        var wanted = ArrowSchemas.ToArrow(field.Type);
        var column = index < 0 ? Nulls(wanted, batch.Length) : batch.Column(index);
        if (!SameType(column.Data.DataType, wanted))
        {
            throw DeltaException.Invalid(
                $"The column '{field.Name}' is {field.Type} in the table, and {Describe(column.Data.DataType)} in the rows to write.");
        }

        CheckNulls(column, field, field.Name, firstRow);
        return column;
    }

    private static void CheckNulls(IArrowArray column, StructField field, string path, long firstRow)
    {
        if (!field.Nullable && column.NullCount > 0)
        {
            var row = firstRow + Enumerable.Range(0, column.Length).First(column.IsNull);
            throw DeltaException.Invalid($"The column '{path}' is NOT NULL, and row {row} of the rows to write has no value for it.");
        }

        if (field.Type is Schemas.StructType structure && column is StructArray nested)
        {
            for (var i = 0; i < structure.Fields.Count; i++)
            {
                if (!structure.Fields[i].Nullable && nested.NullCount == 0)
                {
                    CheckNulls(nested.Fields[i], structure.Fields[i], $"{path}.{structure.Fields[i].Name}", firstRow);
                }
            }
        }
    }

    private static bool SameType(IArrowType has, IArrowType wants) => (has, wants) switch
    {
        (Decimal128Type a, Decimal128Type b) => a.Precision == b.Precision && a.Scale == b.Scale,
        (TimestampType a, TimestampType b) => a.Unit == b.Unit && string.IsNullOrEmpty(a.Timezone) == string.IsNullOrEmpty(b.Timezone),
        (Apache.Arrow.Types.MapType a, Apache.Arrow.Types.MapType b)
            => SameType(a.KeyField.DataType, b.KeyField.DataType) && SameType(a.ValueField.DataType, b.ValueField.DataType),
        (ListType a, ListType b) => SameType(a.ValueDataType, b.ValueDataType),
        (Apache.Arrow.Types.StructType a, Apache.Arrow.Types.StructType b) => a.Fields.Count == b.Fields.Count
            && a.Fields.Zip(b.Fields).All(p => string.Equals(p.First.Name, p.Second.Name, StringComparison.OrdinalIgnoreCase)
                && SameType(p.First.DataType, p.Second.DataType)),
        _ => has.TypeId == wants.TypeId,
    };

    private static string Describe(IArrowType type) => type switch
    {
        TimestampType time => $"timestamp[{time.Unit}{(string.IsNullOrEmpty(time.Timezone) ? string.Empty : ", " + time.Timezone)}]",
        Decimal128Type number => $"decimal({number.Precision},{number.Scale})",
        _ => type.Name,
    };

    private static ArrayData NullData(IArrowType type, int length)
    {
        ArrowBuffer Zeros(int bytes) => new(new byte[bytes]);
        var validity = Zeros((length + 7) / 8);
        return type switch
        {
            NullType => new ArrayData(type, length, length, 0, System.Array.Empty<ArrowBuffer>()),
            BooleanType => new ArrayData(type, length, length, 0, [validity, Zeros((length + 7) / 8)]),
            StringType or BinaryType
                => new ArrayData(type, length, length, 0, [validity, Zeros((length + 1) * sizeof(int)), ArrowBuffer.Empty]),
            Apache.Arrow.Types.StructType structure => new ArrayData(
                type, length, length, 0, [validity], [.. structure.Fields.Select(f => NullData(f.DataType, length))]),
            Apache.Arrow.Types.MapType map => new ArrayData(
                type, length, length, 0, [validity, Zeros((length + 1) * sizeof(int))],
                [new ArrayData(new Apache.Arrow.Types.StructType([map.KeyField, map.ValueField]), 0, 0, 0, [ArrowBuffer.Empty],
                    [NullData(map.KeyField.DataType, 0), NullData(map.ValueField.DataType, 0)])]),
            ListType list => new ArrayData(
                type, length, length, 0, [validity, Zeros((length + 1) * sizeof(int))], [NullData(list.ValueDataType, 0)]),
            FixedWidthType width => new ArrayData(type, length, length, 0, [validity, Zeros(length * width.BitWidth / 8)]),
            _ => throw new System.Diagnostics.UnreachableException(type.Name),
        };
    }
}
