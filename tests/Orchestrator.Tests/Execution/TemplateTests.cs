using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;

namespace DataPlatform.Orchestrator.Tests.Execution;

public sealed class TemplateTests
{
    [Theory]
    [InlineData("{{dag}}/{{run}}/{{task}}#{{try}}@{{epoch}}", "d/7/b#2@5")]
    [InlineData("{{ logical_date }}", "2026-03-28T12:00:00Z")]
    [InlineData("{{logical_date|date}}", "2026-03-28")]
    [InlineData("{{ logical_date | format:'yyyy/MM/dd HH' }}", "2026/03/28 12")]
    [InlineData("{{ logical_date | zone:Europe/Berlin }}", "2026-03-28T13:00:00+01:00")]
    [InlineData("{{ logical_date | unix }}", "1774699200")]
    [InlineData("{{ logical_date | zone:Europe/Berlin | days:1 }}", "2026-03-29T13:00:00+02:00")]
    [InlineData("{{ logical_date | zone:Europe/Berlin | add:24h }}", "2026-03-29T14:00:00+02:00")]
    [InlineData("{{ logical_date | zone:Europe/Berlin | start:day | days:1 | add:2h }}", "2026-03-29T03:00:00+02:00")]
    [InlineData("{{ logical_date | zone:America/New_York | start:month | date }}", "2026-03-01")]
    [InlineData("{{ logical_date | start:week | date }}", "2026-03-23")]
    [InlineData("{{ logical_date | months:-1 | date }}", "2026-02-28")]
    [InlineData("{{ params.day | days:1 | date }}", "2026-02-01")]
    [InlineData("{{ params.day | months:1 | date }}", "2026-02-28")]
    [InlineData("{{ params.name }}", "O'Hara; rm -rf /")]
    [InlineData("{{ params.name | sh }}", "'O'\\''Hara; rm -rf /'")]
    [InlineData("{{ params.name | sql }}", "'O''Hara; rm -rf /'")]
    [InlineData("{{ params.name | upper }}", "O'HARA; RM -RF /")]
    [InlineData("{{ params.name | json }}", "\"O\\u0027Hara; rm -rf /\"")]
    [InlineData("{{ params.table | id }}", "\"a\"\"b\"")]
    [InlineData("{{ params.absent | default:'all of | it' }}", "all of | it")]
    [InlineData("{{ xcom.a }} {{ xcom.a | sql }}", "[1,2] 1, 2")]
    [InlineData("{{ xcom.g.x.rows }}", "9")]
    [InlineData("{{ conf.region }}", "west")]
    [InlineData("{{'{{'}}x}}", "{{x}}")]
    [InlineData("{{.Names}} {single} }}", "{{.Names}} {single} }}")]
    public void A_placeholder_is_filled(string text, string expected) => Assert.Equal(expected, Template.Render(text, TestTry.Context()));

    [Theory]
    [InlineData("{{ nothing }}", "no value")]
    [InlineData("{{ params.absent }}", "no value")]
    [InlineData("{{ dag | shout }}", "no filter 'shout'")]
    [InlineData("{{ dag | date }}", "is 'd', which is no instant")]
    [InlineData("{{ logical_date | zone:Mars/Base }}", "'Mars/Base', which is not known")]
    [InlineData("{{ logical_date | add:soon }}", "'soon', which is no duration")]
    [InlineData("{{ logical_date | days }}", "needs a value")]
    [InlineData("{{ dag | upper:1 }}", "takes no value")]
    [InlineData("{{ logical_date | start:noon }}", "none of hour")]
    [InlineData("{{ dag", "not closed")]
    [InlineData("{{ dag | default:'x }}", "not closed")]
    [InlineData("{{ a b }}", "'a b'")]
    public void A_placeholder_that_cannot_be_filled_fails_the_try_for_good(string text, string reason)
    {
        var error = Assert.Throws<TaskFailedException>(() => Template.Render(text, TestTry.Context()));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains("task 'b'", error.Message, StringComparison.Ordinal);
        Assert.False(error.MayRetry);
    }

    /// <summary>A day of the wall clock across both changes of the clocks, into the gap and into the fold.</summary>
    [Theory]
    [InlineData("2026-03-28T01:30:00Z", "Europe/Berlin", 1, "2026-03-29T01:00:00Z")]
    [InlineData("2026-03-27T01:30:00Z", "Europe/Berlin", 3, "2026-03-30T00:30:00Z")]
    [InlineData("2026-10-24T00:30:00Z", "Europe/Berlin", 1, "2026-10-25T00:30:00Z")]
    [InlineData("2026-10-25T01:30:00Z", "Europe/Berlin", 1, "2026-10-26T01:30:00Z")]
    [InlineData("2026-03-07T07:30:00Z", "America/New_York", 1, "2026-03-08T07:00:00Z")]
    [InlineData("2026-10-31T05:30:00Z", "America/New_York", 1, "2026-11-01T05:30:00Z")]
    [InlineData("2026-01-31T12:00:00Z", "UTC", 28, "2026-02-28T12:00:00Z")]
    public void Days_keep_the_wall_clock(string from, string zone, int days, string expected)
    {
        var time = new ZonedTime(DateTimeOffset.Parse(from, null), TimeZoneInfo.FindSystemTimeZoneById(zone)).AddDays(days);

        Assert.Equal(DateTimeOffset.Parse(expected, null), time.Instant);
    }

    [Fact]
    public void An_hour_begins_within_its_own_pass_of_the_fold()
    {
        var berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

        Assert.Equal(
            [new DateTimeOffset(2026, 10, 25, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 10, 25, 1, 0, 0, TimeSpan.Zero)],
            new[] { 0, 1 }.Select(hour => new ZonedTime(new DateTimeOffset(2026, 10, 25, hour, 30, 0, TimeSpan.Zero),
                berlin).StartOf("hour")!.Value.Instant));
    }

    [Theory]
    [InlineData("{{ params.nope }}", "names the parameter 'nope', which the DAG does not have")]
    [InlineData("{{ xcom.later }}", "names the task 'later', which does not come before it")]
    [InlineData("{{ logical_dat }}", "is no name; there are dag, run")]
    [InlineData("{{ item }}", "but it is not mapped")]
    [InlineData("{{ dag | shout }}", "has no filter 'shout'")]
    public void A_command_with_a_wrong_placeholder_is_refused_when_the_dag_is_built(string argument, string reason)
    {
        var builder = new DagBuilder("d").Param("day", ParamType.String, "x").Task("a", (_, _) => Task.FromResult(1))
            .Command("b", "echo", ["{{params.day}}", "{{ xcom.a }}", argument], t => t.After("a"))
            .Task("later", (_, _) => Task.FromResult(1), t => t.After("b"));

        var problem = Assert.Single(Assert.Throws<DagException>(builder.Build).Problems);

        Assert.Equal("b", problem.Place);
        Assert.Contains(reason, problem.Message, StringComparison.Ordinal);
    }
}
