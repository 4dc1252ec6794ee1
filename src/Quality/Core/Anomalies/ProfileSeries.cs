using DataPlatform.Quality.Profiles;

namespace DataPlatform.Quality.Anomalies;

/// <summary>Points of series out of a profile, for tables that are profiled more often than they are judged.</summary>
public static class ProfileSeries
{
    /// <summary>Rows of the table; share of NULL, different values and, for numbers, the mean of each column.</summary>
    /// <param name="table">The table.</param>
    /// <param name="at">The day or instant that the profile is about.</param>
    /// <param name="state">The state of a partition, or of many folded.</param>
    /// <returns>Points for <see cref="ISeriesStore.PutAsync"/>; none for a state without columns.</returns>
    public static IReadOnlyList<SeriesPoint> Of(string table, DateTimeOffset at, PartitionState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var profiles = state.Profiles();
        return profiles.Count == 0 ? [] : [Point(SeriesMeasure.Rows, null, profiles[0].Rows), .. profiles.Where(p => p.Rows > 0).SelectMany(OfColumn)];

        IEnumerable<SeriesPoint> OfColumn(ColumnProfile profile)
        {
            yield return Point(SeriesMeasure.NullShare, profile.Name, profile.NullShare);
            yield return Point(SeriesMeasure.Distinct, profile.Name, profile.Distinct);
            if (profile.Mean is { } mean && Rules.ValueTypes.IsNumber(profile.Family))
            {
                yield return Point(SeriesMeasure.Mean, profile.Name, mean);
            }
        }

        SeriesPoint Point(SeriesMeasure measure, string? column, double value)
            => new(SeriesName.Of(table, measure, column), new MetricPoint(at, value));
    }
}
