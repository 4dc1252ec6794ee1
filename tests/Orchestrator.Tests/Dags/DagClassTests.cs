using System.Collections.Concurrent;
using System.Text.Json;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Dags.TaskFlow;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Schedules;

namespace DataPlatform.Orchestrator.Tests.Dags;

#pragma warning disable CA1822 // A task is a method of its class, whether or not it looks at the instance.

public sealed class DagClassTests
{
    public enum Speed
    {
        Slow,
        Fast,
    }

    [Dag("mart", Schedule = "0 6 * * *", Zone = "Europe/Berlin", Catchup = true, Start = "2026-01-01T00:00:00Z",
        Description = "The mart of the day.",
        Tags = ["daily"], MaxActiveRuns = 2, RunTimeout = "2h", Deadline = "90m", Version = "3")]
    [TaskGroup("each", MapOver = [nameof(Extract)], Max = 50)]
    public sealed class Mart : IDisposable
    {
        public static readonly ConcurrentQueue<string> Said = new();

        [Task(Retries = 2, Backoff = "5s", Pool = "default", PoolSlots = 2, Priority = 7, Timeout = "5m")]
        public Task<List<string>> Extract(TaskContext context, CancellationToken cancellationToken,
            [Param(Minimum = 1, Maximum = 9)] int days = 3)
            => Task.FromResult(Enumerable.Range(0, days).Select(i => $"{context.DagId}-{i}").ToList());

        [Task]
        [MapOver(nameof(Extract))]
        public static int LoadAsync(string file) => file.Length;

        [Task]
        [Group("each")]
        public ValueTask<string> Fetch(string file) => new(file.ToUpperInvariant());

        [Task(MaxActivePerRun = 2)]
        [Group("each")]
        public string Store(string fetch, [Param] Speed speed = Speed.Fast) => $"{fetch} {speed}";

        [Task]
        public async Task<int> Total(IReadOnlyList<int> load)
        {
            await Task.Yield();
            return load.Sum();
        }

        [Branch]
        public string Choose(int total) => total > 0 ? nameof(Report) : "nothing";

        [Task]
        [After(nameof(Choose))]
        public void Report([From(nameof(Total))] int sum, [From("each.store")] List<string> stored) => Said.Enqueue($"{sum}: {string.Join(", ", stored)}");

        [Task]
        [After(nameof(Choose))]
        public void Nothing() => Said.Enqueue("nothing");

        public void Dispose() => Said.Enqueue("disposed");

        public void Helper()
        {
        }
    }

