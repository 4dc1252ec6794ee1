using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace DataPlatform.Orchestrator.Dags;

/// <summary>What a parameter's value must be beside its type, in the words of JSON Schema. Immutable.</summary>
public sealed record ParamRules
{
    private static readonly TimeSpan PatternTimeout = TimeSpan.FromMilliseconds(100);

    /// <summary>No rule.</summary>
    public static ParamRules None { get; } = new();

    /// <summary>The smallest number; null for none.</summary>
    public decimal? Minimum { get; init; }

    /// <summary>The largest number; null for none.</summary>
    public decimal? Maximum { get; init; }

    /// <summary>The fewest characters of a text or elements of a list; null for none.</summary>
    public int? LengthMin { get; init; }

    /// <summary>The most characters of a text or elements of a list; null for none.</summary>
    public int? LengthMax { get; init; }

    /// <summary>A regular expression that the whole text must match; null for none.</summary>
    public string? Pattern { get; init; }

    /// <summary>The only values, as JSON; empty for any.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>Rules that take one of some values.</summary>
    /// <param name="values">The values.</param>
    public static ParamRules OneOf(params object[] values) =>
        new() { Choices = [.. values.Select(value => JsonSerializer.Serialize(value, JsonSerializerOptions.Web))] };

    /// <summary>Rules that take numbers from one to another, both included.</summary>
    /// <param name="minimum">The smallest; null for none.</param>
    /// <param name="maximum">The largest; null for none.</param>
    public static ParamRules Between(decimal? minimum, decimal? maximum) => new() { Minimum = minimum, Maximum = maximum };

    internal bool IsEmpty => Minimum is null && Maximum is null && LengthMin is null && LengthMax is null && Pattern is null
        && Choices.Count == 0;

    /// <summary>Why these rules say nothing about a type, or contradict themselves; null when they make sense.</summary>
    internal string? WhyMeaningless(ParamType type)
    {
        if ((Minimum is not null || Maximum is not null) && type is not (ParamType.Integer or ParamType.Number))
        {
            return $"a smallest or largest number means nothing for a {type}";
        }

        if ((LengthMin is not null || LengthMax is not null) && type is not (ParamType.String or ParamType.Array))
        {
            return $"a length means nothing for a {type}";
        }

        if (Pattern is not null && (type != ParamType.String || !IsPattern(Pattern)))
        {
            return type == ParamType.String ? $"'{Pattern}' is no regular expression" : $"a pattern means nothing for a {type}";
        }

        return Minimum > Maximum || LengthMin > LengthMax ? "its smallest is above its largest" : null;
    }

    internal string? WhyNot(JsonElement value)
    {
        if (Choices.Count > 0 && !Choices.Any(choice => IsSame(choice, value)))
        {
            return $"which is none of {string.Join(", ", Choices)}";
        }

        return value.ValueKind switch
        {
            JsonValueKind.Number => WhyNotNumber(value),
            JsonValueKind.String => WhyNotText(value.GetString()!),
            JsonValueKind.Array => WhyNotLength(value.GetArrayLength(), "elements"),
            _ => null,
        };
    }

    private string? WhyNotNumber(JsonElement value)
    {
        var isKnown = value.TryGetDecimal(out var number);
        if (Minimum is { } minimum && (isKnown ? number < minimum : value.GetDouble() < (double)minimum))
        {
            return string.Create(CultureInfo.InvariantCulture, $"which is less than {minimum}");
        }

        return Maximum is { } maximum && (isKnown ? number > maximum : value.GetDouble() > (double)maximum)
            ? string.Create(CultureInfo.InvariantCulture, $"which is more than {maximum}")
            : null;
    }

    private string? WhyNotText(string text) => WhyNotLength(text.Length, "characters") ?? (Pattern is not null && !Matches(text)
        ? $"which does not match {Pattern}"
        : null);

    private string? WhyNotLength(int length, string what) => length < LengthMin ? $"which has fewer than {LengthMin} {what}"
        : length > LengthMax ? $"which has more than {LengthMax} {what}"
        : null;

    /// <summary>A pattern that takes too long over a text does not match it: a caller must not be able to hold up the scheduler.</summary>
    private bool Matches(string text)
    {
        try
        {
            return Regex.IsMatch(text, $@"\A(?:{Pattern})\z", RegexOptions.CultureInvariant, PatternTimeout);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private static bool IsPattern(string pattern)
    {
        try
        {
            _ = new Regex(pattern, RegexOptions.CultureInvariant, PatternTimeout);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static bool IsSame(string choice, JsonElement value)
    {
        using var document = JsonDocument.Parse(choice);
        return JsonElement.DeepEquals(document.RootElement, value);
    }
}
