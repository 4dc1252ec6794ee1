using System.Globalization;
using System.Text.Json;

namespace DataPlatform.Quality.Rules.Documents;

/// <summary>The properties of one rule in a document; what is wrong with one is said with the rule's place and the property's name.</summary>
internal sealed class RuleFields(JsonElement rule, string place)
{
    public string Text(string name) => TextOrNull(name) ?? throw Wrong(name, "is missing");

    public string? TextOrNull(string name) => Find(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString() : throw Wrong(name, "must be a text");

    public IReadOnlyList<string> Texts(string name) => Find(name) is { ValueKind: JsonValueKind.Array } list && list.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String)
        ? [.. list.EnumerateArray().Select(v => v.GetString()!)]
        : throw Wrong(name, "must be a list of texts");

    public IReadOnlyList<string> TextsOrEmpty(string name) => Find(name) is null ? [] : Texts(name);

    public bool Flag(string name) => Find(name) is { } value && (value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Wrong(name, "must be true or false"));

    public long? Long(string name) => Find(name) is not { } value ? null : value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var n) ? n : throw Wrong(name, "must be a whole number");

    public int? Int(string name) => Find(name) is not { } value ? null : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var n) ? n : throw Wrong(name, "must be a whole number");

    public decimal? Decimal(string name) => Find(name) is not { } value ? null : value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var n) ? n : throw Wrong(name, "must be a number");

    public TimeSpan Duration(string name) => TimeSpan.TryParse(Text(name), CultureInfo.InvariantCulture, out var span) ? span : throw Wrong(name, "must be a duration such as 02:00:00 or 1.00:00:00");

    public T Enum<T>(string name, T? absent = null)
        where T : struct, Enum
    {
        var text = TextOrNull(name);
        if (text is null)
        {
            return absent ?? throw Wrong(name, "is missing");
        }

        return DocumentNames.TryParse<T>(text, out var value) ? value : throw Wrong(name, $"must be one of {string.Join(", ", DocumentNames.All<T>())}");
    }

    public RuleValue? Value(string name) => Find(name) is { } value ? ValueOf(name, value) : null;

    public IReadOnlyList<RuleValue> Values(string name) => Find(name) is { ValueKind: JsonValueKind.Array } list
        ? [.. list.EnumerateArray().Select(v => ValueOf(name, v))]
        : throw Wrong(name, "must be a list of values");

    public IReadOnlyList<ExpectedColumn> Columns(string name) => Find(name) is { ValueKind: JsonValueKind.Array } list
        ? [.. list.EnumerateArray().Select(c => c.ValueKind == JsonValueKind.String ? new ExpectedColumn(c.GetString()!) : Column(c, name))]
        : throw Wrong(name, "must be a list of columns");

    public bool Flag(string name, bool absent) => Find(name) is null ? absent : Flag(name);

    public double? Double(string name) => Find(name) is not { } value ? null : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var n) ? n : throw Wrong(name, "must be a number");

    public TimeOnly Time(string name) => TimeOnly.TryParse(Text(name), CultureInfo.InvariantCulture, out var time) ? time : throw Wrong(name, "must be a time of day such as 06:30");

    public IReadOnlyList<DateOnly> Days(string name)
        => [.. TextsOrEmpty(name).Select(t => DateOnly.TryParseExact(t, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : throw Wrong(name, "must list days such as 2001-12-25"))];

    public Threshold Threshold(string name)
    {
        if (Percent(name) is { } percent and <= 100)
        {
            return Rules.Threshold.Percent(percent);
        }

        return Find(name) is null ? Rules.Threshold.None : Long(name) is { } rows and >= 0 ? Rules.Threshold.Count(rows) : throw Wrong(name, "must be rows or a text such as \"0.1%\"");
    }

    public Tolerance Tolerance(string name)
    {
        if (Percent(name) is { } percent)
        {
            return Rules.Tolerance.Percent(percent);
        }

        return Find(name) is null ? Rules.Tolerance.None : Decimal(name) is { } difference and >= 0 ? Rules.Tolerance.Absolute(difference) : throw Wrong(name, "must be a difference or a text such as \"5%\"");
    }

    /// <summary>The number of a text such as "0.1%"; null for anything else.</summary>
    private decimal? Percent(string name)
        => Find(name) is { ValueKind: JsonValueKind.String } share && share.GetString() is { } text && text.TrimEnd().EndsWith('%')
            && decimal.TryParse(text.Replace("%", "", StringComparison.Ordinal), NumberStyles.Number, CultureInfo.InvariantCulture, out var percent) && percent >= 0
            ? percent
            : null;

    public QualityException Wrong(string name, string what) => new PropertyException(name, $"{place}: '{name}' {what}.");

    private JsonElement? Find(string name) => rule.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private ExpectedColumn Column(JsonElement column, string name)
        => column.ValueKind == JsonValueKind.Object && column.TryGetProperty("name", out var text) && text.ValueKind == JsonValueKind.String
            ? new ExpectedColumn(text.GetString()!, column.TryGetProperty("type", out var type) ? type.GetString() : null)
            : throw Wrong(name, "must list names, or objects with a name and a type");

    private RuleValue ValueOf(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number when value.TryGetInt64(out var whole) => RuleValue.From(whole),
        JsonValueKind.Number when value.TryGetDecimal(out var exact) => RuleValue.From(exact),
        JsonValueKind.Number => RuleValue.From(value.GetDouble()),
        JsonValueKind.String => RuleValue.From(value.GetString()!),
        JsonValueKind.True or JsonValueKind.False => RuleValue.From(value.GetBoolean()),
        JsonValueKind.Object => TimeOf(name, value),
        _ => throw Wrong(name, "must be a number, a text, a truth value or a time"),
    };

    private RuleValue TimeOf(string name, JsonElement value)
    {
        var property = value.EnumerateObject().FirstOrDefault();
        var text = property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString() : null;
        return property.Name switch
        {
            "date" when DateOnly.TryParse(text, CultureInfo.InvariantCulture, out var day) => RuleValue.From(day),
            "timestamp" when DateTime.TryParse(text, CultureInfo.InvariantCulture, out var local) => RuleValue.From(local),
            "instant" when DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant) => RuleValue.From(instant),
            _ => throw Wrong(name, "must be a time such as {\"date\":\"2001-01-31\"}, {\"timestamp\":...} or {\"instant\":...}"),
        };
    }
}
