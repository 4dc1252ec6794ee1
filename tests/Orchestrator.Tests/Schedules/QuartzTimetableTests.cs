using System.Globalization;
using CsCheck;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Quartz;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Schedules;
using Microsoft.Extensions.DependencyInjection;
using Quartz;
using Quartz.Impl.Calendar;

namespace DataPlatform.Orchestrator.Tests.Schedules;

public sealed class QuartzTimetableTests
{
    private static readonly DateTimeOffset Start = At("2026-01-01T08:00:00Z");

    private static readonly QuartzCalendar Business = QuartzCalendar.Weekly(DayOfWeek.Saturday, DayOfWeek.Sunday)
        .And(QuartzCalendar.Annual(new MonthDay(12, 25), new MonthDay(1, 1))).And(QuartzCalendar.Holidays(new DateOnly(2026, 1, 6)));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, ITimetable> Tables() => new()
    {
        {
            "last Friday of each month", "2026-01-30T08:00Z 2026-02-27T08:00Z 2026-03-27T08:00Z",
            QuartzTimetable.Recurrence("FREQ=MONTHLY;BYDAY=-1FR", Start, isPoint: true)
        },
        {
            "every second Tuesday and Thursday", "2026-01-01T08:00Z 2026-01-13T08:00Z 2026-01-15T08:00Z 2026-01-27T08:00Z",
            QuartzTimetable.Recurrence("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH", Start, isPoint: true)
        },
        {
            "business days of January", "2026-01-02T08:00Z 2026-01-05T08:00Z 2026-01-07T08:00Z 2026-01-08T08:00Z 2026-01-09T08:00Z 2026-01-12T08:00Z",
            QuartzTimetable.Every(1, IntervalUnit.Day, Start, calendar: Business, isPoint: true)
        },
        {
            "the 31st clamps and stays so", "2026-01-31T08:00Z 2026-02-28T08:00Z 2026-03-28T08:00Z 2026-04-28T08:00Z",
            QuartzTimetable.Every(1, IntervalUnit.Month, At("2026-01-31T08:00:00Z"), isPoint: true)
        },
        {
            "the hour stays over the change of clocks", "2026-03-28T08:00Z 2026-03-29T07:00Z 2026-03-30T07:00Z",
            QuartzTimetable.Every(1, IntervalUnit.Day, At("2026-03-28T08:00:00Z"), "Europe/Berlin", isPoint: true)
        },
        {
            "last working day of the month", "2026-01-30T18:00Z 2026-02-27T18:00Z 2026-03-31T18:00Z",
            QuartzTimetable.Cron("0 0 18 LW * ?", Start, isPoint: true)
        },
        {
            "third Wednesday until the year ends", "2026-01-21T18:00Z 2026-02-18T18:00Z 2026-03-18T18:00Z",
            QuartzTimetable.Cron("0 0 18 ? * 4#3 2026", Start, isPoint: true)
        },
        {
            "office hours", "2026-01-01T08:00Z 2026-01-01T12:00Z 2026-01-01T16:00Z 2026-01-02T08:00Z 2026-01-02T12:00Z 2026-01-02T16:00Z 2026-01-05T08:00Z",
            QuartzTimetable.Of(new QuartzSchedule
            {
                Kind = QuartzScheduleKind.DailyTimeInterval,
                Start = At("2026-01-01T00:00:00Z"),
                Interval = 4,
                Unit = IntervalUnit.Hour,
                DailyFrom = new TimeOnly(8, 0),
                DailyTo = new TimeOnly(17, 0),
                Days = [DayOfWeek.Monday, DayOfWeek.Tuesday, DayOfWeek.Wednesday, DayOfWeek.Thursday, DayOfWeek.Friday],
                IsPoint = true,
            })
        },
        {
            "not at night", "2026-01-01T12:00Z 2026-01-01T18:00Z 2026-01-02T12:00Z",
            QuartzTimetable.Cron("0 0 0/6 * * ?", Start, calendar: QuartzCalendar.Daily(new TimeOnly(0, 0), new TimeOnly(6, 30)), isPoint: true)
        },
        {
            "only at night", "2026-01-02T00:00Z 2026-01-02T06:00Z 2026-01-03T00:00Z",
            QuartzTimetable.Cron(
                "0 0 0/6 * * ?", Start, calendar: QuartzCalendar.Daily(new TimeOnly(0, 0), new TimeOnly(6, 30), isInverted: true), isPoint: true)
        },
        {
            "not on the first of a month nor in a cron's time", "2026-01-02T09:00Z 2026-01-03T08:00Z 2026-01-03T09:00Z",
            QuartzTimetable.Cron(
                "0 0 8,9 * * ?", Start, calendar: QuartzCalendar.Monthly(1).And(QuartzCalendar.Cron("* * 8 2 * ?")), isPoint: true)
        },
        {
            "days of a calendar in its own zone", "2026-01-03T23:30Z 2026-01-04T23:30Z",
            QuartzTimetable.Cron(
                "0 30 23 * * ?", At("2026-01-02T00:00:00Z"), calendar: QuartzCalendar.Holidays(new DateOnly(2026, 1, 3)).In("Europe/Berlin"), isPoint: true)
        },
    };

