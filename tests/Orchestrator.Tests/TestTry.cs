using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Schedules;
using DataPlatform.Orchestrator.Scheduling;

namespace DataPlatform.Orchestrator.Tests;

/// <summary>A try without an engine: the second of task <c>b</c> in run 7, with parameters and values to read.</summary>
internal static class TestTry
{
    public static TaskContext Context(LargeXComs? large = null)
    {
        var dag = new DagBuilder("d").Param("day", ParamType.String, "2026-01-31").Param("name", ParamType.String, "O'Hara; rm -rf /")
            .Param("table", ParamType.String, "a\"b").Param("count", ParamType.Number, 2.5)
            .Task("a", (_, _) => Task.FromResult(new[] { 1, 2 }))
            .Task("b", (_, _) => Task.CompletedTask, t => t.After("a"))
            .Group("g", g => g.Task("x", (_, _) => Task.FromResult(1))).Build();
        var logical = new DateTimeOffset(2026, 3, 28, 12, 0, 0, TimeSpan.Zero);
        var run = new DagRun
        {
            Id = 7,
            DagId = "d",
            DagHash = dag.Hash,
            LogicalDate = logical,
            Interval = DataInterval.At(logical),
            Conf = """{"region":"west"}""",
        };
        var values = new RunValues(run, dag);
        values.Set("a", TaskContext.ReturnKey, -1, "[1,2]");
        values.Set("g.x", "rows", -1, "9");
        var task = new TaskInstance { Key = new TaskKey(7, dag.Task("b").Number), TaskId = "b", Try = 2, Epoch = 5 };
        return new TaskContext(run, task, values, _ => { }, large);
    }
}
