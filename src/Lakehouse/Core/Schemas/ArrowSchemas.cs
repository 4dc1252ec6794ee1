using Apache.Arrow;
using Apache.Arrow.Types;
using ArrowSchema = Apache.Arrow.Schema;

namespace DataPlatform.Lakehouse.Schemas;

/// <summary>Delta schemas as Arrow schemas and back.</summary>
/// <remarks>
/// timestamp is Arrow's timestamp in microseconds with zone UTC, timestamp_ntz the same without zone; decimals are decimal128; a variant is
/// a struct of two binaries, <c>value</c> and <c>metadata</c>.
/// </remarks>
public static class ArrowSchemas
{
    private const string FieldIdKey = "PARQUET:field_id";

    /// <summary>The Arrow schema of a Delta schema.</summary>
    /// <param name="schema">The schema.</param>
    public static ArrowSchema ToArrow(StructType schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return new ArrowSchema([.. schema.Fields.Select(f => ToField(f, physical: false))], null);
    }

    /// <summary>The Delta schema of an Arrow schema.</summary>
    /// <param name="schema">The Arrow schema.</param>
    /// <exception cref="DeltaException">A column has a type that Delta does not have.</exception>
    public static StructType FromArrow(ArrowSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return new StructType([.. schema.FieldsList.Select(FromField)]);
    }

    /// <summary>The Arrow type of a Delta type.</summary>
    /// <param name="type">The type.</param>
    public static IArrowType ToArrow(DeltaType type) => ToType(type, physical: false);

    /// <summary>The schema as data files hold it: physical names, field ids, no void columns.</summary>
    internal static ArrowSchema ToPhysical(StructType schema)
        => new([.. schema.Fields.Where(f => f.Type != DeltaType.Void).Select(f => ToField(f, physical: true))], null);

    private static Field ToField(StructField field, bool physical)
    {
        Dictionary<string, string>? metadata = null;
        if (physical && ColumnMapping.IdOf(field) is { } id)
        {
            metadata = new() { [FieldIdKey] = id };
        }

        return new Field(physical ? ColumnMapping.PhysicalName(field) : field.Name, ToType(field.Type, physical), field.Nullable, metadata);
    }

    private static IArrowType ToType(DeltaType type, bool physical) => type switch
    {
        PrimitiveType primitive => ToPrimitive(primitive.Kind),
        DecimalType number => new Decimal128Type(number.Precision, number.Scale),
        StructType structure => new Apache.Arrow.Types.StructType(
            [.. structure.Fields.Where(f => !physical || f.Type != DeltaType.Void).Select(f => ToField(f, physical))]),
        ArrayType array => new ListType(new Field("element", ToType(array.Element, physical), array.ContainsNull)),
        MapType map => new Apache.Arrow.Types.MapType(
            new Field("key", ToType(map.Key, physical), false), new Field("value", ToType(map.Value, physical), map.ValueContainsNull)),
        _ => throw new System.Diagnostics.UnreachableException(type.ToString()),
    };

    private static IArrowType ToPrimitive(PrimitiveKind kind) => kind switch
    {
        PrimitiveKind.String => StringType.Default,
        PrimitiveKind.Long => Int64Type.Default,
        PrimitiveKind.Integer => Int32Type.Default,
        PrimitiveKind.Short => Int16Type.Default,
        PrimitiveKind.Byte => Int8Type.Default,
        PrimitiveKind.Float => FloatType.Default,
        PrimitiveKind.Double => DoubleType.Default,
        PrimitiveKind.Boolean => BooleanType.Default,
        PrimitiveKind.Binary => BinaryType.Default,
        PrimitiveKind.Date => Date32Type.Default,
        PrimitiveKind.Timestamp => new TimestampType(TimeUnit.Microsecond, "UTC"),
        PrimitiveKind.TimestampNtz => new TimestampType(TimeUnit.Microsecond, (string?)null),
        PrimitiveKind.Void => NullType.Default,
        PrimitiveKind.Variant => new Apache.Arrow.Types.StructType(
            [new Field("value", BinaryType.Default, false), new Field("metadata", BinaryType.Default, false)]),
        _ => throw new System.Diagnostics.UnreachableException(kind.ToString()),
    };

    private static StructField FromField(Field field) => new(field.Name, FromType(field.DataType, field.Name), field.IsNullable);

    private static DeltaType FromType(IArrowType type, string column) => type switch
    {
        StringType or LargeStringType or StringViewType => DeltaType.String,
        Int64Type => DeltaType.Long,
        Int32Type => DeltaType.Integer,
        Int16Type => DeltaType.Short,
        Int8Type => DeltaType.Byte,
        FloatType => DeltaType.Float,
        DoubleType => DeltaType.Double,
        BooleanType => DeltaType.Boolean,
        BinaryType or LargeBinaryType or BinaryViewType => DeltaType.Binary,
        Date32Type or Date64Type => DeltaType.Date,
        TimestampType { Timezone: null or "" } => DeltaType.TimestampNtz,
        TimestampType => DeltaType.Timestamp,
        NullType => DeltaType.Void,
        Decimal128Type number => DeltaType.Decimal(number.Precision, number.Scale),
        Apache.Arrow.Types.MapType map => DeltaType.Map(
            FromType(map.KeyField.DataType, column + ".key"), FromType(map.ValueField.DataType, column + ".value"), map.ValueField.IsNullable),
        ListType list => DeltaType.Array(FromType(list.ValueDataType, column + ".element"), list.ValueField.IsNullable),
        Apache.Arrow.Types.StructType structure => new StructType([.. structure.Fields.Select(FromField)]),
        _ => throw DeltaException.Invalid($"The column '{column}' has the Arrow type '{type.Name}', which Delta does not have; cast it before writing."),
    };
}
