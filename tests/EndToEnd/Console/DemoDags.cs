using System.Threading.Channels;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Schedules;

namespace DataPlatform.EndToEnd.Console;

/// <summary>DAGs that show something on every page.</summary>
internal sealed class DemoDags
{
    /// <summary>Tasks of <see cref="Wide"/>.</summary>
    public const int WideTasks = 600;

    private static readonly Func<TaskContext, CancellationToken, Task> Nothing = (_, _) => Task.CompletedTask;

    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

    public IReadOnlyList<Dag> All => [Mart(), Report(), Slow(), Daily(), Held(), Talk(), Orders(), Wide()];

    /// <summary>Makes the task of <c>talk</c> write a line; null lets it end.</summary>
    public void Say(string? line)
    {
        if (line is null)
        {
            _lines.Writer.TryComplete();
        }
        else
        {
            _lines.Writer.TryWrite(line);
        }
    }

    /// <summary>Lets the tasks of <c>slow</c> end.</summary>
    public void Release()
    {
        _release.TrySetResult();
        _lines.Writer.TryComplete();
    }

    public static Dag Mart(string version = "1") => new DagBuilder("mart").Description("Builds the <b>mart</b> from arrivals").Tags("lake", "daily").Version(version)
        .Schedule(Timetable.Cron("0 6 * * *", "Europe/Berlin"))
        .Task("gate", (context, _) =>
        {
            context.Log("<looked> at it");
            context.Log("all is well");
            return Task.CompletedTask;
        })
        .Task("list", (_, _) => Task.FromResult(new[] { 1, 2, 3 }), t => t.After("gate"))
        .MapTask<int>("each", MapSource.Over("list"), (_, item, _) => item == 2 ? throw new TaskSkippedException("nothing to do") : Task.CompletedTask)
        .Task("fails", (_, _) => throw new InvalidOperationException("as told"), t => t.After("gate"))
        .Task("report", Nothing, t => t.After("each", "fails").TriggerRule(TriggerRule.AllDone)
            .Inlets(new DatasetId("mart/joined")).Outlets(new DatasetId("mart/arrivals"))).Build();

    private static Dag Report() => new DagBuilder("report").Description("One report by hand").Tags("manual")
        .Param("day", ParamType.String, "2026-01-31", "The day it is about")
        .Param("rows", ParamType.Integer, 100, "Rows at most", ParamRules.Between(1, 1000))
        .Param("format", ParamType.String, "csv", "How it is written", ParamRules.OneOf("csv", "parquet"))
        .Param("dry", ParamType.Boolean, false, "Write nothing")
        .Param("options", ParamType.Object, new { }, "More")
        .Task("write", (context, _) => Task.CompletedTask).Build();

    /// <summary>One task runs until it is released, one waits for it, and one for a slot of the pool that it holds.</summary>
    private Dag Slow() => new DagBuilder("slow").Description("Waits until it is told").MaxActiveRuns(1)
        .Task("holds", (context, token) =>
        {
            context.Log("holding");
            return _release.Task.WaitAsync(token);
        }, t => t.Pool("narrow"))
        .Task("wants", Nothing, t => t.Pool("narrow"))
        .Task("after", Nothing, t => t.After("holds")).Build();

    private static Dag Daily() => new DagBuilder("daily").Description("For backfills").Schedule(Timetable.Cron("@daily"), start: new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)).Task("copy", Nothing).Build();

    /// <summary>Its runs of a backfill end when they are released.</summary>
    private Dag Held() => new DagBuilder("held").Schedule(Timetable.Cron("@daily"), start: new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero))
        .Task("wait", (_, token) => _release.Task.WaitAsync(token)).Build();

    private Dag Talk() => new DagBuilder("talk").Task("say", async (context, token) =>
    {
        await foreach (var line in _lines.Reader.ReadAllAsync(token))
        {
            context.Log(line);
        }
    }).Build();

    private static Dag Orders() => new DagBuilder("orders").Description("When the lake has news")
        .OnDatasets(DatasetCondition.All(DatasetCondition.On(new DatasetId("lake/orders")), DatasetCondition.On(new DatasetId("lake/customers"))))
        .Task("join", Nothing, t => t.Inlets(new DatasetId("lake/customers")).Outlets(new DatasetId("mart/joined"))).Build();

    private static Dag Wide()
    {
        var dag = new DagBuilder("wide").Description("Many tasks in groups");
        for (var i = 0; i < WideTasks; i++)
        {
            var number = i;
            dag = dag.Group($"part{i / 50:00}", group => group.Task($"t{number:000}", Nothing, t => Follow(t, number)));
        }

        return dag.Build();
    }

    private static void Follow(TaskBuilder task, int number)
    {
        if (number % 50 != 0)
        {
            task.After($"t{number - 1:000}");
        }
    }
}
