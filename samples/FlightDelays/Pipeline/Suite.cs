using DataPlatform.Quality;
using DataPlatform.Quality.Rules;

namespace DataPlatform.Samples.FlightDelays.Pipeline;

/// <summary>What must hold of the arrivals before anybody may use them.</summary>
public static class ArrivalsSuite
{
    private const int LongestDelayMinutes = 2_880;
    private const int HalfDayMinutes = 720;

    /// <summary>The rules. Critical ones stop the mart; warnings name the dirt that is known to be there.</summary>
    public static QualitySuite Rules { get; } = new QualitySuiteBuilder("arrivals")
        .Schema(["id", "origin", "destination", "delay_minutes", "distance_miles", "departure", "scheduled", "arrival", "day"], SchemaMatch.Contains)
        .RowCountBetween(1, 100_000_000)
        .NotNull("id").NotNull("origin").NotNull("destination").NotNull("scheduled").NotNull("arrival")
        .Unique(["id"])
        .InRange("distance_miles", 1, 6_000)
        .InRange("delay_minutes", -180, LongestDelayMinutes)
        .References("origin", "airports", "iata")
        .References("destination", "airports", "iata")
        .CustomSql("no flight lands before it departs", "SELECT count(*) FROM {table} WHERE arrival <= departure")
        .FreshWithin("arrival", TimeSpan.FromDays(7), Severity.Warning)
        .Unique(["origin", "destination", "departure", "delay_minutes", "distance_miles"], Severity.Warning)
        .InRange("delay_minutes", -HalfDayMinutes, HalfDayMinutes, Severity.Warning)
        .RowSql("delay_minutes >= -60", Severity.Warning)
        .Build();
}