    private static DagBuilder SameAsMart() => new DagBuilder("mart").Description("The mart of the day.").Version("3").Tags("daily")
        .Schedule(Timetable.Cron("0 6 * * *", "Europe/Berlin"), true, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))
        .MaxActiveRuns(2).RunTimeout(TimeSpan.FromHours(2)).Deadline(TimeSpan.FromMinutes(90))
        .Param("days", ParamType.Integer, 3, rules: ParamRules.Between(1, 9))
        .Param("speed", ParamType.String, "Fast", rules: ParamRules.OneOf("Slow", "Fast"))
        .Task("extract", (_, _) => Task.FromResult(new List<string>()), out var files,
            t => t.Retries(2, Backoff.Exponential(TimeSpan.FromSeconds(5))).Pool("default", 2).Priority(7).Timeout(TimeSpan.FromMinutes(5)))
        .MapTask("load", files, (_, file, _) => Task.FromResult(file.Length), out var load)
        .MapGroup("each", files, (g, file) => g
            .Task("fetch", file, (_, f, _) => Task.FromResult(f), out var fetched)
            .Task("store", fetched, (_, f, _) => Task.FromResult(f), out _, t => t.MaxActivePerRun(2)), 50)
        .Task("total", load.All, (_, all, _) => Task.FromResult(all.Sum()), out var total)
        .Branch("choose", (_, _) => Task.FromResult<IReadOnlyList<string>>([]), t => t.After("total"))
        .Task("report", (_, _) => Task.CompletedTask, t => t.After("total", "each.store", "choose"))
        .Task("nothing", (_, _) => Task.CompletedTask, t => t.After("choose"));

    [Fact]
    public void A_class_and_the_builder_make_the_same_dag()
    {
        Assert.Equal(SameAsMart().Build().Model, DagClass.Of<Mart>().Model);
        Assert.Empty(DagClass.Check(typeof(Mart)));
    }

    [Fact]
    public async Task Values_parameters_items_and_choices_reach_the_methods()
    {
        Mart.Said.Clear();
        await using var engine = await EngineHarness.StartAsync(DagClass.Of<Mart>());
        await engine.Engine.PauseAsync("mart", TestContext.Current.CancellationToken);
        await engine.Engine.ResumeAsync("mart", TestContext.Current.CancellationToken);

        var run = await engine.RunAsync("mart", new { days = 2, speed = "Slow" });

        Assert.Equal(DagRunState.Success, run.State);
        Assert.Contains("12: MART-0 Slow, MART-1 Slow", Mart.Said);
        Assert.DoesNotContain("nothing", Mart.Said);
        Assert.Contains("disposed", Mart.Said);
        Assert.Equal(TaskState.Skipped, (await engine.TaskAsync(run.Id, "nothing")).State);
    }

    [Dag("kinds", Datasets = ["lake/a"], AnyDataset = ["lake/b", "lake/c"])]
    [TaskGroup("etl", After = [nameof(Wait)])]
    public sealed class Kinds(List<string> log)
    {
        [Sensor("1m", Patience = "6h", Mode = SensorMode.Poke, SkipsOnTimeout = true)]
        public bool Wait() => true;

        [ShortCircuit(IgnoresRules = false)]
        [Group("etl")]
        public Task<bool> GoOn() => Task.FromResult(true);

        [Task]
        [Setup]
        [Group("etl")]
        [After("go_on")]
        public void Open() => Log("open");

        [Task]
        [Group("etl")]
        [After(nameof(Open))]
        public int[] Sizes() => [1, 2];

        [Task]
        [Group("etl")]
        [After(nameof(Open))]
        public string[] Colours() => ["red", "blue"];

        [Task(Rule = TriggerRule.NoneFailed)]
        [Group("etl")]
        [MapOver(nameof(Sizes), nameof(Colours), Kind = MapKind.Product)]
        public void Paint(int size, string colour) => Log($"{size}{colour}");

        [Task]
        [Group("etl")]
        [MapOver(nameof(Sizes), nameof(Colours), Kind = MapKind.Zip)]
        public void Pair(JsonElement item) => Log(item.GetRawText());

        [Task]
        [Teardown(nameof(Open))]
        [After("etl.paint", "etl.pair")]
        public void Close() => Log("close");

        private void Log(string line)
        {
            lock (log)
            {
                log.Add(line);
            }
        }
    }

    [Fact]
    public async Task All_kinds_of_tasks_can_be_methods()
    {
        var log = new List<string>();
        var dag = DagClass.Of(new Kinds(log));
        await using var engine = await EngineHarness.StartAsync(dag);

        Assert.Equal(DagRunState.Success, (await engine.RunAsync("kinds")).State);

        Assert.Equal("(lake/a and (lake/b or lake/c))",
            $"({dag.Datasets})".Replace("((", "(", StringComparison.Ordinal).Replace(")))", "))", StringComparison.Ordinal));
        Assert.Equal(["1blue", "1red", "2blue", "2red", "[1,\"red\"]", "[2,\"blue\"]", "close", "open"], log.Order(StringComparer.Ordinal));
        Assert.Equal(("open", "close"), (log[0], log[^1]));
        Assert.Equal(["wait"], dag.Task("etl.go_on").Upstream);
        Assert.True(dag.Task("close").IsTeardown && dag.Task("etl.open").IsSetup);
    }

    [Dag("wrong", Schedule = "0 0 30 2 *", Start = "soon", RunTimeout = "long")]
    public sealed class Wrong
    {
        [Task]
        public int Number() => 1;

        [Task]
        public void Text(List<string> number)
        {
        }

        [Task]
        [After("nowhere")]
        public int A(int b) => b;

        [Task]
        public int B(int a) => a;

        [Branch]
        public int Choose() => 1;

        [Sensor("often")]
        public bool Look() => true;

        [Task(Timeout = "forever")]
        public void Slow()
        {
        }

        [Task]
        public void Generic<T>()
        {
        }

        [Task]
        [Branch]
        public string Both() => "a";

        [After("a")]
        public void Forgotten()
        {
        }

        [Task]
        public void Other([Param] int days = 1, [Param(Minimum = 5)] int least = 2)
        {
        }

        [Task]
        public void Another([Param] string days, ref int number, int[] never)
        {
        }

        [Task]
        [MapOver(nameof(Number))]
        public Stream Mapped(string item) => Stream.Null;
    }

    [Fact]
    public void Everything_that_is_wrong_is_named_with_its_class_and_method()
    {
        var problems = DagClass.Check(typeof(Wrong)).Select(problem => problem.Message).ToList();

        Assert.Equal(
            [
                "Wrong: 'soon' is no instant such as 2026-01-31T06:00:00Z.",
                "Wrong: 'long' is no duration such as 30s, 5m, 2h or 01:30:00.",
                "Wrong.Generic: it is generic: a task has types.",
                "Wrong.Both: it is [Task] and [Branch]: a task is one of them.",
                "Wrong.Forgotten: it has attributes of a task, but not [Task].",
                "Wrong.Choose: it is a branch, so it returns the names of tasks, not int.",
                "Wrong.Look: it looks every 'often', which is no duration such as 1m.",
                "Wrong.Slow: 'forever' is no duration such as 30s, 5m, 2h or 01:30:00.",
                "Wrong.Another: 'number' is passed by reference: a task takes values.",
                "Wrong.Another: 'never' names no task of this class; mark it with [Param] or [From], or map the task with [MapOver].",
                "Wrong.Another: the parameter 'days' is String with default none here, and Integer with default 1 in Wrong.Other.",
                "Wrong: the default of the parameter 'least' is 2, which is less than 5.",
                "Wrong.A: task 'a' comes after 'nowhere', which does not exist.",
            ],
            problems);
    }

    [Dag("types", Schedule = "0 0 30 2 *")]
    public sealed class Types
    {
        [Task]
        public int Number() => 1;

        [Task]
        public void Text(List<string> number)
        {
        }

        [Task]
        public int A(int b) => b;

        [Task]
        public int B(int a) => a;

        [Task]
        [MapOver(nameof(Number))]
        public Stream Mapped(string item) => Stream.Null;
    }

    [Fact]
    public void A_cycle_a_cron_that_never_fires_and_types_that_do_not_match_are_found_together() => Assert.Equal(
        [
            "Types: its timetable cron '0 0 30 2 *' in UTC never fires.",
            "Types.Text: task 'text' takes the value of 'number' as List<string>, but 'number' gives int: a number is not a list.",
            "Types.Mapped: task 'mapped' returns Stream, which is not serialisable: return a value that can be written as JSON, or the name of a thing that is kept elsewhere.",
            "Types.Mapped: 'mapped' is mapped over 'number', which gives int: only a list can be mapped over.",
            "Types.B: a cycle: b -> a -> b.",
        ],
        DagClass.Check(typeof(Types)).Select(problem => problem.Message));

    [Dag("zone", Schedule = "0 6 * * *", Zone = "Mars/Base")]
    public sealed class OnMars
    {
        [Task]
        public void A()
        {
        }
    }

    [Fact]
    public void A_zone_or_a_cron_that_cannot_be_read_is_named_with_the_class() =>
        Assert.Contains("OnMars: ", Assert.Throws<DagException>(DagClass.Of<OnMars>).Message, StringComparison.Ordinal);

    [Fact]
    public void A_class_without_the_attribute_is_refused() =>
        Assert.Contains("has no [Dag]", Assert.Throws<DagException>(DagClass.Of<Plain>).Message, StringComparison.Ordinal);

    public sealed class Plain;

    [Fact]
    public void All_of_an_assembly_are_compiled_or_none()
    {
        var error = Assert.Throws<AggregateException>(() =>
            DagClass.All(typeof(DagClassTests).Assembly, (type, _) => Activator.CreateInstance(type)!));

        Assert.Contains(error.InnerExceptions, inner => ((DagException)inner).DagId == "wrong");
        Assert.All(error.InnerExceptions, inner => Assert.Equal(ErrorKind.Invalid, ((DagException)inner).Kind));
    }

    [Dag("skips")]
    public sealed class Skips
    {
        [Task]
        public string First() => throw new TaskSkippedException("as told");

        [Task(Rule = TriggerRule.NoneFailed)]
        public string Second(string? first) => first ?? "was null";

        [Task(Rule = TriggerRule.NoneFailed)]
        public string Third(string first = "by default") => first;

        [Task(Rule = TriggerRule.NoneFailed)]
        public string Fourth(string first) => first;
    }

    [Fact]
    public async Task A_value_that_is_not_there_is_null_the_default_or_an_error_as_the_parameter_says()
    {
        await using var engine = await EngineHarness.StartAsync(DagClass.Of<Skips>());

        var run = await engine.RunAsync("skips");

        var values = (await engine.Store.ListXComsAsync(run.Id, TestContext.Current.CancellationToken)).ToDictionary(value =>
            value.TaskId, value => value.Json);
        Assert.Equal(("\"was null\"", "\"by default\""), (values["second"], values["third"]));
        Assert.Contains("takes 'return_value' of 'first', which gave none", (await engine.TaskAsync(run.Id, "fourth")).Note,
            StringComparison.Ordinal);
    }
}
