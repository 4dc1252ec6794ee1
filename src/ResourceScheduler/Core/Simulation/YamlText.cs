namespace DataPlatform.ResourceScheduler.Simulation;

/// <summary>The part of YAML that workload descriptions use: nested mappings and lists by indentation, plain and quoted scalars, comments.
/// Anything else is refused with its line.</summary>
internal sealed class YamlText
{
    private readonly List<(int Line, int Indent, string Text)> _lines = [];
    private int _at;

    private YamlText(string text)
    {
        var number = 0;
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var line = WithoutComment(raw.TrimEnd('\r')).TrimEnd();
            if (line.Trim().Length > 0 && line.Trim() != "---")
            {
                var indent = line.Length - line.TrimStart(' ').Length;
                _lines.Add(line.Contains('\t', StringComparison.Ordinal) ? throw Wrong(number, "a tab stands where only blanks may")
                    : (number, indent, line.Trim()));
            }
        }
    }

    /// <summary>A document of mappings: scalars are strings, lists and mappings nest.</summary>
    public static Dictionary<string, object> Parse(string text)
    {
        var yaml = new YamlText(text);
        var root = yaml._lines.Count == 0 ? [] : yaml.Mapping(yaml._lines[0].Indent);
        return yaml._at == yaml._lines.Count ? root : throw Wrong(yaml._lines[yaml._at].Line, "the indentation belongs to nothing above");
    }

    private Dictionary<string, object> Mapping(int indent)
    {
        var mapping = new Dictionary<string, object>(StringComparer.Ordinal);
        while (_at < _lines.Count && _lines[_at].Indent == indent && !_lines[_at].Text.StartsWith("- ", StringComparison.Ordinal))
        {
            var (line, _, text) = _lines[_at];
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || (colon + 1 < text.Length && text[colon + 1] != ' '))
            {
                throw Wrong(line, $"'{text}' is no 'key: value'");
            }

            _at++;
            var (key, value) = (Scalar(text[..colon]), text[(colon + 1)..].Trim());
            if (!mapping.TryAdd(key, value.Length > 0 ? Scalar(value) : Nested(indent)))
            {
                throw Wrong(line, $"'{key}' stands here twice");
            }
        }

        return mapping;
    }

    /// <summary>What stands below a key: a list, which may start at the key's own indentation, or a mapping further in.</summary>
    private object Nested(int indent)
    {
        if (_at >= _lines.Count || _lines[_at].Indent < indent)
        {
            return "";
        }

        var next = _lines[_at];
        return next.Text.StartsWith("- ", StringComparison.Ordinal) ? List(next.Indent) : next.Indent > indent ? Mapping(next.Indent) : "";
    }

    private List<object> List(int indent)
    {
        var items = new List<object>();
        while (_at < _lines.Count && _lines[_at].Indent == indent && _lines[_at].Text.StartsWith("- ", StringComparison.Ordinal))
        {
            var (line, _, text) = _lines[_at];
            var rest = text[2..].Trim();
            if (rest.Contains(": ", StringComparison.Ordinal) || rest.EndsWith(':'))
            {
                // The first key of a mapping stands behind the dash; the others are indented to it.
                var inner = indent + text.Length - text[1..].TrimStart().Length;
                _lines[_at] = (line, inner, rest);
                items.Add(Mapping(inner));
            }
            else
            {
                _at++;
                items.Add(Scalar(rest));
            }
        }

        return items;
    }

    private static string Scalar(string text) => text.Length >= 2 && text[0] is '"' or '\'' && text[^1] == text[0] ? text[1..^1]
        : text.Trim();

    private static string WithoutComment(string line)
    {
        var at = line.IndexOf('#', StringComparison.Ordinal);
        return at < 0 || (at > 0 && line[at - 1] != ' ') ? line : line[..at];
    }

    private static SchedulerException Wrong(int line, string why)
        => SchedulerException.Invalid($"Line {line} of the workload description: {why}.");
}
