namespace DataPlatform.Lakehouse.Schemas;

/// <summary>The types that hold one value, apart from decimals.</summary>
public enum PrimitiveKind
{
    /// <summary>UTF-8 text.</summary>
    String,

    /// <summary>64-bit signed integer.</summary>
    Long,

    /// <summary>32-bit signed integer.</summary>
    Integer,

    /// <summary>16-bit signed integer.</summary>
    Short,

    /// <summary>8-bit signed integer.</summary>
    Byte,

    /// <summary>32-bit float.</summary>
    Float,

    /// <summary>64-bit float.</summary>
    Double,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>Bytes.</summary>
    Binary,

    /// <summary>A calendar day.</summary>
    Date,

    /// <summary>An instant in UTC.</summary>
    Timestamp,

    /// <summary>A time without zone.</summary>
    TimestampNtz,

    /// <summary>Always null.</summary>
    Void,

    /// <summary>Semi-structured data.</summary>
    Variant,
}

/// <summary>A type that holds one value. Take the instances from <see cref="DeltaType"/>.</summary>
public sealed record PrimitiveType : DeltaType
{
    internal PrimitiveType(PrimitiveKind kind, string name)
    {
        Kind = kind;
        Name = name;
    }

    /// <summary>Which one.</summary>
    public PrimitiveKind Kind { get; }

    /// <summary>Its name in the protocol.</summary>
    public string Name { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>An exact decimal of fixed precision and scale.</summary>
public sealed record DecimalType : DeltaType
{
    /// <summary>The most digits a decimal can have.</summary>
    public const int PrecisionMax = 38;

    internal DecimalType(int precision, int scale)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(precision, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(precision, PrecisionMax);
        ArgumentOutOfRangeException.ThrowIfNegative(scale);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(scale, precision);
        Precision = precision;
        Scale = scale;
    }

    /// <summary>Digits, 1 to 38.</summary>
    public int Precision { get; }

    /// <summary>Digits after the point.</summary>
    public int Scale { get; }

    /// <inheritdoc/>
    public override string ToString() => $"decimal({Precision},{Scale})";
}

/// <summary>A list of values of one type.</summary>
/// <param name="Element">The element's type.</param>
/// <param name="ContainsNull">Whether elements may be null.</param>
public sealed record ArrayType(DeltaType Element, bool ContainsNull) : DeltaType
{
    /// <inheritdoc/>
    public override string ToString() => $"array<{Element}>";
}

/// <summary>A map.</summary>
/// <param name="Key">The key's type.</param>
/// <param name="Value">The value's type.</param>
/// <param name="ValueContainsNull">Whether values may be null.</param>
public sealed record MapType(DeltaType Key, DeltaType Value, bool ValueContainsNull) : DeltaType
{
    /// <inheritdoc/>
    public override string ToString() => $"map<{Key}, {Value}>";
}