    [Theory]
    [MemberData(nameof(Tables))]
    public void Quartz_computes_the_fires_and_a_plan_shows_them(string what, string expected, ITimetable timetable)
    {
        var instants = expected.Split(' ');

        var plan = TimetablePlan.Next(timetable, At("2025-12-31T00:00:00Z"), instants.Length);

        Assert.True(
            instants.SequenceEqual(plan.Select(line => line.Fire.RunAfter.ToString("yyyy-MM-ddTHH:mmZ", CultureInfo.InvariantCulture))),
            $"{what}: {string.Join(' ', plan.Select(line => line.Fire.RunAfter.ToString("yyyy-MM-ddTHH:mmZ", CultureInfo.InvariantCulture)))}");
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public void A_specification_reads_back_as_the_same_timetable(string what, string expected, ITimetable timetable)
    {
        var again = Timetable.Parse(timetable.Specification);

        Assert.Equal(timetable.Specification, again.Specification);
        Assert.Equal(
            TimetablePlan.Next(timetable, Start, expected.Split(' ').Length), TimetablePlan.Next(again, Start, expected.Split(' ').Length));
        Assert.NotEqual(string.Empty, what + again.Summary);
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public void Looking_back_finds_what_looking_forward_found(string what, string expected, ITimetable timetable)
    {
        Assert.NotEqual(string.Empty, what + expected);
        Gen.Int[0, 60 * 24 * 200].Sample(minutes =>
        {
            var instant = At("2025-12-30T00:00:00Z").AddMinutes(minutes);
            var next = timetable.NextAfter(instant);
            Assert.True(next is null || next.Value.RunAfter > instant);
            Assert.True(next is null || timetable.LatestAtOrBefore(next.Value.RunAfter) == next);
            Assert.True(timetable.LatestAtOrBefore(instant) is not { } last || (last.RunAfter <= instant && timetable.NextAfter(last.RunAfter) == next));
        }, iter: 100, seed: "0001QuartzLk");
    }

    [Fact]
    public void Intervals_reach_from_one_business_day_to_the_next()
    {
        var timetable = QuartzTimetable.Every(1, IntervalUnit.Day, Start, "Europe/Berlin", Business);

        var plan = TimetablePlan.Next(timetable, Start.AddDays(-10), 3);

        // The first business day ends no interval; the week-end and Epiphany belong to the interval that they lie in.
        Assert.Equal(
            [("2026-01-02", "2026-01-05"), ("2026-01-05", "2026-01-07"), ("2026-01-07", "2026-01-08")],
            plan.Select(line => (Day(line.Fire.Interval.Start), Day(line.Fire.Interval.End))));
        Assert.All(plan, line => Assert.Equal(line.Fire.Interval.Start, line.Fire.LogicalDate));
    }

    [Fact]
    public void A_plan_has_notes_on_clock_changes()
    {
        var timetable = QuartzTimetable.Cron("0 30 2 * * ?", At("2026-03-01T00:00:00Z"), "America/New_York", isPoint: true);

        var plan = TimetablePlan.Next(timetable, At("2026-03-07T12:00:00Z"), 2);

        Assert.Contains("jumps forward", plan[0].Note, StringComparison.Ordinal);
        Assert.Null(plan[1].Note);
    }

    [Fact]
    public void The_calendar_enters_the_content_hash_and_what_never_fires_is_refused()
    {
        Assert.NotEqual(Hash(QuartzCalendar.Weekly(DayOfWeek.Sunday)), Hash(QuartzCalendar.Weekly(DayOfWeek.Saturday)));
        Assert.Equal(Hash(Business), Hash(Business));
        Assert.Contains(
            "never fires",
            Assert.Throws<DagException>(() => Hash(QuartzCalendar.Monthly(Enumerable.Range(1, 31)))).Message, StringComparison.Ordinal);
        Assert.Throws<TimetableException>(() => QuartzTimetable.Recurrence("FREQ=SOMETIMES", Start));
        Assert.Throws<TimetableException>(() => QuartzTimetable.Cron("0 0 8 * * ?", Start, "Mars/Olympus"));
        Assert.Throws<TimetableException>(() => QuartzTimetable.Every(0, IntervalUnit.Day, Start));

        static string Hash(QuartzCalendar calendar) => new DagBuilder("d")
            .Schedule(QuartzTimetable.Every(1, IntervalUnit.Day, Start, calendar: calendar)).Task("a", (_, _) => Task.CompletedTask).Build().Hash;
    }

    [Fact]
    public void An_existing_trigger_and_its_calendar_are_taken_over()
    {
        var holidays = new HolidayCalendar(new WeeklyCalendar());
        holidays.AddExcludedDay(new DateOnly(2026, 1, 6));
        var trigger = TriggerBuilder.Create().WithIdentity("t").StartAt(Start).WithCalendarName("business")
            .WithCalendarIntervalSchedule(s => s.WithInterval(1, IntervalUnit.Day)
                .WithMisfireInstruction(CalendarIntervalTriggerMisfireInstruction.IgnoreMisfires)).Build();

        var timetable = QuartzTimetable.From(trigger, holidays, isPoint: true);

        Assert.Equal(
            ["2026-01-01", "2026-01-02", "2026-01-05", "2026-01-07"],
            TimetablePlan.Next(timetable, Start.AddDays(-1), 4).Select(line => Day(line.Fire.RunAfter)));
        Assert.True(QuartzTimetable.CatchupOf(trigger));
        Assert.False(QuartzTimetable.CatchupOf(TriggerBuilder.Create().WithCronSchedule("0 0 8 * * ?", s => s
            .WithMisfireInstruction(CronTriggerMisfireInstruction.DoNothing)).Build()));
        Assert.Contains("business", Assert.Throws<TimetableException>(() => QuartzTimetable.From(trigger)).Message, StringComparison.Ordinal);
        Assert.Throws<TimetableException>(() => QuartzTimetable.From(TriggerBuilder.Create().WithSimpleSchedule(TimeSpan.FromHours(1)).Build()));
    }

    [Fact]
    public async Task A_quartz_job_starts_one_run_for_each_fire_also_when_it_is_delivered_twice()
    {
        await using var host = await EngineHarness.StartAsync(new DagBuilder("mart").Param("day", ParamType.String)
            .Task("a", (_, _) => Task.CompletedTask).Build());
        var fired = new TaskCompletionSource<IJobExecutionContext>(TaskCreationOptions.RunContinuationsAsynchronously);
        var builder = QuartzSchedulerBuilder.Create(quartz =>
        {
            quartz.Services.AddSingleton(host.Engine);
            quartz.AddJobListener(new Catcher(fired), []);
        });
        await using var scheduler = await builder.BuildScheduler(Token);
        await scheduler.Start(Token);
        var job = JobBuilder.Create<DagTriggerJob>().WithIdentity("nightly").UsingJobData(DagTriggerJob.DagKey, "mart")
            .UsingJobData(DagTriggerJob.ConfKey, """{"day":"today"}""").Build();
        await scheduler.ScheduleJob(job, TriggerBuilder.Create().WithIdentity("at-once", "lake").StartNow().Build(), cancellationToken: Token);

        var context = await fired.Task.WaitAsync(Token);
        await new DagTriggerJob(host.Engine).Execute(context, Token);

        var run = Assert.Single(await host.RunsAsync("mart"));
        Assert.Equal(context.ScheduledFireTimeUtc!.Value.ToUniversalTime(), run.LogicalDate);
        Assert.Equal(DagTriggerJob.KeyOf(new TriggerKey("at-once", "lake"), run.LogicalDate), run.IdempotencyKey);
        Assert.Equal("""{"day":"today"}""", run.Conf);
        Assert.Equal(DagRunState.Success, (await host.Engine.WaitForRunAsync(run.Id, Token)).State);
    }

    private static string Day(DateTimeOffset instant) => instant.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private sealed class Catcher(TaskCompletionSource<IJobExecutionContext> fired) : IJobListener
    {
        public string Name => "catcher";

        public ValueTask JobExecutionVetoed(IJobExecutionContext context, CancellationToken cancellationToken = default) => default;

        public ValueTask JobToBeExecuted(IJobExecutionContext context, CancellationToken cancellationToken = default) => default;

        public ValueTask JobWasExecuted(
            IJobExecutionContext context, JobExecutionException? jobException, CancellationToken cancellationToken = default)
        {
            _ = jobException is null ? fired.TrySetResult(context) : fired.TrySetException(jobException);
            return default;
        }
    }
}
