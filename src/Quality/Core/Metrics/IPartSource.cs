namespace DataPlatform.Quality.Metrics;

/// <summary>The parts of a relation, and how to look at one alone.</summary>
/// <remarks>Used by one run at a time.</remarks>
public interface IPartSource
{
    /// <summary>The parts that the relation consists of now, oldest first.</summary>
    IReadOnlyList<TablePart> Parts { get; }

    /// <summary>What is known about a part without reading it.</summary>
    /// <param name="part">The part.</param>
    /// <param name="metric">The metric.</param>
    /// <param name="shape">The relation's columns.</param>
    /// <param name="value">The value, exact; as an engine would give it.</param>
    /// <returns>False when it has to be measured.</returns>
    bool TryKnow(TablePart part, Metric metric, TableShape shape, out object? value);

    /// <summary>Makes a part a relation of its own, in place of the one opened before.</summary>
    /// <param name="part">The part.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The relation's name.</returns>
    /// <exception cref="MetricException">The part cannot be read.</exception>
    ValueTask<string> OpenAsync(TablePart part, CancellationToken cancellationToken);
}
