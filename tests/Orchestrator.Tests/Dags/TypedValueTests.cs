using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Tests.Dags;

public sealed class TypedValueTests
{
    private static readonly Func<TaskContext, CancellationToken, Task> Nothing = (_, _) => Task.CompletedTask;

    [Fact]
    public async Task Values_flow_from_task_to_task_by_handle()
    {
        var reported = string.Empty;
        var dag = new DagBuilder("d")
            .Task("files", (_, _) => Task.FromResult(new List<string> { "a", "bb", "ccc" }), out var files)
            .MapTask("size", files, (_, file, _) => Task.FromResult(file.Length), out var size)
            .Task("sum", size.All, (_, sizes, _) => Task.FromResult(sizes.Sum()), out var sum)
            .Task("skipped", (_, _) => throw new TaskSkippedException("no"), out TaskValue<string> skipped)
            .Task("both", sum, skipped.OrDefault, (_, total, text, _) => Task.FromResult($"{total} {text ?? "none"}"), out var both,
                t => t.TriggerRule(TriggerRule.NoneFailed))
            .Task("report", both, (_, text, _) =>
            {
                reported = text;
                return Task.CompletedTask;
            })
            .Build();
        await using var engine = await EngineHarness.StartAsync(dag);

        var run = await engine.RunAsync("d");

        Assert.Equal((DagRunState.Success, "6 none"), (run.State, reported));
        Assert.Equal(["files"], dag.Task("size").Upstream);
        Assert.Equal(["sum", "skipped"], dag.Task("both").Upstream);
    }

    [Fact]
    public async Task A_value_that_is_not_there_fails_the_task_that_takes_it_unless_the_default_will_do()
    {
        await using var engine = await EngineHarness.StartAsync(new DagBuilder("d")
            .Task("a", (_, _) => Task.FromResult<string?>(null), out var a)
            .Task("b", a, (_, _, _) => Task.CompletedTask, t => t.Retries(3))
            .Task("c", a.OrDefault, (_, text, _) => Task.FromResult(text ?? "nothing")).Build());

        var run = await engine.RunAsync("d");

        var task = await engine.TaskAsync(run.Id, "b");
        Assert.Equal((TaskState.Failed, 1), (task.State, task.Try));
        Assert.Equal("task 'b' takes 'return_value' of 'a', which gave none: it was skipped or returned null.", task.Note);
        Assert.Equal(TaskState.Success, (await engine.TaskAsync(run.Id, "c")).State);
    }

    [Fact]
    public async Task A_value_named_in_a_group_is_that_of_the_sibling()
    {
        await using var engine = await EngineHarness.StartAsync(new DagBuilder("d").Task("a", (_, _) => Task.FromResult("outer"))
            .Group("g", g => g.Task("a", (_, _) => Task.FromResult("inner")).Task("b", TaskValue.Of<string>("a"), (_, text, _) =>
                Task.FromResult(text))).Build());

        var run = await engine.RunAsync("d");

        var values = await engine.Store.ListXComsAsync(run.Id, TestContext.Current.CancellationToken);
        Assert.Equal("\"inner\"", values.Single(value => value.TaskId == "g.b").Json);
    }

