using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DataPlatform.Quality.Rules.Documents;

/// <summary>Suites as JSON; comments and trailing commas are allowed.</summary>
public sealed class JsonNotation : ISuiteNotation
{
    private static readonly JsonReaderOptions Reading = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };
    private static readonly JsonSerializerOptions Writing = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private JsonNotation()
    {
    }

    /// <summary>The one instance.</summary>
    public static JsonNotation Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => "json";

    /// <inheritdoc/>
    public SuiteSource Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var bytes = Encoding.UTF8.GetBytes(text);
        try
        {
            return new SuiteSource(text, Positions(bytes));
        }
        catch (JsonException e)
        {
            var at = new TextPosition((int)(e.LineNumber ?? 0) + 1, (int)(e.BytePositionInLine ?? 0) + 1);
            var words = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal) is > 0 and var end ? e.Message[..end] : e.Message;
            throw new SuiteSyntaxException(at, $"This is no JSON: {words}", e);
        }
    }

    /// <inheritdoc/>
    public string Write(string json) => JsonNode.Parse(json, null, new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip })
        ?.ToJsonString(Writing) ?? "null";

    private static Dictionary<string, TextPosition> Positions(byte[] bytes)
    {
        Dictionary<string, TextPosition> positions = [];
        Stack<(string Pointer, int Item)> open = new();
        var lines = new LineIndex(bytes);
        var reader = new Utf8JsonReader(bytes, Reading);
        var property = string.Empty;
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.EndArray or JsonTokenType.EndObject)
            {
                open.Pop();
                continue;
            }

            var at = lines.At((int)reader.TokenStartIndex);
            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                property = $"{open.Peek().Pointer}/{reader.GetString()}";
                positions[property] = at;
                continue;
            }

            // An item of a list has no property before it: its number is its name.
            var pointer = property;
            if (property.Length == 0 && open.TryPop(out var list))
            {
                pointer = string.Create(CultureInfo.InvariantCulture, $"{list.Pointer}/{list.Item}");
                open.Push((list.Pointer, list.Item + 1));
            }

            positions.TryAdd(pointer, at);
            property = string.Empty;
            if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
            {
                open.Push((pointer, 0));
            }
        }

        return positions;
    }

    /// <summary>Finds lines and characters by byte.</summary>
    private sealed class LineIndex
    {
        private readonly byte[] _bytes;
        private readonly List<int> _starts = [0];

        public LineIndex(byte[] bytes)
        {
            _bytes = bytes;
            for (var i = 0; i < bytes.Length; i++)
            {
                if (bytes[i] == (byte)'\n')
                {
                    _starts.Add(i + 1);
                }
            }
        }

        public TextPosition At(int offset)
        {
            var found = _starts.BinarySearch(offset);
            var line = found >= 0 ? found : ~found - 1;
            return new TextPosition(line + 1, Encoding.UTF8.GetCharCount(_bytes, _starts[line], offset - _starts[line]) + 1);
        }
    }
}
