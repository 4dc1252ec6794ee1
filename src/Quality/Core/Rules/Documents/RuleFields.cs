using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace DataPlatform.Quality.Rules.Documents;

/// <summary>The properties of one rule in a document; what is wrong with one is said with the rule's place and the property's name.</summary>
internal sealed partial class RuleFields(JsonElement rule, string place)
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

    public TimeSpan Duration(string name) => DocumentTimes.TryDuration(Text(name), out var span) ? span : throw Wrong(name, "must be a duration such as 02:00:00, 36:00:00 or 1.12:00:00");

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
        => [.. TextsOrEmpty(name).Select(t => DocumentTimes.TryDay(t, out var day) ? day : throw Wrong(name, "must list days such as 2001-12-25"))];

    public Threshold Threshold(string name)
    {
        if (Find(name) is not { } value)
        {
            return Rules.Threshold.None;
        }

        return Percent(value) is { } percent ? percent <= 100 ? Rules.Threshold.Percent(percent) : throw Wrong(name, "must be 100% at most")
            : value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var rows) && rows >= 0 ? Rules.Threshold.Count(rows)
            : throw Wrong(name, "must be a whole number of rows, or a text such as \"0.1%\"");
    }

    public Tolerance Tolerance(string name)
    {
        if (Find(name) is not { } value)
        {
            return Rules.Tolerance.None;
        }

        return Percent(value) is { } percent ? Rules.Tolerance.Percent(percent)
            : value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var difference) && difference >= 0 ? Rules.Tolerance.Absolute(difference)
            : throw Wrong(name, "must be a difference or a text such as \"5%\"");
    }

    /// <summary>The number of a text such as "0.1%"; null for anything else, "0,1%" among it, which one reader takes for a tenth and another for ten.</summary>
    private static decimal? Percent(JsonElement value)
        => value.ValueKind == JsonValueKind.String && ShareForm().Match(value.GetString()!) is { Success: true } share
            && decimal.TryParse(share.Groups[1].ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent)
            ? percent
            : null;

    /// <summary>The form of a share; the schema has it too.</summary>
    public const string Share = @"^\s*([0-9]+(?:\.[0-9]+)?)\s*%$";

    [GeneratedRegex(Share, RegexOptions.CultureInvariant)]
    private static partial Regex ShareForm();

    public QualityException Wrong(string name, string what) => new PropertyException(name, $"{place}: '{name}' {what}.");

    private JsonElement? Find(string name) => rule.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private ExpectedColumn Column(JsonElement column, string name)
    {
        var fields = column.ValueKind == JsonValueKind.Object ? new RuleFields(column, place) : throw Wrong(name, "must list names, or objects with a name and a type");
        var stranger = column.EnumerateObject().Select(p => p.Name).FirstOrDefault(n => n is not ("name" or "type"));
        return stranger is null
            ? new ExpectedColumn(fields.Text("name"), fields.TextOrNull("type"))
            : throw Wrong(name, $"has a column with '{stranger}'; a column has a name and a type");
    }

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
        var property = value.EnumerateObject().ToList() is [var only] ? only : default;
        var (kind, text) = property.Value.ValueKind == JsonValueKind.String ? (property.Name, property.Value.GetString()!) : (string.Empty, string.Empty);
        return kind switch
        {
            "date" when DocumentTimes.TryDay(text, out var day) => RuleValue.From(day),
            "timestamp" when DocumentTimes.TryLocal(text, out var local) => RuleValue.From(local),
            "instant" when DocumentTimes.TryInstant(text, out var instant) => RuleValue.From(instant),
            _ => throw Wrong(name, "must be a time such as {\"date\":\"2001-01-31\"}, {\"timestamp\":\"2001-01-31 06:30:00\"}, which has no zone, or {\"instant\":\"2001-01-31T06:30:00Z\"}"),
        };
    }
}
