using System.Text.Json;

namespace DataPlatform.Lakehouse.DeltaLog;

/// <summary>Small steps over a JSON reader that the action readers share.</summary>
internal static class JsonFields
{
    public static void Expect(ref Utf8JsonReader reader, JsonTokenType token)
    {
        if (!reader.Read())
        {
            throw new JsonException("The line is empty.");
        }

        ExpectCurrent(ref reader, token);
    }

    public static void ExpectCurrent(ref Utf8JsonReader reader, JsonTokenType token)
    {
        if (reader.TokenType != token)
        {
            throw new JsonException($"A {token} was expected, and a {reader.TokenType} is there.");
        }
    }

    /// <summary>Moves to the next property's name, or past the end of the object.</summary>
    public static bool NextProperty(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    /// <summary>The current property's name; the reader moves on to its value.</summary>
    public static string TakeName(ref Utf8JsonReader reader)
    {
        var name = reader.GetString()!;
        reader.Read();
        return name;
    }

    public static string? Text(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Null => null,
        JsonTokenType.String => reader.GetString(),
        JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False => System.Text.Encoding.UTF8.GetString(reader.ValueSpan),
        _ => throw new JsonException($"Text was expected, and a {reader.TokenType} is there."),
    };

    public static long? Number(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Null => null,
        JsonTokenType.Number when reader.TryGetInt64(out var value) => value,
        JsonTokenType.Number => (long)reader.GetDouble(),
        _ => throw new JsonException($"A number was expected, and a {reader.TokenType} is there."),
    };

    public static bool? Flag(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Null => null,
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        _ => throw new JsonException($"true or false was expected, and a {reader.TokenType} is there."),
    };

    public static IReadOnlyList<string>? Texts(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        ExpectCurrent(ref reader, JsonTokenType.StartArray);
        List<string> texts = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            texts.Add(Text(ref reader) ?? throw new JsonException("A list of names holds a null."));
        }

        return texts;
    }

    public static IReadOnlyDictionary<string, string?>? Values(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        ExpectCurrent(ref reader, JsonTokenType.StartObject);
        Dictionary<string, string?> values = new(StringComparer.Ordinal);
        while (NextProperty(ref reader))
        {
            values[TakeName(ref reader)] = Text(ref reader);
        }

        return values;
    }

    public static IReadOnlyDictionary<string, string> Properties(ref Utf8JsonReader reader)
        => (Values(ref reader) ?? new Dictionary<string, string?>()).ToDictionary(p => p.Key, p => p.Value ?? string.Empty, StringComparer.Ordinal);

    public static T Skip<T>(ref Utf8JsonReader reader, T unchanged)
    {
        reader.Skip();
        return unchanged;
    }

    public static string Need(string? value, string what) => value ?? throw new JsonException($"{what} is missing.");

    public static long Need(long? value, string what) => value ?? throw new JsonException($"{what} is missing.");
}
