using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using DataPlatform.Orchestrator.Dags;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace DataPlatform.Orchestrator.Yaml;

/// <summary>A node of a YAML text with the place it stands at, so that whatever is wrong with it can be pointed at.</summary>
internal sealed class YamlPlace(YamlNode node, string source, string name)
{
    /// <summary>What the node is called, for example <c>retries</c>.</summary>
    public string Name => name;

    public bool IsMapping => node is YamlMappingNode;

    public bool IsList => node is YamlSequenceNode;

    /// <summary>Nothing, by YAML's core schema; a text of the same letters stands in quotes.</summary>
    private bool IsNull => node is YamlScalarNode { Style: ScalarStyle.Plain or ScalarStyle.Any, Value: null or "" or "~" or "null" };

    /// <summary>An error at this place.</summary>
    public DagYamlException Wrong(string message, Exception? cause = null) =>
        new(source, node.Start.Line, node.Start.Column, message, cause);

    /// <summary>The named entries of a mapping, in their order; every name must be among the known ones where those are given.</summary>
    public IReadOnlyList<YamlPlace> Entries(IReadOnlyList<string>? known = null)
    {
        var mapping = node as YamlMappingNode ?? throw Wrong($"'{name}' must be a mapping of names to values");
        List<YamlPlace> entries = [];
        foreach (var (key, value) in mapping.Children)
        {
            var entry = (key as YamlScalarNode)?.Value
                ?? throw new YamlPlace(key, source, name).Wrong($"a name in '{name}' must be a text");
            if (known is not null && !known.Contains(entry))
            {
                throw new YamlPlace(key, source, entry).Wrong($"'{entry}' is nothing that '{name}' has; it has {string.Join(", ", known)}");
            }

            entries.Add(new YamlPlace(value, source, entry));
        }

        return entries;
    }

    /// <summary>The items of a list; a single value is a list of one.</summary>
    public IReadOnlyList<YamlPlace> Items()
        => node is YamlSequenceNode list ? [.. list.Children.Select(item => new YamlPlace(item, source, name))] : [this];

    /// <summary>The items of a list of at least one.</summary>
    public IReadOnlyList<YamlPlace> List() => node is YamlSequenceNode { Children.Count: > 0 } ? Items() : throw Wrong($"'{name}' must be a list");

    public string Text() => node is YamlScalarNode { Value: { Length: > 0 } text } && !IsNull ? text : throw Wrong($"'{name}' must be a text");

    public IReadOnlyList<string> Texts() => [.. Items().Select(item => item.Text())];

    public int WholeNumber(int minimum = 0) =>
        int.TryParse(Text(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= minimum
        ? number
        : throw Wrong($"'{name}' must be a whole number of at least {minimum}, not '{Text()}'");

    public double Number() => double.TryParse(Text(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        && double.IsFinite(number)
        ? number
        : throw Wrong($"'{name}' must be a number, not '{Text()}'");

    public decimal Exact() => decimal.TryParse(Text(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        ? number
        : throw Wrong($"'{name}' must be a number of at most 28 digits, not '{Text()}'");

    public bool Flag() => Text() switch
    {
        "true" => true,
        "false" => false,
        var other => throw Wrong($"'{name}' must be true or false, not '{other}'"),
    };

    public TimeSpan Duration() => DurationText.TryParse(Text(), out var duration)
        ? duration
        : throw Wrong($"'{name}' must be a duration such as 30s, 5m, 2h, 1d or 01:30:00, not '{Text()}'");

    public DateTimeOffset Instant() =>
        DateTimeOffset.TryParse(Text(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)
        ? instant
        : throw Wrong($"'{name}' must be an instant such as 2026-01-31T06:00:00Z, not '{Text()}'");

    /// <summary>One of an enumeration's names, written with hyphens.</summary>
    public T Choice<T>()
        where T : struct, Enum
        => Enum.GetValues<T>().Cast<T?>().FirstOrDefault(value => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString()!) == Text())
            ?? throw Wrong($"'{name}' must be one of {string.Join(", ", Choices<T>())}, not '{Text()}'");

    public static IEnumerable<string> Choices<T>()
        where T : struct, Enum
        => Enum.GetNames<T>().Select(JsonNamingPolicy.KebabCaseLower.ConvertName);

    /// <summary>The value as JSON, plain scalars by YAML's core schema.</summary>
    public JsonNode? Json() => node switch
    {
        YamlMappingNode => new JsonObject(Entries().Select(entry => KeyValuePair.Create(entry.Name, entry.Json()))),
        YamlSequenceNode => new JsonArray([.. Items().Select(item => item.Json())]),
        YamlScalarNode scalar => Scalar(scalar),
        _ => throw Wrong($"'{name}' is no value"),
    };

    private static JsonValue? Scalar(YamlScalarNode scalar)
    {
        var text = scalar.Value ?? string.Empty;
        if (scalar.Style is not (ScalarStyle.Plain or ScalarStyle.Any))
        {
            return JsonValue.Create(text);
        }

        return text switch
        {
            "" or "~" or "null" => null,
            "true" => JsonValue.Create(true),
            "false" => JsonValue.Create(false),
            _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) =>
                JsonValue.Create(whole),
            _ when char.IsAsciiDigit(text[^1])
                && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
            _ => JsonValue.Create(text),
        };
    }
}
