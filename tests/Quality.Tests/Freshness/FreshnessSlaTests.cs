using DataPlatform.Quality.Freshness;

namespace DataPlatform.Quality.Tests.Freshness;

public sealed class FreshnessSlaTests
{
    private static readonly FreshnessSla TwoHoursAfterMidnight = FreshnessSla.In(TimeOnly.MinValue, TimeSpan.FromHours(2), "Europe/Berlin");

    [Fact]
    public void A_table_is_fresh_waited_for_or_overdue()
    {
        var midnight = Utc("2001-01-09T23:00");

        Assert.Equal(Outcome.Pass, TwoHoursAfterMidnight.Judge(midnight.AddMinutes(30), midnight.AddHours(1)).Outcome);
        Assert.Equal(Outcome.NoData, TwoHoursAfterMidnight.Judge(midnight.AddMinutes(-1), midnight.AddHours(1)).Outcome);
        Assert.Equal(Outcome.Fail, TwoHoursAfterMidnight.Judge(midnight.AddMinutes(-1), midnight.AddHours(2)).Outcome);
        Assert.Equal(Outcome.Fail, TwoHoursAfterMidnight.Judge(null, midnight.AddHours(20)).Outcome);
        Assert.Equal(midnight.AddHours(2), TwoHoursAfterMidnight.Judge(null, midnight.AddHours(1)).Deadline);
    }

    [Fact]
    public void Elapsed_time_and_local_days_are_kept_apart_when_clocks_change()
    {
        // In Berlin, 2001-03-25 has no 02:30 and 2001-10-28 has it twice.
        var gap = FreshnessSla.In(new TimeOnly(2, 30), TimeSpan.FromHours(2), "Europe/Berlin");

        Assert.Equal(Utc("2001-03-25T01:00"), gap.Judge(null, Utc("2001-03-25T12:00")).Start);
        Assert.Equal(Utc("2001-10-28T00:30"), gap.Judge(null, Utc("2001-10-28T12:00")).Start);
        Assert.Equal(Utc("2001-10-27T22:00"), TwoHoursAfterMidnight.Judge(null, Utc("2001-10-28T12:00")).Start);
        Assert.Equal(Utc("2001-10-28T23:00"), TwoHoursAfterMidnight.Judge(null, Utc("2001-10-29T12:00")).Start);
    }

    [Fact]
    public void A_zone_that_is_not_there_is_named()
        => Assert.Contains("Mars/Olympus", Assert.Throws<QualityException>(() => FreshnessSla.In(TimeOnly.MinValue, TimeSpan.FromHours(1), "Mars/Olympus")).Message, StringComparison.Ordinal);

    private static DateTimeOffset Utc(string text) => DateTimeOffset.Parse(text + "Z", System.Globalization.CultureInfo.InvariantCulture);
}
