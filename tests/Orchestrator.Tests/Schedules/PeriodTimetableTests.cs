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

    [Fact]
    public void Several_crons_fire_at_every_instant_and_their_intervals_lie_end_to_end()
    {
        // On weekdays at nine, at the weekend at noon: the intervals of the two lines lie over each other.
        var timetable = Timetable.Union(Timetable.Cron("0 9 * * 1-5"), Timetable.Cron("0 12 * * 0,6"));
        var monday = new DateTimeOffset(2026, 1, 5, 0, 0, 0, TimeSpan.Zero);

        var fires = Fires(timetable, monday, 8);

        Assert.Equal(
            ["05 09", "06 09", "07 09", "08 09", "09 09", "10 12", "11 12", "12 09"],
            fires.Select(fire => fire.RunAfter.ToString("dd HH", System.Globalization.CultureInfo.InvariantCulture)));
        Assert.All(fires, fire => Assert.Equal((fire.RunAfter, fire.Interval.Start), (fire.Interval.End, fire.LogicalDate)));
        Assert.Equal(fires.SkipLast(1).Select(fire => fire.Interval.End), fires.Skip(1).Select(fire => fire.Interval.Start));
        Assert.All(fires, fire => Assert.Equal(fire, timetable.LatestAtOrBefore(fire.RunAfter)));
    }

    [Fact]
    public void An_hourly_and_a_daily_line_lose_no_hour_at_midnight()
    {
        var fires = Fires(Timetable.Union(Timetable.Cron("0 * * * *"), Timetable.Cron("0 0 * * *")), new DateTimeOffset(2026, 1, 5, 21, 30, 0, TimeSpan.Zero), 4);

        Assert.Equal([22, 23, 0, 1], fires.Select(fire => fire.RunAfter.Hour));
        Assert.All(fires, fire => Assert.Equal(TimeSpan.FromHours(1), fire.Interval.End - fire.Interval.Start));
    }

    [Fact]
    public void With_points_among_the_lines_all_fires_are_points()
    {
        var fires = Fires(Timetable.Union(Timetable.Cron("0 * * * *"), Timetable.CronPoint("30 * * * *")), new DateTimeOffset(2026, 1, 5, 21, 10, 0, TimeSpan.Zero), 3);

        Assert.Equal([30, 0, 30], fires.Select(fire => fire.LogicalDate.Minute));
        Assert.All(fires, fire => Assert.Equal(DataInterval.At(fire.RunAfter), fire.Interval));
    }

    [Fact]
    public void No_instant_of_the_calendar_makes_a_timetable_throw()
    {
        ITimetable[] timetables =
        [
            Timetable.Manual, Timetable.Once(), Timetable.OnceAt(DateTimeOffset.MinValue), Timetable.OnceAt(DateTimeOffset.MaxValue), Timetable.Every(TimeSpan.FromDays(1)),
            Timetable.Every(TimeSpan.MaxValue), Timetable.Every(TimeSpan.FromHours(7), DateTimeOffset.MaxValue), Timetable.EveryMonths(1, DateTimeOffset.MinValue),
            Timetable.EveryMonths(12_000, EngineHarness.Start), Timetable.Cron("* * * * *"), Timetable.Cron("0 0 29 2 *", "Europe/Berlin"), Timetable.CronPoint("* * * * * *"),
            Timetable.Cron("0 3 * * *", "Pacific/Kiritimati"), Timetable.Cron("0 3 * * *", "Pacific/Pago_Pago"), Timetable.Cron("0 3 1 * 1", dialect: CronDialect.Vixie),
            Timetable.Jitter(Timetable.Cron("@hourly"), TimeSpan.FromDays(1)), Timetable.Union(Timetable.Cron("@daily"), Timetable.Every(TimeSpan.FromHours(5))),
        ];
        DateTimeOffset[] instants =
        [
            DateTimeOffset.MinValue, DateTimeOffset.MinValue.AddTicks(1), DateTimeOffset.MinValue.AddHours(13), DateTimeOffset.UnixEpoch,
            new(2499, 12, 31, 23, 59, 59, TimeSpan.Zero), new(2500, 1, 1, 0, 0, 0, TimeSpan.Zero), DateTimeOffset.MaxValue.AddHours(-13), DateTimeOffset.MaxValue.AddTicks(-1),
            DateTimeOffset.MaxValue,
        ];
        List<string> wrong = [];
        foreach (var timetable in timetables)
        {
            foreach (var instant in instants)
            {
#pragma warning disable CA1031 // That none is thrown is what is tested.
                try
                {
                    Assert.False(timetable.NextAfter(instant)?.RunAfter <= instant);
                    Assert.False(timetable.LatestAtOrBefore(instant)?.RunAfter > instant);
                }
                catch (Exception exception)
                {
                    wrong.Add($"{timetable.Summary} at {instant:O}: {exception.GetType().Name} {exception.Message}");
                }
#pragma warning restore CA1031
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    /// <summary>What a DAG runs: the fires after one another, by the rules of the schedule.</summary>
    private static List<ScheduledFire> Fires(ITimetable timetable, DateTimeOffset from, int count)
    {
        List<ScheduledFire> fires = [];
        while (fires.Count < count)
        {
            var last = fires.Count == 0 ? (ScheduledFire?)null : fires[^1];
            fires.Add(ScheduleCursor.Next(timetable, catchup: true, null, from, last, from)!.Value);
        }

        return fires;
    }
}
