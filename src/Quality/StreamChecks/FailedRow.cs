namespace DataPlatform.Quality.StreamChecks;

/// <summary>A record that broke rules.</summary>
/// <typeparam name="T">The record.</typeparam>
/// <param name="Record">The record.</param>
/// <param name="Rules">The ids of the rules it broke, in the suite's order, separated by commas, as a table's quarantine has them.</param>
/// <param name="TimestampMs">Its event time, milliseconds since 1970-01-01 UTC.</param>
public readonly record struct FailedRow<T>(T Record, string Rules, long TimestampMs);
