using DataPlatform.Kernel;

namespace DataPlatform.Quality.Rules.Documents;

/// <summary>A text is not in the notation it is said to be in.</summary>
/// <param name="at">Where it stops to be.</param>
/// <param name="message">What is wrong.</param>
/// <param name="innerException">The parser's own error.</param>
public sealed class SuiteSyntaxException(TextPosition at, string message, Exception? innerException = null)
    : QualityException(ErrorKind.Invalid, message, innerException)
{
    /// <summary>Where the text stops to be in its notation.</summary>
    public TextPosition At { get; } = at;
}
