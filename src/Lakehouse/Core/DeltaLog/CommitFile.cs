using System.Text;
using System.Text.Json;

namespace DataPlatform.Lakehouse.DeltaLog;

/// <summary>Splits a commit file into its actions.</summary>
internal static class CommitFile
{
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
            content = end < 0 ? default : content[(end + 1)..];
            if (!text.IsEmpty && Parse(text, path, line) is { } action)
            {
                actions.Add(action);
            }
        }

        return actions;
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
