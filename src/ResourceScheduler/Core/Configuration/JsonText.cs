using System.Text;
using System.Text.Json;

namespace DataPlatform.ResourceScheduler.Configuration;

/// <summary>A JSON document whose parts know the line they stand on.</summary>
internal sealed class JsonText
{
    private readonly Dictionary<string, int> _lines = new(StringComparer.Ordinal);

    private JsonText(JsonElement root) => Root = root;

    public JsonElement Root { get; }

    public static JsonText Parse(string text)
    {
        try
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions
            {
                CommentHandling = JsonCommentHandling.Skip,
                AllowTrailingCommas = true,
            });
            var json = new JsonText(document.RootElement.Clone());
            json.Count(bytes);
            return json;
        }
        catch (JsonException error)
        {
            throw new SchedulerException(Kernel.ErrorKind.Invalid,
                $"Line {error.LineNumber + 1}: the configuration is not well-formed JSON: {error.Message}", error);
        }
    }

    /// <summary>The line of the thing at a path such as <c>queues[2].weight</c>; 0 when it is not there.</summary>
    public int Line(string path) => _lines.GetValueOrDefault(path);

    public SchedulerException Wrong(string path, string expected)
        => SchedulerException.Invalid($"Line {Line(path)}: '{path}' is not {expected}.");

    private void Count(byte[] bytes)
    {
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions
        {
            CommentHandling = JsonCommentHandling.Skip,
            AllowTrailingCommas = true
        });
        var (line, counted) = (1, 0);
        var names = new Stack<(string Path, int Index)>();
        var current = "";
        while (reader.Read())
        {
            line += bytes.AsSpan(counted, (int)reader.TokenStartIndex - counted).Count((byte)'\n');
            counted = (int)reader.TokenStartIndex;
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    var parent = names.Peek().Path;
                    current = parent.Length == 0 ? reader.GetString()! : $"{parent}.{reader.GetString()}";
                    _lines.TryAdd(current, line);
                    break;
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    current = Element(names, current, line);
                    names.Push((current, reader.TokenType == JsonTokenType.StartArray ? 0 : -1));
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    names.Pop();
                    break;
                default:
                    Element(names, current, line);
                    break;
            }
        }
    }

    /// <summary>Inside an array a value is named by its place.</summary>
    private string Element(Stack<(string Path, int Index)> names, string current, int line)
    {
        if (names.Count == 0 || names.Peek().Index < 0)
        {
            return current;
        }

        var (path, index) = names.Pop();
        names.Push((path, index + 1));
        _lines.TryAdd($"{path}[{index}]", line);
        return $"{path}[{index}]";
    }
}
