namespace DataPlatform.Quality.Anomalies;

/// <summary>A point and the series it belongs to.</summary>
/// <param name="Series">The series, see <see cref="SeriesName"/>.</param>
/// <param name="Point">The point.</param>
public readonly record struct SeriesPoint(string Series, MetricPoint Point);
