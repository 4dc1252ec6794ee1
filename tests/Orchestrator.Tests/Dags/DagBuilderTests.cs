using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Schedules;

namespace DataPlatform.Orchestrator.Tests.Dags;

public sealed class DagBuilderTests
{
    private static readonly Func<TaskContext, CancellationToken, Task> Nothing = (_, _) => Task.CompletedTask;

    [Fact]
    public void A_cycle_is_named_by_its_path()
    {
        var builder = new DagBuilder("d")
            .Task("start", Nothing)
            .Task("a", Nothing, t => t.After("start", "c"))
            .Task("b", Nothing, t => t.After("a"))
            .Task("c", Nothing, t => t.After("b"))
            .Task("end", Nothing, t => t.After("c"));

        var error = Assert.Throws<DagException>(builder.Build);

        Assert.Equal("DAG 'd': a cycle: c -> a -> b -> c.", Rotate(error.Message));
        Assert.Equal(Kernel.ErrorKind.Invalid, error.Kind);
    }

    [Fact]
    public void A_task_after_itself_is_a_cycle() =>
        Assert.Contains("a cycle: a -> a", Assert.Throws<DagException>(new DagBuilder("d").Task("a", Nothing, t => t.After("a")).Build)
            .Message, StringComparison.Ordinal);

    [Fact]
    public void An_unknown_upstream_is_named_with_the_task_that_wants_it() => Assert.Equal(
        "DAG 'd': task 'b' comes after 'x', which does not exist.",
        Assert.Throws<DagException>(new DagBuilder("d").Task("a", Nothing).Task("b", Nothing, t => t.After("x")).Build).Message);

    [Fact]
    public void A_task_id_is_used_once() => Assert.Equal(
        "DAG 'd': the task id 'a' is used twice.",
        Assert.Throws<DagException>(new DagBuilder("d").Task("a", Nothing).Task("a", Nothing).Build).Message);

    [Fact]
    public void A_cron_that_never_fires_is_refused() => Assert.Equal(
        "DAG 'd': its timetable cron '0 0 30 2 *' in UTC never fires.",
        Assert.Throws<DagException>(new DagBuilder("d").Schedule(Timetable.Cron("0 0 30 2 *")).Task("a", Nothing).Build).Message);

    [Fact]
    public void A_cron_or_zone_that_cannot_be_read_is_refused_with_its_text()
    {
        Assert.Contains("'61 * * * *'", Assert.Throws<TimetableException>(() => Timetable.Cron("61 * * * *")).Message,
            StringComparison.Ordinal);
        Assert.Contains("'Mars/Base'", Assert.Throws<TimetableException>(() => Timetable.Cron("* * * * *", "Mars/Base")).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("ä")]
    public void An_id_outside_the_alphabet_is_refused(string id) =>
        Assert.Contains(id, Assert.Throws<DagException>(new DagBuilder("d").Task(id, Nothing).Build).Message, StringComparison.Ordinal);

    [Fact]
    public void A_dag_without_tasks_is_refused() => Assert.Throws<DagException>(new DagBuilder("d").Build);

    [Fact]
    public void Tasks_are_in_topological_order_whatever_the_order_of_definition()
    {
        var dag = new DagBuilder("d").Task("c", Nothing, t => t.After("b")).Task("b", Nothing, t => t.After("a")).Task("a", Nothing)
            .Build();

        Assert.Equal(["a", "b", "c"], dag.Tasks.Select(task => task.Id));
        Assert.Equal([1], dag.Tasks[0].DownstreamNumbers);
        Assert.Equal([1], dag.Tasks[2].UpstreamNumbers);
        Assert.Equal([2], dag.Leaves);
    }

    [Fact]
    public void The_hash_changes_with_structure_and_version_and_with_nothing_else()
    {
        var hash = Simple().Build().Hash;

        Assert.Equal(hash, Simple().Build().Hash);
        Assert.NotEqual(hash, Simple().Version("2").Build().Hash);
        Assert.NotEqual(hash, Simple().Task("b", Nothing).Build().Hash);
        Assert.NotEqual(hash, Simple().Schedule(Timetable.Cron("@daily")).Build().Hash);

        static DagBuilder Simple() => new DagBuilder("d").Task("a", Nothing, t => t.Retries(2));
    }

    [Fact]
    public void A_stored_model_reads_back_to_the_same_hash_and_finds_its_code()
    {
        var dag = new DagBuilder("d").Description("x").Tags("t", "u").Schedule(Timetable.Cron("0 6 * * *", "Europe/Berlin"), catchup: true,
            EngineHarness.Start)
            .RunTimeout(TimeSpan.FromHours(1)).MaxActiveTasks(7)
            .Task("a", Nothing, t => t.Retries(2, Backoff.Exponential(TimeSpan.FromSeconds(3))).Pool("default", 2).Priority(5)
                .Timeout(TimeSpan.FromSeconds(9)))
            .Task("b", Nothing, t => t.After("a").TriggerRule(TriggerRule.AllDone).Queue("root.q").Resources(1, 2).Executor("e"))
            .Build();

        var read = DagDocument.Read(dag.Model, dag);

        Assert.Equal(dag.Hash, read.Hash);
        Assert.Equal(dag.Task("a") with { Upstream = [], UpstreamNumbers = [], DownstreamNumbers = [] },
            read.Task("a") with { Upstream = [], UpstreamNumbers = [], DownstreamNumbers = [] });
        Assert.IsType<MissingBody>(DagDocument.Read(dag.Model, null).Task("a").Body);
    }

    /// <summary>A cycle has no beginning: turn it so that it starts at its task with the greatest name.</summary>
    private static string Rotate(string message)
    {
        var path = message[(message.IndexOf("cycle: ", StringComparison.Ordinal) + 7)..^1].Split(" -> ")[..^1];
        var first = Array.IndexOf(path, path.Max());
        string[] turned = [.. path[first..], .. path[..first], path[first]];
        return message[..(message.IndexOf("cycle: ", StringComparison.Ordinal) + 7)] + string.Join(" -> ", turned) + ".";
    }
}
