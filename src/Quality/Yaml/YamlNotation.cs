using System.Text.Json;
using DataPlatform.Quality.Rules.Documents;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;
using YamlDotNet.Serialization;

namespace DataPlatform.Quality.Yaml;

/// <summary>Suites as YAML, with the places in the text.</summary>
public sealed class YamlNotation : ISuiteNotation
{
    private YamlNotation()
    {
    }

    /// <summary>The one instance.</summary>
    public static YamlNotation Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => "yaml";

    /// <inheritdoc/>
    public SuiteSource Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            var json = SuiteYaml.ToJson(text);
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            Dictionary<string, TextPosition> positions = [];
            Locate(stream.Documents[0].RootNode, string.Empty, positions);
            return new SuiteSource(json, positions);
        }
        catch (QualityException e)
        {
            var at = e.InnerException is YamlException yaml ? Position(yaml.Start) : new TextPosition(1, 1);
            throw new SuiteSyntaxException(at, e.Message, e);
        }
    }

    /// <inheritdoc/>
    public string Write(string json)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
        return new SerializerBuilder().WithQuotingNecessaryStrings().WithIndentedSequences().Build().Serialize(Value(document.RootElement));
    }

    private static void Locate(YamlNode node, string pointer, Dictionary<string, TextPosition> positions)
    {
        positions.TryAdd(pointer, Position(node.Start));
        switch (node)
        {
            case YamlMappingNode mapping:
                foreach (var (key, value) in mapping.Children)
                {
                    var below = $"{pointer}/{((YamlScalarNode)key).Value}";
                    positions[below] = Position(key.Start);
                    Locate(value, below, positions);
                }

                break;
            case YamlSequenceNode sequence:
                for (var i = 0; i < sequence.Children.Count; i++)
                {
                    Locate(sequence.Children[i], FormattableString.Invariant($"{pointer}/{i}"), positions);
                }

                break;
        }
    }

    private static TextPosition Position(Mark mark) => new((int)mark.Line, (int)mark.Column);

    private static object? Value(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().ToDictionary(p => p.Name, p => Value(p.Value)),
        JsonValueKind.Array => element.EnumerateArray().Select(Value).ToList(),
        JsonValueKind.String => element.GetString(),
        JsonValueKind.True or JsonValueKind.False => element.GetBoolean(),
        JsonValueKind.Number => element.TryGetInt64(out var whole) ? whole : element.TryGetDecimal(out var exact) ? exact : element.GetDouble(),
        _ => null,
    };
}
