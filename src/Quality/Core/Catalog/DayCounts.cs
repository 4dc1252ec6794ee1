namespace DataPlatform.Quality.Catalog;

/// <summary>The verdicts of a day.</summary>
/// <param name="Day">The day, UTC.</param>
/// <param name="Verdicts">The verdicts of all runs that began on it.</param>
public readonly record struct DayCounts(DateOnly Day, OutcomeCounts Verdicts);
