using System.Globalization;
using System.Text.Json.Nodes;
using DataPlatform.Kernel;
using DataPlatform.Quality.Rules.Documents;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace DataPlatform.Quality.Yaml;

/// <summary>Suites in YAML. A document is turned into JSON and read as such, so both forms have one model and one schema.</summary>
public static class SuiteYaml
{
    // Aliases can make a small text an endless tree.
    private const int NodesMax = 100_000;
    private const int DepthMax = 64;

    /// <summary>Reads a suite.</summary>
    /// <param name="yaml">One YAML document.</param>
    /// <exception cref="QualityException">It is no YAML, or no suite.</exception>
    public static QualitySuite Read(string yaml) => SuiteDocument.Read(ToJson(yaml));

    /// <summary>The same document as JSON, scalars typed by YAML's core schema.</summary>
    /// <param name="yaml">One YAML document.</param>
    /// <exception cref="QualityException">It is no YAML.</exception>
    public static string ToJson(string yaml)
    {
        ArgumentNullException.ThrowIfNull(yaml);
        var stream = new YamlStream();
        try
        {
            CheckDepth(yaml);
            stream.Load(new StringReader(yaml));
        }
        catch (YamlException e)
        {
            throw new QualityException(ErrorKind.Invalid, $"The suite is no YAML: line {e.Start.Line}: {e.Message}", e);
        }

        if (stream.Documents.Count != 1)
        {
            throw new QualityException(ErrorKind.Invalid, $"A suite is one YAML document; there are {stream.Documents.Count}.");
        }

        var count = 0;
        return Convert(stream.Documents[0].RootNode, ref count)?.ToJsonString() ?? "null";
    }

    // The loader calls itself for each level, and a text of a few kilobytes can have more levels than there is stack.
    private static void CheckDepth(string yaml)
    {
        var parser = new Parser(new StringReader(yaml));
        for (var depth = 0; parser.MoveNext();)
        {
            depth += parser.Current!.NestingIncrease;
            if (depth > DepthMax)
            {
                throw new YamlException(parser.Current.Start, parser.Current.End, $"There are more than {DepthMax} levels.");
            }
        }
    }

    private static string KeyOf(YamlNode key) => key is YamlScalarNode { Value: { } text }
        ? text
        : throw new QualityException(ErrorKind.Invalid, $"The suite has a key that is no text at line {key.Start.Line}.", new YamlException(key.Start, key.End, "A key is no text."));

    private static JsonNode? Convert(YamlNode node, ref int count)
    {
        if (++count > NodesMax)
        {
            throw new QualityException(ErrorKind.Invalid, $"The suite has more than {NodesMax} YAML nodes once its aliases are followed.");
        }

        switch (node)
        {
            case YamlMappingNode mapping:
                var json = new JsonObject();
                foreach (var (key, value) in mapping.Children)
                {
                    json[KeyOf(key)] = Convert(value, ref count);
                }

                return json;
            case YamlSequenceNode sequence:
                var list = new JsonArray();
                foreach (var item in sequence.Children)
                {
                    list.Add(Convert(item, ref count));
                }

                return list;
            default:
                return Scalar((YamlScalarNode)node);
        }
    }

    private static JsonValue? Scalar(YamlScalarNode node)
    {
        var text = node.Value ?? string.Empty;
        if (node.Style is not (ScalarStyle.Plain or ScalarStyle.Any))
        {
            return JsonValue.Create(text);
        }

        return text switch
        {
            "" or "~" or "null" or "Null" or "NULL" => null,
            "true" or "True" or "TRUE" => JsonValue.Create(true),
            "false" or "False" or "FALSE" => JsonValue.Create(false),
            _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => JsonValue.Create(whole),
            _ when IsNumber(text) && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact) => JsonValue.Create(exact),
            _ when IsNumber(text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var wide) && double.IsFinite(wide) => JsonValue.Create(wide),
            _ => JsonValue.Create(text),
        };
    }

    private static bool IsNumber(string text) => text.All(c => char.IsAsciiDigit(c) || c is '+' or '-' or '.' or 'e' or 'E') && text.Any(char.IsAsciiDigit);
}
