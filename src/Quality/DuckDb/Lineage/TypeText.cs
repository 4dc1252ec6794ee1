using System.Globalization;
using System.Text.Json;

namespace DataPlatform.Quality.DuckDb.Lineage;

/// <summary>DuckDB's serialized types as SQL.</summary>
internal static class TypeText
{
    public static string Of(JsonElement type)
    {
        var id = type.Text("id") ?? "VARCHAR";
        var info = type.Object("type_info");
        return (id, info) switch
        {
            ("DECIMAL", { } i) => string.Create(CultureInfo.InvariantCulture, $"DECIMAL({i.Int("width", 18)},{i.Int("scale")})"),
            ("LIST", { } i) => Of(i.GetProperty("child_type")) + "[]",
            ("ARRAY", { } i) => string.Create(CultureInfo.InvariantCulture, $"{Of(i.GetProperty("child_type"))}[{i.Int("size", 1)}]"),
            ("STRUCT", { } i) => $"STRUCT({string.Join(", ", i.List("child_types").Select(Field))})",
            ("UNION", { } i) => $"UNION({string.Join(", ", i.List("child_types").Skip(1).Select(Field))})",
            ("MAP", { } i) => Map(i.GetProperty("child_type")),
            ("ENUM", { } i) => $"ENUM({string.Join(", ", i.List("values").Select(v => SqlText.Text(v.GetString()!)))})",
            ("TIMESTAMP WITH TIME ZONE", _) or ("TIMESTAMP_TZ", _) => "TIMESTAMPTZ",
            ("NULL", _) or ("ENUM", _) or ("INVALID", _) or ("UNKNOWN", _) => "VARCHAR",
            _ when type.Text("alias") is { Length: > 0 } alias => alias,
            _ => id,
        };
    }

    /// <summary>A field; one without a name, as of a row of values, gets one of its place, because no column can be of a type that has nameless ones.</summary>
    private static string Field(JsonElement field, int place)
        => $"{SqlText.Identifier(field.Text("first") is { Length: > 0 } name ? name : FormattableString.Invariant($"v{place + 1}"))} {Of(field.GetProperty("second"))}";

    private static string Map(JsonElement entry)
    {
        var parts = entry.GetProperty("type_info").List("child_types").Select(f => Of(f.GetProperty("second"))).ToList();
        return $"MAP({parts[0]}, {parts[1]})";
    }
}
