namespace DataPlatform.Quality.Anomalies;

/// <summary>Series in memory: for tests, and for what need not outlive the process.</summary>
/// <remarks>Thread-safe. A series keeps its newest points only, so memory is bounded by the number of series.</remarks>
/// <param name="pointsMax">Points kept for a series, at least 1; 1,000 unless said otherwise.</param>
public sealed class InMemorySeriesStore(int pointsMax = 1_000) : ISeriesStore
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, SortedList<DateTimeOffset, MetricPoint>> _series = new(StringComparer.Ordinal);
    private readonly int _pointsMax = pointsMax >= 1 ? pointsMax : throw new ArgumentOutOfRangeException(nameof(pointsMax), pointsMax, "At least 1.");

    /// <inheritdoc/>
    public ValueTask PutAsync(IReadOnlyList<SeriesPoint> points, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(points);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            foreach (var (name, point) in points)
            {
                Put(name, point);
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<bool> MarkAsync(string series, DateTimeOffset at, PointFeedback feedback, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            if (!_series.TryGetValue(series, out var points) || !points.TryGetValue(at, out var point))
            {
                return ValueTask.FromResult(false);
            }

            points[at] = point with { Feedback = feedback };
            return ValueTask.FromResult(true);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<MetricPoint>> BeforeAsync(
        string series, DateTimeOffset before, int pointsMax = 400, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            return ValueTask.FromResult<IReadOnlyList<MetricPoint>>(
                _series.TryGetValue(series, out var points) ? [.. points.Values.Where(p => p.At < before).TakeLast(pointsMax)] : []);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> ListAsync(string prefix, int seriesMax = 1_000, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            return ValueTask.FromResult<IReadOnlyList<string>>(
                [.. _series.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Take(seriesMax)]);
        }
    }

    private void Put(string name, MetricPoint point)
    {
        if (!_series.TryGetValue(name, out var points))
        {
            _series[name] = points = [];
        }

        points[point.At] = points.TryGetValue(point.At, out var before) ? point with { Feedback = before.Feedback } : point;
        if (points.Count > _pointsMax)
        {
            points.RemoveAt(0);
        }
    }
}
