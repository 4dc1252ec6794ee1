using System.Globalization;
using DataPlatform.Orchestrator.Schedules;

namespace DataPlatform.Orchestrator.Tests.Schedules;

public sealed class PeriodTimetableTests
{
    [Fact]
    public void Periods_are_aligned_to_their_anchor_on_both_sides_of_it()
    {
        var timetable = Timetable.Every(TimeSpan.FromMinutes(10), At("2026-01-01T00:03:00Z"));

        Assert.Equal(At("2026-01-01T00:13:00Z"), timetable.NextAfter(At("2026-01-01T00:03:00Z"))!.Value.RunAfter);
        Assert.Equal(At("2025-12-31T23:53:00Z"), timetable.NextAfter(At("2025-12-31T23:52:59Z"))!.Value.RunAfter);
        Assert.Equal(At("2026-01-01T00:03:00Z"), timetable.LatestAtOrBefore(At("2026-01-01T00:12:59Z"))!.Value.RunAfter);
    }

    [Fact]
    public void Months_from_the_31st_use_the_last_day_of_short_months_and_come_back_to_the_31st()
    {
        var plan = TimetablePlan.Next(Timetable.EveryMonths(1, At("2026-01-31T00:00:00Z")), At("2026-01-31T00:00:00Z"), 4);

        Assert.Equal(["02-28", "03-31", "04-30", "05-31"],
            plan.Select(line => line.Fire.RunAfter.ToString("MM-dd", CultureInfo.InvariantCulture)));
        Assert.All(plan.Zip(plan.Skip(1)), pair => Assert.Equal(pair.First.Fire.Interval.End, pair.Second.Fire.Interval.Start));
    }

    [Fact]
    public void A_union_fires_once_where_its_parts_agree()
    {
        var timetable = Timetable.Union(Timetable.CronPoint("0 */2 * * *"), Timetable.CronPoint("0 */3 * * *"));
        var plan = TimetablePlan.Next(timetable, At("2026-01-01T00:00:00Z"), 5);

        Assert.Equal([2, 3, 4, 6, 8], plan.Select(line => line.Fire.RunAfter.Hour));
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
