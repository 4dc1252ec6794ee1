using System.Text.Json;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Schedules;

namespace DataPlatform.Orchestrator.Tests.Dags;

public sealed class DagDiffTests
{
    private static readonly Func<TaskContext, CancellationToken, Task> Nothing = (_, _) => Task.CompletedTask;

    private static readonly Dag Old = new DagBuilder("d").Schedule(Timetable.Cron("0 6 * * *")).Param("days", ParamType.Integer, 3)
        .Task("a", Nothing).Task("b", Nothing, t => t.After("a").Retries(1)).Task("c", Nothing, t => t.After("b")).Build();

    private static readonly Dag Young = new DagBuilder("d").Schedule(Timetable.Cron("0 7 * * *")).Param("days", ParamType.Integer, 4)
        .Param("zone", ParamType.String, "x")
        .Task("a", Nothing).Task("b", Nothing, t => t.After("a").Retries(2).Pool("db")).Task("n", Nothing, t => t.After("a", "b")).Build();

    [Fact]
    public void Two_equal_models_have_no_difference()
    {
        Assert.True(DagDiff.Between(Old.Model, Old.Model).IsEmpty);
        Assert.Equal("no difference\n", DagDiff.Between(Old.Model, Old.Model).ToText());
    }

    [Fact]
    public void A_difference_names_settings_tasks_and_dependencies() => Assert.Equal(
        """
        ~ params.days.default: 3 -> 4
        ~ params.zone.default: (unset) -> "x"
        ~ params.zone.description: (unset) -> 
        ~ params.zone.type: (unset) -> String
        ~ timetable.expression: 0 6 * * * -> 0 7 * * *
        ~ task b
            pool: default -> db
            retries: 1 -> 2
        - task c
        + task n
        - b -> c
        + a -> n
        + b -> n

        """,
        DagDiff.Between(Old.Model, Young.Model).ToText());

    [Theory]
    [InlineData("a, b", new[] { "a", "b" })]
    [InlineData("", new string[0])]
    [InlineData("[\"a\"]", new[] { "a" })]
    public void Models_that_differ_are_never_said_to_be_the_same(string one, string[] other)
    {
        static Dag With(params string[] arguments) => new DagBuilder("d").Command("a", "x", arguments).Build();

        Assert.NotEqual(With(one).Hash, With(other).Hash);
        Assert.False(DagDiff.Between(With(one).Model, With(other).Model).IsEmpty);
    }

    [Fact]
    public void The_way_back_swaps_added_and_removed()
    {
        var there = DagDiff.Between(Old.Model, Young.Model);
        var back = DagDiff.Between(Young.Model, Old.Model);

        Assert.Equal(there.Settings.Select(s => (s.Name, s.After, s.Before)), back.Settings.Select(s => (s.Name, s.Before, s.After)));
        Assert.Equal(there.Edges.Count(e => e.Kind == DagChangeKind.Added), back.Edges.Count(e => e.Kind == DagChangeKind.Removed));
        Assert.Equal(DagChangeKind.Added, back.Tasks.Single(t => t.TaskId == "c").Kind);
    }

    [Fact]
    public void As_json_it_can_be_read_back()
    {
        using var json = JsonDocument.Parse(DagDiff.Between(Old.Model, Young.Model).ToJson());

        Assert.Equal("removed", json.RootElement.GetProperty("tasks")[1].GetProperty("kind").GetString());
        Assert.Equal("c", json.RootElement.GetProperty("edges")[0].GetProperty("downstream").GetString());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("no json")]
    [InlineData("[]")]
    public void What_is_no_model_is_refused(string model) =>
        Assert.Throws<ArgumentException>("newModelJson", () => DagDiff.Between(Old.Model, model));
}
