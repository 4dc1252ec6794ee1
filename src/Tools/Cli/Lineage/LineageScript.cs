using DataPlatform.Kernel;
using DataPlatform.Quality;
using DataPlatform.Quality.DuckDb.Lineage;
using DataPlatform.Quality.Lineage;

namespace DataPlatform.Tools.Cli.Lineage;

/// <summary>A SQL text and what its statements read and write.</summary>
/// <param name="Statements">The statements that read or write rows, in order.</param>
/// <param name="Lines">The line that each begins at, with the comment before it, from 1.</param>
internal sealed record LineageScript(IReadOnlyList<StatementLineage> Statements, IReadOnlyList<int> Lines)
{
    private const string StandardInput = "-";
    private const int CharactersMax = 64 * 1024 * 1024;

    public static LineageScript Nothing { get; } = new([], []);

    public static LineageScript Of(string text, DuckDbLineageExtractor extractor)
    {
        var statements = extractor.Extract(text);
        List<int> lines = [];
        var (line, at) = (1, 0);
        foreach (var statement in statements)
        {
            var start = text.IndexOf(statement.Sql, at, StringComparison.Ordinal);
            if (start >= 0)
            {
                line += text.AsSpan(at, start - at).Count('\n');
                at = start;
            }

            lines.Add(line);
        }

        return new LineageScript(statements, lines);
    }

    /// <summary>The text of a file, or what comes on standard input.</summary>
    /// <exception cref="QualityException">There is no such file, or it is too long.</exception>
    public static async Task<string> TextAsync(string path, CancellationToken cancellationToken)
    {
        if (path != StandardInput && !File.Exists(path))
        {
            throw new QualityException(ErrorKind.Invalid, Directory.Exists(path) ? $"'{path}' is a folder, not a SQL text." : $"There is no SQL text '{path}'.");
        }

        using var reader = path == StandardInput ? Console.In : new StreamReader(path);
        var (text, buffer) = (new System.Text.StringBuilder(), new char[64 * 1024]);
        int count;
        while ((count = await reader.ReadAsync(buffer.AsMemory(), cancellationToken)) > 0)
        {
            text.Append(buffer, 0, count);
            if (text.Length > CharactersMax)
            {
                throw new QualityException(ErrorKind.Invalid, $"'{path}' has more than {CharactersMax} characters; give it in parts.");
            }
        }

        return text.ToString();
    }
}
