using System.Text.Json.Nodes;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Schedules;
using DataPlatform.Orchestrator.Yaml;

namespace DataPlatform.Orchestrator.Tests.Yaml;

public sealed class DagYamlTests
{
    private const string Arrivals = """
        dag: arrivals
        description: Builds the mart of the day.
        version: "3"
        tags: [flights, daily]
        schedule: { cron: ["0 6 * * *", "30 18 * * 1-5"], zone: Europe/Vienna, point: true }
        catchup: true
        start: 2026-01-01T00:00:00Z
        limits: { activeRuns: 2, activeTasks: 20, activeTasksPerRun: 5 }
        timeout: 2h
        deadline: 1h30m
        params:
          airport: { description: Where, default: ATL }
          days: { type: integer, default: 3 }
        tasks:
          days: { code: days, retries: 3, backoff: { base: 2s, multiplier: 3, cap: 1m, jitter: none } }
          load:
            command: [load, "{{item}}", "--airport={{params.airport}}"]
            environment: { MODE: fast }
            map: { over: days, max: 7 }
            pool: { name: disk, slots: 2 }
            priority: -4
            queue: root.batch
            resources: { cpu: 500m, memory: 2GiB }
            timeout: 00:10:00
            executor: subprocess
            maxActive: 2
          choose: { branch: choose, after: load }
          wait: { sensor: arrived, after: choose, interval: 30s, patience: 1h, mode: deferred, skipsOnTimeout: true }
          stop: { shortCircuit: arrived, after: choose, ignoresRules: false }
          tidy: { code: tidy, teardown: days, rule: all-done }
        groups:
          report:
            after: [wait, stop]
            tasks:
              draw: { code: tidy, dependsOnPast: true }
              send: { code: tidy, after: draw, waitsForDownstream: true, rule: none-failed-min-one-success }
        """;

    private static readonly Func<TaskContext, CancellationToken, Task> Nothing = (_, _) => Task.CompletedTask;
    private static readonly Func<TaskContext, CancellationToken, Task<bool>> Yes = (_, _) => Task.FromResult(true);

    private static DagCode Code => new DagCode().Task("tidy", Nothing).Task("days", (_, _) => Task.FromResult<string[]>(["mon", "tue"]))
        .Branch("choose", (_, _) => Task.FromResult<IReadOnlyList<string>>(["wait"])).Check("arrived", Yes)
        .Task("number", (_, _) => Task.FromResult(1)).Task<string, int>("size", (_, text, _) => Task.FromResult(text.Length))
        .ItemTask<int, int>("twice", (_, item, _) => Task.FromResult(2 * item));

    [Fact]
    public void Yaml_and_the_builder_make_the_same_dag()
    {
        var built = new DagBuilder("arrivals").Description("Builds the mart of the day.").Version("3").Tags("flights", "daily")
            .Schedule(
                Timetable.Union(Timetable.CronPoint("0 6 * * *", "Europe/Vienna"), Timetable.CronPoint("30 18 * * 1-5", "Europe/Vienna")), true,
                new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))
            .MaxActiveRuns(2).MaxActiveTasks(20).MaxActiveTasksPerRun(5).RunTimeout(TimeSpan.FromHours(2)).Deadline(TimeSpan.FromMinutes(90))
            .Param("airport", ParamType.String, "ATL", "Where").Param("days", ParamType.Integer, 3)
            .Task("days", (_, _) => Task.FromResult<string[]>([]), t => t.Retries(3, new Backoff(TimeSpan.FromSeconds(2), 3, TimeSpan.FromMinutes(1), JitterMode.None)))
            .Command(
                "load", "load", ["{{item}}", "--airport={{params.airport}}"],
                t => t.Over(MapSource.Over("days")).MapLengthMax(7).Pool("disk", 2).Priority(-4).Queue("root.batch").Resources(500, 2048)
                    .Timeout(TimeSpan.FromMinutes(10)).Executor("subprocess").MaxActive(2),
                new Dictionary<string, string> { ["MODE"] = "fast" })
            .Branch("choose", (_, _) => Task.FromResult<IReadOnlyList<string>>([]), t => t.After("load"))
            .Sensor("wait", Yes, new SensorOptions(TimeSpan.FromSeconds(30), TimeSpan.FromHours(1), SensorMode.Deferred, true), t => t.After("choose"))
            .ShortCircuit("stop", Yes, t => t.After("choose"), ignoresRules: false)
            .Task("tidy", Nothing, t => t.Teardown("days").TriggerRule(TriggerRule.AllDone))
            .Group("report", g => g
                .Task("draw", Nothing, t => t.DependsOnPast())
                .Task("send", Nothing, t => t.After("draw").DependsOnPast(true).TriggerRule(TriggerRule.NoneFailedMinOneSuccess)), "wait", "stop")
            .Build();

