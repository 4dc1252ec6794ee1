using DataPlatform.Kernel;

namespace DataPlatform.Quality.Metrics;

/// <summary>A metric query could not be run: an expression does not bind or does not compute, or the relation cannot be read.</summary>
/// <param name="message">The engine's reason.</param>
/// <param name="innerException">The cause.</param>
public sealed class MetricException(string message, Exception? innerException = null)
    : QualityException(ErrorKind.Invalid, message, innerException)
{
    /// <summary>Whether the query was stopped because it took too long: asking again in halves would take as long.</summary>
    internal bool IsStopped { get; init; }
}
