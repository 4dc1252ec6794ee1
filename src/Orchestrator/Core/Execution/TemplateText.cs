using System.Globalization;
using System.Text.Json;

namespace DataPlatform.Orchestrator.Execution;

/// <summary>How values of templates are written. Pure.</summary>
internal static class TemplateText
{
    /// <summary>As a person would write it: a JSON text without its quotes, other values as they are.</summary>
    public static string Plain(object value) => value switch
    {
        JsonElement { ValueKind: JsonValueKind.String } text => text.GetString()!,
        JsonElement element => element.GetRawText(),
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? string.Empty,
    };

    /// <summary>One word of a POSIX shell, whatever is in it.</summary>
    public static string ShellWord(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    /// <summary>A quoted identifier of standard SQL.</summary>
    public static string SqlIdentifier(string text) => text.Length == 0 || text.Contains('\0', StringComparison.Ordinal)
        ? throw new FormatException("is empty or has a NUL, so it is no identifier")
        : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>A literal of standard SQL; a list becomes its elements with commas. For texts that are run by a program: where a command
    /// with parameters is at hand, <see cref="SqlTemplate"/> uses those.</summary>
    public static string SqlLiteral(object? value) => value switch
    {
        null or JsonElement { ValueKind: JsonValueKind.Null } => "NULL",
        JsonElement { ValueKind: JsonValueKind.True } => "TRUE",
        JsonElement { ValueKind: JsonValueKind.False } => "FALSE",
        JsonElement { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
        JsonElement { ValueKind: JsonValueKind.Array } list => list.GetArrayLength() == 0
            ? "NULL"
            : string.Join(", ", list.EnumerateArray().Select(element => SqlLiteral(element))),
        long or int => Plain(value),
        _ => QuotedSql(Plain(value)),
    };

    private static string QuotedSql(string text) => text.Contains('\0', StringComparison.Ordinal)
        ? throw new FormatException("has a NUL, which no SQL text can have")
        : $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
