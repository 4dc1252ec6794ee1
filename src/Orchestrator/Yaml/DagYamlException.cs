using DataPlatform.Kernel;

namespace DataPlatform.Orchestrator.Yaml;

/// <summary>A YAML text that is no DAG.</summary>
/// <param name="source">The file, or whatever the text came from.</param>
/// <param name="line">The line, from 1.</param>
/// <param name="column">The column, from 1.</param>
/// <param name="message">What is wrong, and what would be right.</param>
/// <param name="innerException">The cause, where there is one.</param>
public sealed class DagYamlException(string source, long line, long column, string message, Exception? innerException = null)
    : DataPlatformException(ErrorKind.Invalid, FormattableString.Invariant($"{source}({line},{column}): {message}"), innerException)
{
    /// <summary>The line, from 1.</summary>
    public long Line { get; } = line;

    /// <summary>The column, from 1.</summary>
    public long Column { get; } = column;
}