    public static TheoryData<string, Func<DagBuilder, DagBuilder>> Mismatches => new()
    {
        {
            "task 'b' takes the value of 'a' as List<string>, but 'a' gives int: a number is not a list.",
            d => d.Task("a", (_, _) => Task.FromResult(1)).Task("b", TaskValue.Of<List<string>>("a"), (_, _, _) => Task.CompletedTask)
        },
        {
            "task 'b' takes the value of 'a', which gives none.",
            d => d.Task("a", Nothing).Task("b", TaskValue.Of<int>("a"), (_, _, _) => Task.CompletedTask)
        },
        {
            "task 'c' takes the value of 'b', which is mapped: take the list of all its values.",
            d => d.Task("a", (_, _) => Task.FromResult(new[] { 1 }), out var a).MapTask("b", a, (_, i, _) => Task.FromResult(i), out var b)
                .Task("c", b, (_, _, _) => Task.CompletedTask)
        },
        {
            "task 'b' takes the values of all instances of 'a', which is not mapped: take its value.",
            d => d.Task("a", (_, _) => Task.FromResult(1), out var a).Task("b", a.All, (_, _, _) => Task.CompletedTask)
        },
        {
            "'b' is mapped over 'a', which gives string: only a list can be mapped over.",
            d => d.Task("a", (_, _) => Task.FromResult("text")).MapTask<char>("b", MapSource.Over("a"), (_, _, _) => Task.CompletedTask)
        },
        {
            "task 'b' takes an item as int, but 'a' gives items of string: a text is not a number.",
            d => d.Task("a", (_, _) => Task.FromResult(new[] { "x" })).MapTask<int>("b", MapSource.Over("a"), (_, _, _) =>
                Task.CompletedTask)
        },
        {
            "task 'c' takes an item as string, but 'b' gives items of int: a number is not a text.",
            d => d.Task("a", (_, _) => Task.FromResult(new[] { 1 }), out var a).MapTask("b", a, (_, i, _) => Task.FromResult(i), out _)
                .MapTask<string>("c", MapSource.Over("b"), (_, _, _) => Task.CompletedTask)
        },
        {
            "task 'a' returns MemoryStream, which is not serialisable: return a value that can be written as JSON, or the name of a thing that is kept elsewhere.",
            d => d.Task("a", (_, _) => Task.FromResult(new MemoryStream()))
        },
        {
            "task 'a' comes after 'x', which does not exist.",
            d => d.Task("a", TaskValue.Of<int>("x"), (_, _, _) => Task.CompletedTask)
        },
    };

    [Theory]
    [MemberData(nameof(Mismatches))]
    public void A_mismatch_is_refused_and_names_both(string message, Func<DagBuilder, DagBuilder> define)
    {
        var error = Assert.Throws<DagException>(define(new DagBuilder("d")).Build);

        Assert.Equal(message, Assert.Single(error.Problems).Message);
        Assert.Equal($"DAG 'd': {message}", error.Message);
    }

    [Fact]
    public void Everything_that_is_wrong_is_said_at_once()
    {
        var error = Assert.Throws<DagException>(new DagBuilder("d")
            .Schedule(Orchestrator.Schedules.Timetable.Cron("0 0 30 2 *"))
            .Task("a", (_, _) => Task.FromResult(1))
            .Task("b", TaskValue.Of<string>("a"), (_, _, _) => Task.CompletedTask, t => t.After("c"))
            .Task("c", Nothing, t => t.After("b")).Build);

        Assert.Equal(3, error.Problems.Count);
        Assert.StartsWith("DAG 'd': \n  1. its timetable", error.Message, StringComparison.Ordinal);
        Assert.Contains("a cycle: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Types_are_facts_of_the_code_and_change_no_hash()
    {
        var typed = new DagBuilder("d").Task("a", (_, _) => Task.FromResult(1), out var a).Task("b", a, (_, _, _) =>
            Task.CompletedTask).Build();
        var plain = new DagBuilder("d").Task("a", Nothing).Task("b", Nothing, t => t.After("a")).Build();

        Assert.Equal(plain.Hash, typed.Hash);
    }

    [Fact]
    public void A_version_that_was_registered_is_read_back_whatever_today_s_code_gives()
    {
        var old = new DagBuilder("d").Task("a", (_, _) => Task.FromResult(new[] { 1 }), out var a).MapTask("b", a, (_, i, _) =>
            Task.FromResult(i), out _).Build();
        var registered = new DagBuilder("d").Task("a", (_, _) => Task.FromResult("text")).Task("b", Nothing).Build();

        Assert.Equal(old.Hash, DagDocument.Read(old.Model, registered).Hash);
    }

    [Fact]
    public void A_command_and_what_a_sensor_does_are_data_of_the_version()
    {
        static Dag With(string word) =>
            new DagBuilder("d").Command("a", "echo", [word], environment: new Dictionary<string, string> { ["B"] = "2", ["A"] = "1" })
            .Sensor("s", (_, _) => Task.FromResult(true), new SensorOptions(TimeSpan.FromSeconds(word.Length))).Build();
        var (old, registered) = (With("one"), With("three"));

        var read = DagDocument.Read(old.Model, registered);

        Assert.NotEqual(old.Hash, registered.Hash);
        Assert.Equal(old.Hash, read.Hash);
        Assert.Equal(["one"], Assert.IsType<CommandBody>(read.Task("a").Body).Arguments);
        Assert.Equal(TimeSpan.FromSeconds(3), Assert.IsType<SensorBody>(read.Task("s").Body).Options.Interval);
    }
}
