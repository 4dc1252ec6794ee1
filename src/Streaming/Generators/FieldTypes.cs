using Microsoft.CodeAnalysis;

namespace DataPlatform.Streaming.Generators;

/// <summary>Which types can be stored, and how.</summary>
internal static class FieldTypes
{
    public const string StateNamespace = "global::DataPlatform.Streaming.State";
    private const string Binary = "global::System.Buffers.Binary.BinaryPrimitives";
    private const string Format = StateNamespace + ".RecordFormat";

    private static readonly SymbolDisplayFormat Qualified = SymbolDisplayFormat.FullyQualifiedFormat
        .AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    private static readonly Dictionary<string, System.Func<string, FieldType>> Simple = new()
    {
        ["bool"] = name => new FixedType(name, "bool", 1, "{0} = {1} ? (byte)1 : (byte)0;", "{0} != 0"),
        ["byte"] = name => new FixedType(name, "u8", 1, "{0} = {1};", "{0}"),
        ["sbyte"] = name => new FixedType(name, "i8", 1, "{0} = unchecked((byte){1});", "unchecked((sbyte){0})"),
        ["char"] = name => new FixedType(
            name, "char", 2, Binary + ".WriteUInt16LittleEndian({0}, {1});", "(char)" + Binary + ".ReadUInt16LittleEndian({0})"),
        ["short"] = name => new DirectType(name, "i16", "writer.WriteVarInt64({0})", "checked((short)reader.ReadVarInt64())"),
        ["ushort"] = name => new DirectType(name, "u16", "writer.WriteVarUInt64({0})", "checked((ushort)reader.ReadVarUInt64())"),
        ["int"] = name => Number(name, "i32", 4, "Int32"),
        ["uint"] = name => Number(name, "u32", 4, "UInt32"),
        ["long"] = name => Number(name, "i64", 8, "Int64"),
        ["ulong"] = name => Number(name, "u64", 8, "UInt64"),
        ["float"] = name => Number(name, "f32", 4, "Single"),
        ["double"] = name => Number(name, "f64", 8, "Double"),
        ["decimal"] = name => new FixedType(name, "decimal", 16, Format + ".WriteDecimal({0}, {1});", Format + ".ReadDecimal({0})"),
        ["string"] = name => new DirectType(name, "str", "writer.WriteString({0})", "reader.ReadString()", "string.Empty"),
        ["System.Half"] = name => Number(name, "f16", 2, "Half"),
        ["System.Guid"] = name => new FixedType(name, "guid", 16, "{1}.TryWriteBytes({0});", "new global::System.Guid({0})"),
        ["System.DateOnly"] = name => new FixedType(
            name, "date", 4, Binary + ".WriteInt32LittleEndian({0}, {1}.DayNumber);", "global::System.DateOnly.FromDayNumber(" + Binary
                + ".ReadInt32LittleEndian({0}))"),
        ["System.TimeOnly"] = name => Ticks(name, "time"),
        ["System.TimeSpan"] = name => Ticks(name, "duration"),
        ["System.DateTime"] = name => new FixedType(
            name, "datetime", 8, Binary + ".WriteInt64LittleEndian({0}, {1}.ToBinary());", "global::System.DateTime.FromBinary(" + Binary
                + ".ReadInt64LittleEndian({0}))"),
        ["System.DateTimeOffset"] = name => new DirectType(
            name, "instant", Format + ".WriteInstant(writer, {0})", Format + ".ReadInstant(ref reader)"),
    };

    /// <returns>Null, and why, when the type cannot be stored.</returns>
    public static FieldType? Of(ITypeSymbol type, Compilation compilation, out string problem)
    {
        problem = "use a primitive, string, decimal, Guid, a date or time, an enum, T?, T[], List, HashSet, Dictionary, a tuple of two or three, or another [StreamRecord]";
        if (type.IsReferenceType && type.NullableAnnotation != NullableAnnotation.NotAnnotated)
        {
            var inner = Of(type.WithNullableAnnotation(NullableAnnotation.NotAnnotated), compilation, out problem);
            return inner is null ? null : new OptionalType(inner.TypeName + "?", inner, isValue: false);
        }

        var name = type.ToDisplayString(Qualified);
        if (Simple.TryGetValue(type.ToDisplayString(), out var simple))
        {
            return simple(name);
        }

        return type switch
        {
            IArrayTypeSymbol { Rank: 1 } array => OfArray(array, name, compilation, ref problem),
            INamedTypeSymbol { TypeKind: TypeKind.Enum } enumeration => new EnumType(
                name, Of(enumeration.EnumUnderlyingType!, compilation, out _)!),
            INamedTypeSymbol named => OfNamed(named, name, compilation, ref problem),
            _ => null,
        };
    }

    private static FixedType Number(string name, string schema, int bytes, string method)
        => new(name, schema, bytes, $"{Binary}.Write{method}LittleEndian({{0}}, {{1}});", $"{Binary}.Read{method}LittleEndian({{0}})");

    private static FixedType Ticks(string name, string schema)
        => new(name, schema, 8, Binary + ".WriteInt64LittleEndian({0}, {1}.Ticks);", $"new {name}({Binary}.ReadInt64LittleEndian({{0}}))");

    private static FieldType? OfArray(IArrayTypeSymbol array, string name, Compilation compilation, ref string problem)
    {
        if (array.ElementType.SpecialType == SpecialType.System_Byte)
        {
            return new DirectType(
                name,
                "bytes",
                "writer.WriteBytes({0})",
                "reader.ReadBytes().ToArray()",
                "global::System.Array.Empty<byte>()",
                isImmutable: false);
        }

        var item = Of(array.ElementType, compilation, out problem);
        return item is null ? null : new SequenceType(name, "array", "Array", item, "Length", ".ToArray()");
    }

    private static FieldType? OfNamed(INamedTypeSymbol type, string name, Compilation compilation, ref string problem)
    {
        if (RecordReader.IsRecord(type))
        {
            return OfRecord(type, name, compilation);
        }

        if (!type.IsGenericType)
        {
            return null;
        }

        var parts = new FieldType[type.TypeArguments.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (Of(type.TypeArguments[i], compilation, out var inner) is not { } part)
            {
                problem = $"'{type.TypeArguments[i].ToDisplayString()}' in it: {inner}";
                return null;
            }

            parts[i] = part;
        }

        return type.IsTupleType
            ? parts.Length is 2 or 3 ? new TupleType($"({string.Join(", ", parts.Select(p => p.TypeName))})", parts) : null
            : type.ConstructedFrom.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat) switch
            {
                "T?" or "global::System.Nullable<T>" => new OptionalType(name, parts[0], isValue: true),
                "global::System.Collections.Generic.List<T>" => new SequenceType(name, "list", "List", parts[0], "Count", string.Empty),
                "global::System.Collections.Generic.HashSet<T>" => new SequenceType(name, "set", "Set", parts[0], "Count", string.Empty),
                "global::System.Collections.Generic.Dictionary<TKey, TValue>" => new MapType(name, parts[0], parts[1]),
                _ => null,
            };
    }

    private static RecordType OfRecord(INamedTypeSymbol type, string name, Compilation compilation)
    {
        var isHere = SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, compilation.Assembly);
        var serializer = isHere
            ? $"global::DataPlatform.Streaming.Generated.{RecordReader.ClassNameOf(type)}.Instance"
            : $"{StateNamespace}.StreamRecords.Get<{name}>()";
        return new RecordType(name, serializer, type.IsValueType);
    }
}
