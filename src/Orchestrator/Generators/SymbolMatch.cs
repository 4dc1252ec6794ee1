using Microsoft.CodeAnalysis;

namespace DataPlatform.Orchestrator.Generators;

/// <summary>Whether a value of one type, written as JSON, can be read as another: the same rules as when a DAG is built, over what the
/// compiler knows. Objects are left to those.</summary>
internal static class SymbolMatch
{
    /// <summary>Numbers by how much they hold: each may be read as one of a higher rank of its row.</summary>
    private static readonly SpecialType[][] Wider =
    [
        [SpecialType.System_SByte, SpecialType.System_Int16, SpecialType.System_Int32, SpecialType.System_Int64,
            SpecialType.System_Single, SpecialType.System_Double],
        [SpecialType.System_Byte, SpecialType.System_UInt16, SpecialType.System_UInt32, SpecialType.System_UInt64,
            SpecialType.System_Single, SpecialType.System_Double],
        [SpecialType.System_Byte, SpecialType.System_Int16, SpecialType.System_Int32, SpecialType.System_Int64, SpecialType.System_Decimal],
        [SpecialType.System_UInt16, SpecialType.System_Int32],
        [SpecialType.System_UInt32, SpecialType.System_Int64],
        [SpecialType.System_UInt64, SpecialType.System_Decimal],
        [SpecialType.System_SByte, SpecialType.System_Decimal],
        [SpecialType.System_UInt16, SpecialType.System_Decimal],
        [SpecialType.System_UInt32, SpecialType.System_Decimal],
    ];

    private static readonly string[] Texts =
        ["Guid", "DateTimeOffset", "DateOnly", "TimeOnly", "TimeSpan", "Uri", "Version"];

    private static readonly string[] Unknown = ["JsonElement", "JsonNode", "JsonDocument", "JsonObject", "JsonArray"];

    /// <summary>Why a value cannot be read so; null when it can, or when only running would tell.</summary>
    public static string? WhyNot(ITypeSymbol given, ITypeSymbol taken)
    {
        (given, taken) = (Plain(given), Plain(taken));
        if (SymbolEqualityComparer.Default.Equals(given, taken) || KindOf(given) is not { } from || KindOf(taken) is not { } to)
        {
            return null;
        }

        if (from != to)
        {
            return $"{from} is not {to}";
        }

        return from switch
        {
            "a number" => IsWider(given.SpecialType, taken.SpecialType) ? null
                : $"a {Name(given)} does not always fit into a {Name(taken)}",
            "a text" => given.SpecialType == SpecialType.System_String || taken.SpecialType == SpecialType.System_String ? null
                : $"a {Name(given)} is not a {Name(taken)}",
            "a list" => WhyNot(ElementOf(given)!, ElementOf(taken)!) is { } reason ? $"of their elements {reason}" : null,
            _ => null,
        };
    }

    /// <summary>Whether a type is written as a JSON array, or nobody knows.</summary>
    public static bool MayBeList(ITypeSymbol type) => KindOf(Plain(type)) is null or "a list";

    /// <summary>What the elements are of a type that is written as a JSON array; null for other types.</summary>
    public static ITypeSymbol? ElementOf(ITypeSymbol type)
    {
        if (type is IArrayTypeSymbol array)
        {
            return array.ElementType.SpecialType == SpecialType.System_Byte ? null : array.ElementType;
        }

        if (type.SpecialType == SpecialType.System_String || IsDictionary(type))
        {
            return null;
        }

        return type.AllInterfaces.Concat(type is INamedTypeSymbol own ? [own] : [])
            .FirstOrDefault(face => face.OriginalDefinition.SpecialType == SpecialType.System_Collections_Generic_IEnumerable_T)
            ?.TypeArguments[0];
    }

    public static string Name(ITypeSymbol? type) => type?.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat) ?? "nothing";

    private static string? KindOf(ITypeSymbol type)
    {
        if (type.SpecialType == SpecialType.System_Object || type.TypeKind is TypeKind.TypeParameter or TypeKind.Error
            || Unknown.Contains(type.Name) ||
            type.GetAttributes().Any(attribute => attribute.AttributeClass?.Name == "JsonConverterAttribute"))
        {
            return null;
        }

        return type.SpecialType == SpecialType.System_Boolean ? "a truth value"
            : Wider.Any(row => row.Contains(type.SpecialType)) ? "a number"
            : IsText(type) ? "a text"
            : ElementOf(type) is not null ? "a list"
            : "an object";
    }

    private static bool IsText(ITypeSymbol type) =>
        type.SpecialType is SpecialType.System_String or SpecialType.System_Char or SpecialType.System_DateTime ||
        (Texts.Contains(type.Name) && type.ContainingNamespace.ToDisplayString() == "System") ||
        type is IArrayTypeSymbol { ElementType.SpecialType: SpecialType.System_Byte };

    private static bool IsDictionary(ITypeSymbol type) => type.AllInterfaces.Concat(type is INamedTypeSymbol own ? [own] : [])
        .Any(face => face.Name is "IDictionary" or "IReadOnlyDictionary" && face.TypeArguments.Length == 2);

    private static bool IsWider(SpecialType given, SpecialType taken)
        => Wider.Any(row => System.Array.IndexOf(row, given) is var from and >= 0 && System.Array.IndexOf(row, taken) >= from);

    /// <summary>Without <c>?</c>; an enumeration is written as its number.</summary>
    private static ITypeSymbol Plain(ITypeSymbol type)
    {
        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable)
        {
            type = nullable.TypeArguments[0];
        }

        return type is INamedTypeSymbol { EnumUnderlyingType: { } number } ? number : type;
    }
}
