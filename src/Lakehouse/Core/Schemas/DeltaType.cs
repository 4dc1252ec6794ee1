namespace DataPlatform.Lakehouse.Schemas;

/// <summary>A type of the Delta protocol (section "Schema Serialization Format"). Immutable.</summary>
public abstract record DeltaType
{
    private protected DeltaType()
    {
    }

    /// <summary>UTF-8 text.</summary>
    public static PrimitiveType String { get; } = new(PrimitiveKind.String, "string");

    /// <summary>64-bit signed integer.</summary>
    public static PrimitiveType Long { get; } = new(PrimitiveKind.Long, "long");

    /// <summary>32-bit signed integer.</summary>
    public static PrimitiveType Integer { get; } = new(PrimitiveKind.Integer, "integer");

    /// <summary>16-bit signed integer.</summary>
    public static PrimitiveType Short { get; } = new(PrimitiveKind.Short, "short");

    /// <summary>8-bit signed integer.</summary>
    public static PrimitiveType Byte { get; } = new(PrimitiveKind.Byte, "byte");

    /// <summary>32-bit IEEE float.</summary>
    public static PrimitiveType Float { get; } = new(PrimitiveKind.Float, "float");

    /// <summary>64-bit IEEE float.</summary>
    public static PrimitiveType Double { get; } = new(PrimitiveKind.Double, "double");

    /// <summary>True or false.</summary>
    public static PrimitiveType Boolean { get; } = new(PrimitiveKind.Boolean, "boolean");

    /// <summary>Bytes.</summary>
    public static PrimitiveType Binary { get; } = new(PrimitiveKind.Binary, "binary");

    /// <summary>A calendar day, days since 1970-01-01.</summary>
    public static PrimitiveType Date { get; } = new(PrimitiveKind.Date, "date");

    /// <summary>An instant, microseconds since 1970-01-01 UTC.</summary>
    public static PrimitiveType Timestamp { get; } = new(PrimitiveKind.Timestamp, "timestamp");

    /// <summary>A wall-clock time without zone, microseconds since 1970-01-01. Needs the table feature <c>timestampNtz</c>.</summary>
    public static PrimitiveType TimestampNtz { get; } = new(PrimitiveKind.TimestampNtz, "timestamp_ntz");

    /// <summary>Always null; such a column is not in the data files.</summary>
    public static PrimitiveType Void { get; } = new(PrimitiveKind.Void, "void");

    /// <summary>Semi-structured data in the Variant encoding: two binaries, metadata and value.</summary>
    public static PrimitiveType Variant { get; } = new(PrimitiveKind.Variant, "variant");

    /// <summary>An exact decimal.</summary>
    /// <param name="precision">Digits, 1 to 38.</param>
    /// <param name="scale">Digits after the point, 0 to <paramref name="precision"/>.</param>
    public static DecimalType Decimal(int precision, int scale) => new(precision, scale);

    /// <summary>A list.</summary>
    /// <param name="element">The element's type.</param>
    /// <param name="containsNull">Whether elements may be null.</param>
    public static ArrayType Array(DeltaType element, bool containsNull = true) => new(element, containsNull);

    /// <summary>A map.</summary>
    /// <param name="key">The key's type; keys are never null.</param>
    /// <param name="value">The value's type.</param>
    /// <param name="valueContainsNull">Whether values may be null.</param>
    public static MapType Map(DeltaType key, DeltaType value, bool valueContainsNull = true) => new(key, value, valueContainsNull);

    /// <summary>A struct.</summary>
    /// <param name="fields">Its fields, in order.</param>
    public static StructType Struct(params IReadOnlyList<StructField> fields) => new(fields);
}
