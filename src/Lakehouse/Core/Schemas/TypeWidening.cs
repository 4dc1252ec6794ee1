using System.Text.Json;

namespace DataPlatform.Lakehouse.Schemas;

/// <summary>
/// Which types may become wider ones without a rewrite, and how the schema remembers it (protocol section "Type Widening").
/// </summary>
internal static class TypeWidening
{
    public const string TypeChangesKey = "delta.typeChanges";

    private static readonly PrimitiveKind[] Integers = [PrimitiveKind.Byte, PrimitiveKind.Short, PrimitiveKind.Integer, PrimitiveKind.Long];

    public static bool IsAllowed(DeltaType from, DeltaType to) => (from, to) switch
    {
        (PrimitiveType a, PrimitiveType b) => IsAllowed(a.Kind, b.Kind),
        (PrimitiveType { Kind: PrimitiveKind.Byte or PrimitiveKind.Short or PrimitiveKind.Integer }, DecimalType d)
            => d.Precision - d.Scale >= 10,
        (PrimitiveType { Kind: PrimitiveKind.Long }, DecimalType d) => d.Precision - d.Scale >= 20,
        (DecimalType a, DecimalType b) => b.Scale >= a.Scale && b.Precision - b.Scale >= a.Precision - a.Scale && !a.Equals(b),
        _ => false,
    };

    /// <summary>A field of the wider type, with the change noted. A rest of the path names an element, key or value below it.</summary>
    /// <exception cref="DeltaException">The type cannot become that one.</exception>
    public static StructField Widen(StructField field, string rest, DeltaType to)
    {
        DeltaType? from = null;
        var type = Replace(field.Type, rest.Length == 0 ? [] : rest.Split('.'), inner =>
        {
            from = inner;
            return IsAllowed(inner, to) ? to : throw DeltaException.Invalid(
                $"The column '{field.Name}' is {inner} and cannot be widened to {to}: integers widen to larger ones, double or decimals that hold them, "
                + "float to double, decimals to more digits on both sides of the point, date to timestamp_ntz.");
        });
        Dictionary<string, string> change = new() { ["toType"] = to.ToString()!, ["fromType"] = from!.ToString()! };
        if (rest.Length > 0)
        {
            change["fieldPath"] = rest;
        }

        List<JsonElement> changes = field.Metadata.TryGetValue(TypeChangesKey, out var known) ? [.. known.EnumerateArray()] : [];
        changes.Add(JsonSerializer.SerializeToElement(change));
        return (field with { Type = type }).With(TypeChangesKey, JsonSerializer.SerializeToElement(changes));
    }

    private static bool IsAllowed(PrimitiveKind from, PrimitiveKind to) => (from, to) switch
    {
        (PrimitiveKind.Float, PrimitiveKind.Double) => true,
        (PrimitiveKind.Byte or PrimitiveKind.Short or PrimitiveKind.Integer, PrimitiveKind.Double) => true,
        (PrimitiveKind.Date, PrimitiveKind.TimestampNtz) => true,
        _ => System.Array.IndexOf(Integers, from) is >= 0 and var low && System.Array.IndexOf(Integers, to) > low,
    };

    private static DeltaType Replace(DeltaType type, string[] path, Func<DeltaType, DeltaType> change) => (type, path) switch
    {
        (_, []) => change(type),
        (ArrayType array, ["element", .. var rest]) => array with { Element = Replace(array.Element, rest, change) },
        (MapType map, ["key", .. var rest]) => map with { Key = Replace(map.Key, rest, change) },
        (MapType map, ["value", .. var rest]) => map with { Value = Replace(map.Value, rest, change) },
        _ => throw DeltaException.Invalid($"'{path[0]}' is no part of the type {type}; lists have an element, maps a key and a value."),
    };
}
