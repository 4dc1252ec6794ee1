using System.Text;
using System.Text.Json;

namespace DataPlatform.Lakehouse.DeltaLog;

/// <summary>Splits a commit file into its actions.</summary>
internal static class CommitFile
{
    private const int PartBytes = 2 << 20;

    /// <summary>As <see cref="Parse(ReadOnlySpan{byte}, string)"/>; the lines of a large file are parsed side by side.</summary>
    public static List<DeltaAction> Parse(ReadOnlyMemory<byte> content, string path)
    {
        var parts = Split(content);
        if (parts.Count == 1)
        {
            return Parse(content.Span, path);
        }

        try
        {
            var parsed = new List<DeltaAction>[parts.Count];
            Parallel.For(0, parts.Count, part => parsed[part] = Parse(parts[part].Span, path));
            return [.. parsed.SelectMany(p => p)];
        }
        catch (AggregateException)
        {
            // From the beginning, for the number of the line that is damaged.
            return Parse(content.Span, path);
        }
    }

    private static List<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> content)
    {
        List<ReadOnlyMemory<byte>> parts = [];
        while (content.Length > 2 * PartBytes && content.Span[PartBytes..].IndexOf((byte)'\n') is >= 0 and var end)
        {
            parts.Add(content[..(PartBytes + end + 1)]);
            content = content[(PartBytes + end + 1)..];
        }

        parts.Add(content);
        return parts;
    }

    /// <summary>Reads every action of a commit, a compacted file or a V2 JSON checkpoint.</summary>
    /// <exception cref="DeltaException">A line is not JSON; the message names the file and the line.</exception>
    public static List<DeltaAction> Parse(ReadOnlySpan<byte> content, string path)
    {
        List<DeltaAction> actions = [];
        var line = 0;
        if (content.StartsWith(Encoding.UTF8.Preamble))
        {
            content = content[Encoding.UTF8.Preamble.Length..];
        }

        while (!content.IsEmpty)
        {
            line++;
            var end = content.IndexOf((byte)'\n');
            var text = (end < 0 ? content : content[..end]).Trim(" \t\r"u8);
            var rest = end < 0 ? default : content[(end + 1)..];
            if (!text.IsEmpty && end >= 0 && text[0] == '{' && text[^1] != '}' && Whole(content) is > 0 and var length)
            {
                // Some tools lay an action out over several lines. That is no file of the protocol, and yet nothing about it is in doubt.
                text = content[..length];
                rest = content[length..];
            }

            content = rest;
            if (!text.IsEmpty && Parse(text, path, line) is { } action)
            {
                actions.Add(action);
            }

            line += text.Count((byte)'\n');
        }

        return actions;
    }

    /// <summary>The length of the JSON object that the content begins with; 0 where it does not end.</summary>
    private static int Whole(ReadOnlySpan<byte> content)
    {
        try
        {
            var reader = new Utf8JsonReader(content, new JsonReaderOptions { AllowMultipleValues = true });
            reader.Read();
            reader.Skip();
            return (int)reader.BytesConsumed;
        }
        catch (JsonException)
        {
            return 0;
        }
    }

    private static DeltaAction? Parse(ReadOnlySpan<byte> text, string path, int line)
    {
        try
        {
            return ActionReader.Read(text);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or OverflowException)
        {
            throw DeltaException.CorruptLine(path, line, e.Message, e);
        }
    }
}
