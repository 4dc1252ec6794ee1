using System.Globalization;
using System.Text.Json;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Schedules;
using DataPlatform.Orchestrator.Testing;

namespace DataPlatform.Orchestrator.Tests.Schedules;

public sealed class CronDialectTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // February 2026 begins on a Sunday; its Fridays are the 6th, 13th, 20th and 27th.
    [Theory]
    [InlineData("0 0 13 * 5", CronDialect.Cronos, "02-13 03-13 11-13")]
    [InlineData("0 0 13 * 5", CronDialect.Vixie, "02-06 02-13 02-20 02-27 03-06")]
    [InlineData("0 0 1,15 * MON", CronDialect.Vixie, "02-02 02-09 02-15 02-16 02-23 03-01 03-02")]
    [InlineData("0 0 */2 * 5", CronDialect.Vixie, "02-13 02-27 03-13")]
    [InlineData("0 0 13 * *", CronDialect.Vixie, "02-13 03-13")]
    [InlineData("0 0 * * 5", CronDialect.Vixie, "02-06 02-13")]
    [InlineData("30 0 0 13 * 5", CronDialect.Vixie, "02-06 02-13 02-20")]
    [InlineData("@weekly", CronDialect.Vixie, "02-08 02-15")]
    public void Both_day_fields_mean_both_in_Cronos_and_either_in_Vixie(string cron, CronDialect dialect, string expected)
    {
        var timetable = Timetable.CronPoint(cron, dialect: dialect);

        var plan = TimetablePlan.Next(timetable, At("2026-02-01T12:00:00Z"), expected.Split(' ').Length);

        Assert.Equal(expected, string.Join(' ', plan.Select(line => line.Fire.RunAfter.ToString("MM-dd", CultureInfo.InvariantCulture))));
        Assert.Equal(plan, TimetablePlan.Next(Timetable.Parse(timetable.Specification), At("2026-02-01T12:00:00Z"), plan.Count));
    }

    [Fact]
    public void Intervals_of_vixie_cron_join_over_a_year_with_clock_changes()
    {
        var timetable = Timetable.Cron("30 2 1,15 * 0", "America/New_York", CronDialect.Vixie);
        var fire = timetable.NextAfter(At("2026-01-01T12:00:00Z"))!.Value;
        while (fire.RunAfter.Year < 2027)
        {
            var next = timetable.NextAfter(fire.RunAfter)!.Value;
            Assert.Equal(new DataInterval(fire.RunAfter, next.RunAfter), next.Interval);
            Assert.Equal(fire, timetable.LatestAtOrBefore(next.RunAfter.AddTicks(-1)));
            fire = next;
        }
    }

    [Fact]
    public void H_is_chosen_by_the_name_of_the_dag_and_is_the_same_in_every_process()
    {
        var first = Daily("sales", "H H * * *");
        var second = Daily("stock", "H H * * *");

        // Fixed values: another process, machine or version must come to the same.
        Assert.Equal("02:33:00 17:41:00", $"{Next(first)} {Next(second)}");
        Assert.Equal(Next(first), Next(Daily("sales", "H H * * *")));
        Assert.Equal(first.Timetable.NextAfter(default), Timetable.Parse(first.Timetable.Specification).NextAfter(default));
        Assert.Equal("00:00:00", Next(Daily("sales", "@daily")));
        Assert.Equal("00:00:00", Next(Daily("sales", "0 0 * * THU")));

        static Dag Daily(string id, string cron) =>
            new DagBuilder(id).Schedule(Timetable.CronPoint(cron)).Task("a", (_, _) => Task.CompletedTask).Build();
        static string Next(Dag dag) => dag.Timetable.NextAfter(At("2026-01-01T00:00:00Z"))!.Value.RunAfter.ToString("HH:mm:ss", CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Jitter_starts_runs_later_and_leaves_interval_and_logical_date()
    {
        var dags = Enumerable.Range(0, 200).Select(i => new DagBuilder($"d{i}")
            .Schedule(Timetable.Jitter(Timetable.Cron("0 0 * * *", "Europe/Berlin"), TimeSpan.FromMinutes(10)))
            .Task("a", (_, _) => Task.CompletedTask).Build()).ToList();
        await using var host = await OrchestratorTestHost.StartAsync(dags, cancellationToken: Token);
        await host.AdvanceAsync(TimeSpan.FromDays(2), Token);

        var midnight = At("2026-01-01T23:00:00Z");
        var offsets = new List<TimeSpan>();
        foreach (var dag in dags)
        {
            var runs = await host.RunsAsync(dag.Id, Token);
            Assert.Equal([midnight.AddDays(-1), midnight], runs.Select(run => run.LogicalDate));
            Assert.Equal([midnight, midnight.AddDays(1)], runs.Select(run => run.Interval.End));
            Assert.Equal(runs[0].RunAfter.AddDays(1), runs[1].RunAfter);
            Assert.Equal(runs[0].RunAfter, runs[0].StartedAt);
            offsets.Add(runs[0].RunAfter - midnight);
        }

        Assert.All(offsets, offset => Assert.InRange(offset, TimeSpan.Zero, TimeSpan.FromMinutes(10)));
        Assert.InRange(offsets.Count(offset => offset < TimeSpan.FromMinutes(5)), 70, 130);
        Assert.InRange(offsets.Distinct().Count(), 120, 200);
    }

    [Fact]
    public void Jitter_keeps_the_notes_on_clock_changes_and_reads_back()
    {
        var dag = new DagBuilder("sales").Schedule(Timetable.Jitter(Timetable.CronPoint("30 2 * * *", "America/New_York"), TimeSpan.FromHours(1)))
            .Task("a", (_, _) => Task.CompletedTask).Build();

        var plan = TimetablePlan.Next(dag.Timetable, At("2026-03-07T12:00:00Z"), 2);

        Assert.Contains("jumps forward", plan[0].Note, StringComparison.Ordinal);
        Assert.Equal(plan, TimetablePlan.Next(Timetable.Parse(dag.Timetable.Specification), At("2026-03-07T12:00:00Z"), 2));
        Assert.Contains("jitter", dag.Timetable.Summary, StringComparison.Ordinal);
        Assert.True(JsonDocument.Parse(dag.Timetable.Specification).RootElement.TryGetProperty("seed", out _));
        Assert.Throws<TimetableException>(() => Timetable.Jitter(Timetable.Once(), TimeSpan.FromMinutes(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Timetable.Jitter(Timetable.Every(TimeSpan.FromHours(1)), TimeSpan.Zero));
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