        var read = Assert.Single(DagYaml.Read(Arrivals, Code));

        Assert.Equal(JsonNode.Parse(built.Model)!.ToJsonString(), JsonNode.Parse(read.Model)!.ToJsonString());
        Assert.Equal(built.Hash, read.Hash);
    }

    [Fact]
    public async Task A_dag_from_yaml_runs()
    {
        List<string> seen = [];
        var code = new DagCode().Task("list", (_, _) => Task.FromResult<int[]>([1, 2, 3])).Task("each", (context, _) =>
        {
            lock (seen)
            {
                seen.Add($"{context.Item<int>()} of {context.Param<string>("airport")}");
            }

            return Task.CompletedTask;
        });
        await using var engine = await EngineHarness.StartAsync(DagYaml.Read(
            """
            dag: d
            params: { airport: { default: ATL } }
            tasks:
              list: { code: list }
              each: { code: each, map: { over: list } }
            """,
            code));

        Assert.Equal(DagRunState.Success, (await engine.RunAsync("d")).State);
        Assert.Equal(["1 of ATL", "2 of ATL", "3 of ATL"], seen.Order());
    }

    [Fact]
    public async Task Values_and_items_are_passed_to_functions_and_groups_are_mapped()
    {
        var said = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var code = new DagCode().Task("numbers", (_, _) => Task.FromResult<int[]>([1, 2, 3]))
            .ItemTask<int, int>("twice", (_, item, _) => Task.FromResult(2 * item))
            .Task<int, string>("say", (c, number, _) => Task.FromResult($"{c.MapIndex}:{number}"))
            .Task<IReadOnlyList<string>, int>("report", (_, lines, _) =>
            {
                said.Enqueue(string.Join(' ', lines));
                return Task.FromResult(lines.Count);
            });
        const string yaml = """
            dag: d
            params:
              speed: { default: slow, choices: [slow, fast] }
              days: { type: integer, default: 3, minimum: 1, maximum: 9 }
              name: { default: abc, minLength: 2, maxLength: 5, pattern: "[a-z]+" }
            tasks:
              numbers: { code: numbers }
              report: { code: report, takesAll: each.say }
            groups:
              each:
                map: { over: numbers, max: 5 }
                tasks:
                  twice: { code: twice, maxActivePerRun: 2 }
                  say: { code: say, takes: twice }
            """;
        var read = DagYaml.Read(yaml, code)[0];
        var built = new DagBuilder("d")
            .Param("speed", ParamType.String, "slow", rules: ParamRules.OneOf("slow", "fast")).Param("days", ParamType.Integer, 3, rules: ParamRules.Between(1, 9))
            .Param("name", ParamType.String, "abc", rules: new ParamRules { LengthMin = 2, LengthMax = 5, Pattern = "[a-z]+" })
            .Task("numbers", Nothing).Task("report", Nothing, t => t.After("each.say"))
            .Group("each", g => g.Task("twice", Nothing, t => t.MaxActivePerRun(2)).Task("say", Nothing, t => t.After("twice")), "numbers");
        await using var engine = await EngineHarness.StartAsync(read);

        Assert.Equal(DagRunState.Success, (await engine.RunAsync("d")).State);

        Assert.Equal(["0:2 1:4 2:6"], said);
        Assert.Equal(read.Hash, DagYaml.Read(yaml, DagCode.Unresolved)[0].Hash);
        var difference = DagDiff.Between(built.Build().Model, read.Model);
        Assert.Equal(["mappedGroups.each.map.kind", "mappedGroups.each.map.over", "mappedGroups.each.mapLengthMax"], difference.Settings.Select(change => change.Name));
        Assert.All(difference.Tasks.SelectMany(task => task.Values), change => Assert.Equal("mappedGroup", change.Name));
    }

    [Fact]
    public void Datasets_of_and_and_or_and_several_documents_are_read()
    {
        var dags = DagYaml.Read("""
            dag: one
            datasets: { all: [a, { any: [b, c] }] }
            tasks: { t: { command: "true" } }
            ---
            dag: two
            datasets: [a, b]
            tasks: { t: { command: "true" } }
            """);

        Assert.Equal(["one", "two"], dags.Select(d => d.Id));
        Assert.Equal(["(a and (b or c))", "(a and b)"], dags.Select(d => d.Datasets!.ToString()));
    }

    [Fact]
    public void Events_dialects_and_jitter_are_those_of_the_builder()
    {
        var read = DagYaml.Read("""
            dag: d
            events: [upload, refund]
            schedule: { cron: "0 6 1 * 1", zone: Europe/Vienna, dialect: vixie, jitter: 10m }
            tasks: { t: { command: "true" } }
            """)[0];
        var built = new DagBuilder("d").OnEvent("upload", "refund")
            .Schedule(Timetable.Jitter(Timetable.Cron("0 6 1 * 1", "Europe/Vienna", CronDialect.Vixie), TimeSpan.FromMinutes(10)))
            .Command("t", "true", []).Build();

        Assert.Equal(built.Model, read.Model);
    }

    [Theory]
    [InlineData("dag: d\nschedule: { every: 5m, zone: UTC }\ntasks: { t: { command: x } }", "(2,30): 'zone' means nothing for 'every'")]
    [InlineData("dag: [", "dag.yaml(2,1): this is no YAML")]
    [InlineData("tasks: {}", "dag.yaml(1,1): a DAG has a name")]
    [InlineData("- a", "(1,1): 'dag' must be a mapping")]
    [InlineData("dag: d\ntask: {}", "(2,1): 'task' is nothing that 'dag' has; it has dag, description")]
    [InlineData("dag: d\ntasks:\n  a: { code: nope }", "(3,14): there is no function 'nope'; there are days, number, size, tidy, twice")]
    [InlineData("dag: d\ntasks:\n  a: { code: tidy, retries: many }", "(3,29): 'retries' must be a whole number of at least 0, not 'many'")]
    [InlineData("dag: d\ntasks:\n  a: { code: tidy, retries: 1000000 }", "(3,29): 'retries' cannot be so")]
    [InlineData("dag: d\ntasks:\n  a: { code: tidy, after: [b] }", "(3,28): there is no task or group 'b'; there are a")]
    [InlineData("dag: d\ntasks:\n  a: { code: tidy, rule: allDone }", "(3,26): 'rule' must be one of all-success, all-failed")]
    [InlineData("dag: d\ntasks:\n  a: { retries: 1 }", "(3,6): task 'a' must have exactly one of command, code")]
    [InlineData("dag: d\ntasks:\n  a: { code: tidy, command: x }", "(3,29): task 'a' must have exactly one of")]
    [InlineData("dag: d\ntasks:\n  a: { code: tidy, interval: 3s }", "(3,30): 'interval' means nothing for a code")]
    [InlineData("dag: d\ntasks:\n  a: { code: tidy, backoff: { base: 1s } }", "(3,29): 'backoff' needs 'retries'")]
    [InlineData("dag: d\ntasks:\n  a: { code: tidy, timeout: soon }", "(3,29): 'timeout' must be a duration such as 30s")]
    [InlineData("dag: d\ntasks:\n  a: { code: tidy, map: { over: [b], zip: [c] } }", "(3,43): 'map' is over one of")]
    [InlineData("dag: d\nschedule: \"0 0 31 2 *\"\ntasks: { a: { code: tidy } }", "(2,11): cron '0 0 31 2 *' in UTC never fires")]
    [InlineData("dag: d\nschedule: { cron: \"0 6 * * *\", zone: Mars/Base }\ntasks: { a: { code: tidy } }", "(2,11): ")]
    [InlineData("dag: d\ncatchup: true\ntasks: { a: { code: tidy } }", "(2,10): 'catchup' needs a 'schedule'")]
    [InlineData("dag: d\ntasks:\n  a: { code: tidy, after: b }\n  b: { code: tidy, after: a }", "(4,6): DAG 'd': a cycle: b -> a -> b.")]
    [InlineData("dag: d\ntasks:\n  a: { code: size }", "(3,14): function 'size' takes a value: name its task with 'takes'")]
    [InlineData("dag: d\ntasks:\n  a: { code: tidy, takes: a }", "(3,27): function 'tidy' takes no value")]
    [InlineData("dag: d\ntasks:\n  n: { code: tidy }\n  a: { code: size, takes: x }", "(4,27): there is no task or group 'x'; there are a, n")]
    [InlineData("dag: d\ntasks:\n  n: { code: number }\n  a: { code: size, takes: n }", "(4,6): DAG 'd': task 'a' takes the value of 'n' as string, but 'n' gives int: a number is not a text.")]
    [InlineData("dag: d\ntasks:\n  n: { code: number }\n  a: { code: tidy, map: { over: n } }", "(4,6): DAG 'd': 'a' is mapped over 'n', which gives int")]
    [InlineData("dag: d\ntasks:\n  n: { code: days }\n  a: { code: twice, map: { over: n } }", "(4,6): DAG 'd': task 'a' takes an item as int, but 'n' gives items of string")]
    [InlineData("dag: d\ntasks:\n  n: { command: ls, returns: list of text }\n  a: { command: [x, '{{item}}'], map: { over: n }, item: integer }", "(4,6): DAG 'd': task 'a' takes an item as long")]
    [InlineData("dag: d\ntasks:\n  n: { command: ls, returns: list of lists }", "(3,30): 'returns' must be text, integer")]
    [InlineData("dag: d\ntasks: { n: { code: days } }\ngroups:\n  g: { map: { over: n }, groups: { h: { map: { over: n }, tasks: { a: { code: tidy } } } } }", "(4,39): DAG 'd': the mapped group 'g.h' stands in the mapped group 'g'")]
    [InlineData("dag: d\nparams: { p: { type: integer, default: 0, minimum: 1 } }\ntasks: { n: { code: days } }", "the default of the parameter 'p' is 0, which is less than 1")]
    [InlineData("dag: d\ntasks:\n  n: { command: [x, '{{ params.nope }}'] }", "(3,6): DAG 'd': task 'n': '{{ params.nope }}' names the parameter 'nope'")]
    [InlineData("dag: d\ntasks:\n  a: { code: tidy }\n  a: { code: tidy }", "(4,3): ")]
    [InlineData("dag: d\ntasks: &t\n  a: *t", "(2,8): ")]
    public void What_is_wrong_is_said_with_line_and_column(string yaml, string reason)
    {
        var error = Assert.Throws<DagYamlException>(() => DagYaml.Read(yaml, Code));

        Assert.Equal(ErrorKind.Invalid, error.Kind);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("500ms", 0.5)]
    [InlineData("1h30m", 5400)]
    [InlineData("1d", 86400)]
    [InlineData("00:00:05", 5)]
    [InlineData("1:30", 5400)]
    public void Durations_are_read_as_people_write_them(string text, double seconds)
        => Assert.Equal(TimeSpan.FromSeconds(seconds), DagYaml.Read($"dag: d\ntimeout: {text}\ntasks: {{ t: {{ command: x }} }}")[0].RunTimeout);

    [Fact]
    public void A_dag_can_be_looked_at_without_its_code() => Assert.Equal(8, DagYaml.Read(Arrivals, DagCode.Unresolved)[0].Tasks.Count);

    [Fact]
    public void The_published_schema_is_the_one_that_reading_uses()
    {
        var file = Path.Combine(Root(), "docs", "formats", "orchestrator-dag.schema.json");

        Assert.True(
            File.Exists(file) && JsonNode.DeepEquals(JsonNode.Parse(File.ReadAllText(file)), JsonNode.Parse(DagYaml.Schema().ToJsonString())),
            "write docs/formats/orchestrator-dag.schema.json anew with: dp dag schema");
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "DataPlatform.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }
}
