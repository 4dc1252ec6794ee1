using System.Globalization;
using DataPlatform.Orchestrator.Schedules;

namespace DataPlatform.Orchestrator.Tests.Schedules;

public sealed class ScheduleCursorTests
{
    private static readonly ITimetable Hourly = Timetable.Cron("0 * * * *");

    [Fact]
    public void The_first_run_of_a_dag_with_a_start_is_one_period_after_it()
    {
        var next = ScheduleCursor.Next(Hourly, catchup: true, At("10:00"), At("14:30"), last: null, At("14:30"));

        Assert.Equal(At("10:00"), next!.Value.LogicalDate);
        Assert.Equal(At("11:00"), next.Value.RunAfter);
    }

    [Fact]
    public void Without_a_start_the_first_run_is_the_next_after_registration() =>
        Assert.Equal(At("15:00"), ScheduleCursor.Next(Hourly, catchup: false, null, At("14:30"), last: null, At("14:30"))!.Value.RunAfter);

    [Fact]
    public void After_a_gap_without_catchup_only_the_latest_complete_interval_runs()
    {
        var last = Hourly.NextAfter(At("09:30"))!.Value;

        Assert.Equal(At("14:00"), ScheduleCursor.Next(Hourly, catchup: false, null, At("08:00"), last, At("14:30"))!.Value.RunAfter);
        Assert.Equal(At("11:00"), ScheduleCursor.Next(Hourly, catchup: true, null, At("08:00"), last, At("14:30"))!.Value.RunAfter);
    }

    [Fact]
    public void An_interval_that_has_not_ended_is_never_due()
    {
        var last = Hourly.NextAfter(At("13:30"))!.Value;

        Assert.True(ScheduleCursor.Next(Hourly, catchup: false, null, At("08:00"), last, At("14:30"))!.Value.RunAfter > At("14:30"));
    }

    [Fact]
    public void A_change_from_points_to_intervals_does_not_run_a_logical_date_twice()
    {
        var point = Timetable.CronPoint("0 * * * *").NextAfter(At("09:30"))!.Value;

        var next = ScheduleCursor.Next(Hourly, catchup: true, null, At("08:00"), point, At("10:30"))!.Value;

        Assert.Equal(At("11:00"), next.LogicalDate);
    }

    [Fact]
    public void Once_fires_at_registration_and_never_again()
    {
        var fire = ScheduleCursor.Next(Timetable.Once(), catchup: false, null, At("08:00"), last: null, At("08:00"));

        Assert.True(fire!.Value.RunAfter <= At("08:00"));
        Assert.Null(ScheduleCursor.Next(Timetable.Once(), catchup: false, null, At("08:00"), fire, At("09:00")));
    }

    private static DateTimeOffset At(string time) => DateTimeOffset.Parse("2026-01-05T" + time + ":00Z", CultureInfo.InvariantCulture);
}
