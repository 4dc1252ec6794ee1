using System.Globalization;
using DataPlatform.Orchestrator.Schedules;

namespace DataPlatform.Orchestrator.Tests.Schedules;

public sealed class CronTimetableTests
{
    [Fact]
    public void A_run_is_about_the_interval_before_it_starts()
    {
        var fire = Timetable.Cron("0 6 * * *", "Europe/Berlin").NextAfter(At("2026-01-05T12:03:00Z"))!.Value;

        Assert.Equal(At("2026-01-06T05:00:00Z"), fire.RunAfter);
        Assert.Equal(At("2026-01-05T05:00:00Z"), fire.LogicalDate);
        Assert.Equal(new DataInterval(At("2026-01-05T05:00:00Z"), At("2026-01-06T05:00:00Z")), fire.Interval);
    }

    [Fact]
    public void A_point_has_no_length()
    {
        var fire = Timetable.CronPoint("0 6 * * *").NextAfter(At("2026-01-05T12:03:00Z"))!.Value;

        Assert.Equal(new ScheduledFire(DataInterval.At(fire.RunAfter), fire.RunAfter, At("2026-01-06T06:00:00Z")), fire);
    }

    // New York 2026: forward on 8 March at 02:00 EST, back on 1 November at 02:00 EDT.
    [Theory]
    [InlineData("30 2 * * *", "2026-03-08T00:00:00Z", "2026-03-08T07:00:00Z 2026-03-09T06:30:00Z")]
    [InlineData("0 1 * * *", "2026-11-01T00:00:00Z", "2026-11-01T05:00:00Z 2026-11-02T06:00:00Z")]
    [InlineData("0 * * * *", "2026-11-01T04:30:00Z", "2026-11-01T05:00:00Z 2026-11-01T06:00:00Z 2026-11-01T07:00:00Z")]
    [InlineData("0 */2 * * *", "2026-03-08T05:30:00Z", "2026-03-08T07:00:00Z 2026-03-08T08:00:00Z")]
    [InlineData("0 0 13 * 5", "2026-01-01T00:00:00Z", "2026-02-13T05:00:00Z 2026-03-13T04:00:00Z 2026-11-13T05:00:00Z")]
    public void Daylight_saving_follows_Cronos(string cron, string after, string expected)
    {
        var plan = TimetablePlan.Next(Timetable.CronPoint(cron, "America/New_York"), At(after), expected.Split(' ').Length);

        Assert.Equal(
            expected,
                string.Join(' ', plan.Select(line => line.Fire.RunAfter.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture))));
    }

    [Theory]
    [InlineData("30 2 * * *", "Europe/Vienna")]
    [InlineData("30 2 * * *", "America/New_York")]
    [InlineData("*/20 1-3 * * *", "Europe/Vienna")]
    [InlineData("0 * * * *", "America/New_York")]
    [InlineData("15 2 * 3,10 0", "Europe/Vienna")]
    [InlineData("30 0 * * *", "America/Santiago")]
    [InlineData("45 1 * * *", "Australia/Lord_Howe")]
    public void Intervals_join_where_clocks_change(string cron, string zone)
    {
        var timetable = Timetable.Cron(cron, zone);
        var fire = timetable.NextAfter(At("2026-01-01T00:00:00Z"))!.Value;
        while (fire.RunAfter < At("2027-01-01T00:00:00Z"))
        {
            var next = timetable.NextAfter(fire.RunAfter)!.Value;
            Assert.Equal(new DataInterval(fire.RunAfter, next.RunAfter), next.Interval);
            Assert.Equal(fire, timetable.LatestAtOrBefore(next.RunAfter.AddTicks(-1)));
            Assert.Equal(next, timetable.LatestAtOrBefore(next.RunAfter));
            fire = next;
        }
    }

    [Fact]
    public void A_plan_says_what_daylight_saving_did()
    {
        var spring = TimetablePlan.Next(Timetable.CronPoint("30 2 * * *", "America/New_York"), At("2026-03-07T12:00:00Z"), 2);
        var autumn = TimetablePlan.Next(Timetable.CronPoint("0 * * * *", "America/New_York"), At("2026-11-01T04:30:00Z"), 3);

        Assert.Contains("jumps forward", spring[0].Note, StringComparison.Ordinal);
        Assert.Null(spring[1].Note);
        Assert.Contains("offset changed", TimetablePlan.Next(Timetable.CronPoint("0 12 * * *", "America/New_York"),
            At("2026-03-07T12:00:00Z"), 2)[1].Note, StringComparison.Ordinal);
        Assert.Equal(["the hour repeats: first pass", "the hour repeats: second pass"], autumn.Take(2).Select(line => line.Note));
    }

    [Theory]
    [InlineData("*/5 * * * *")]
    [InlineData("*/10 * * * * *")]
    [InlineData("@daily")]
    public void Next_and_latest_agree(string cron)
    {
        var timetable = Timetable.Cron(cron, "America/New_York");
        var instant = At("2026-03-08T06:59:59Z");
        for (var i = 0; i < 500; i++)
        {
            var next = timetable.NextAfter(instant)!.Value;
            Assert.True(next.RunAfter > instant);
            Assert.Equal(next, timetable.LatestAtOrBefore(next.RunAfter));
            Assert.Equal(next.Interval.End, next.RunAfter);
            instant = next.RunAfter;
        }
    }

    [Fact]
    public void Every_timetable_reads_back_from_its_specification()
    {
        ITimetable[] timetables =
        [
            Timetable.Manual, Timetable.Once(), Timetable.OnceAt(EngineHarness.Start),
                Timetable.Every(TimeSpan.FromMinutes(7), EngineHarness.Start),
            Timetable.EveryMonths(1, EngineHarness.Start), Timetable.Cron("0 6 * * *", "Europe/Berlin"), Timetable.CronPoint("@hourly"),
            Timetable.Union(Timetable.Cron("0 6 * * *"), Timetable.Cron("0 18 * * *")),
        ];
        foreach (var timetable in timetables)
        {
            var read = Timetable.Parse(timetable.Specification);

            Assert.Equal(timetable.Summary, read.Summary);
            Assert.Equal(timetable.NextAfter(EngineHarness.Start), read.NextAfter(EngineHarness.Start));
        }
    }

    [Fact]
    public void A_specification_that_is_none_is_refused()
    {
        Assert.Throws<TimetableException>(() => Timetable.Parse("x"));
        Assert.Throws<TimetableException>(() => Timetable.Parse("""{"kind":"lunar"}"""));
        Assert.Throws<TimetableException>(() => Timetable.Parse("""{"kind":"every","periodMs":0}"""));
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
