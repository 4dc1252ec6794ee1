namespace DataPlatform.Quality.Anomalies;

/// <summary>Keeps series of measured values, and what people said about their points.</summary>
/// <remarks>
/// Implementations are thread-safe. A point measured again replaces its value and keeps what was said of it, so that a re-run changes a point and
/// adds none.
/// </remarks>
public interface ISeriesStore
{
    /// <summary>Keeps points; all of a call or none.</summary>
    /// <param name="points">The points; see <see cref="SeriesName"/> for the names.</param>
    /// <param name="cancellationToken">Before the write; a cancelled write may have happened whole, never in part.</param>
    ValueTask PutAsync(IReadOnlyList<SeriesPoint> points, CancellationToken cancellationToken = default);

    /// <summary>Says something about a point; later baselines follow it.</summary>
    /// <param name="series">The series.</param>
    /// <param name="at">The point's time.</param>
    /// <param name="feedback">What is said.</param>
    /// <param name="cancellationToken">Before the write.</param>
    /// <returns>False when there is no such point.</returns>
    ValueTask<bool> MarkAsync(string series, DateTimeOffset at, PointFeedback feedback, CancellationToken cancellationToken = default);

    /// <summary>The newest points before an instant.</summary>
    /// <param name="series">The series.</param>
    /// <param name="before">The instant, left out itself.</param>
    /// <param name="pointsMax">At most so many, at least 1.</param>
    /// <param name="cancellationToken">Stops the look-up.</param>
    /// <returns>Points, oldest first; none for a series that is not known.</returns>
    ValueTask<IReadOnlyList<MetricPoint>> BeforeAsync(
        string series, DateTimeOffset before, int pointsMax = 400, CancellationToken cancellationToken = default);

    /// <summary>Names of series.</summary>
    /// <param name="prefix">Only names that begin with this, compared by character; empty for all.</param>
    /// <param name="seriesMax">At most so many, at least 1.</param>
    /// <param name="cancellationToken">Stops the look-up.</param>
    /// <returns>Names in ordinal order.</returns>
    ValueTask<IReadOnlyList<string>> ListAsync(string prefix, int seriesMax = 1_000, CancellationToken cancellationToken = default);
}
