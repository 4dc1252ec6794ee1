using DataPlatform.Kernel;

namespace DataPlatform.Quality.DuckDb.Lineage;

/// <summary>A tier cannot tell the lineage of a statement; the next one is tried and the reason is kept in the result.</summary>
internal sealed class LineageNotFoundException(string message, Exception? innerException = null)
    : QualityException(ErrorKind.Invalid, message, innerException)
{
    /// <summary>Whether it was the parser that refused what was tried, which may be another text than the statement.</summary>
    public bool IsSyntax { get; init; }
}
