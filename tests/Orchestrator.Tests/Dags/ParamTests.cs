using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Schedules;

namespace DataPlatform.Orchestrator.Tests.Dags;

public sealed class ParamTests
{
    [Theory]
    [InlineData(ParamType.Integer, "7", null)]
    [InlineData(ParamType.Integer, "0", "which is less than 1")]
    [InlineData(ParamType.Integer, "11", "which is more than 10")]
    [InlineData(ParamType.Integer, "7.5", "which is no Integer")]
    [InlineData(ParamType.Integer, "\"7\"", "which is no Integer")]
    [InlineData(ParamType.Number, "9.99", null)]
    [InlineData(ParamType.Number, "1e300", "which is more than 10")]
    public void A_number_lies_between_its_bounds(ParamType type, string json, string? reason) => Assert.Equal(
        reason, new DagParam("p", type, null, string.Empty) { Rules = ParamRules.Between(1, 10) }.WhyNot(json));

    [Theory]
    [InlineData("\"abc\"", null)]
    [InlineData("\"ab\"", "which has fewer than 3 characters")]
    [InlineData("\"abcdef\"", "which has more than 5 characters")]
    [InlineData("\"abC\"", "which does not match [a-z]+")]
    [InlineData("\"abc\\n\"", "which does not match [a-z]+")]
    [InlineData("null", "which is no String")]
    public void A_text_has_its_length_and_matches_its_pattern_whole(string json, string? reason) => Assert.Equal(
        reason,
        new DagParam("p", ParamType.String, null,
            string.Empty)
        { Rules = new ParamRules { LengthMin = 3, LengthMax = 5, Pattern = "[a-z]+" } }.WhyNot(json));

    [Fact]
    public void A_pattern_that_takes_for_ever_does_not_match() => Assert.NotNull(
        new DagParam("p", ParamType.String, null,
            string.Empty)
        { Rules = new ParamRules { Pattern = "(a+)+b" } }.WhyNot($"\"{new string('a', 60)}\""));

    [Theory]
    [InlineData("\"fast\"", null)]
    [InlineData("\"slow\"", null)]
    [InlineData("\"Fast\"", "which is none of \"fast\", \"slow\"")]
    public void A_choice_is_one_of_its_values(string json, string? reason) =>
        Assert.Equal(reason, new DagParam("p", ParamType.String, null,
            string.Empty)
        { Rules = ParamRules.OneOf("fast", "slow") }.WhyNot(json));

    [Fact]
    public void What_is_wrong_with_parameters_is_found_when_the_dag_is_built()
    {
        var builder = new DagBuilder("d").Schedule(Timetable.Cron("0 6 * * *"))
            .Param("low", ParamType.Integer, 0, rules: ParamRules.Between(1, 10))
            .Param("wrong", ParamType.Integer, "x")
            .Param("length", ParamType.Boolean, true, rules: new ParamRules { LengthMax = 3 })
            .Param("turned", ParamType.Number, 1, rules: ParamRules.Between(9, 3))
            .Param("pattern", ParamType.String, "x", rules: new ParamRules { Pattern = "(" })
            .Param("none", ParamType.String)
            .Param("none", ParamType.String, "twice")
            .Task("a", (_, _) => Task.CompletedTask);

        Assert.Equal(
            [
                "the default of the parameter 'low' is 0, which is less than 1.",
                "the default of the parameter 'wrong' is \"x\", which is no Integer.",
                "the parameter 'length' cannot be: a length means nothing for a Boolean.",
                "the parameter 'turned' cannot be: its smallest is above its largest.",
                "the parameter 'pattern' cannot be: '(' is no regular expression.",
                "the parameter 'none' needs a default: nobody gives it when the DAG is started by its timetable.",
                "the parameter 'none' is defined twice.",
            ],
            Assert.Throws<DagException>(builder.Build).Problems.Select(problem => problem.Message));
    }

    [Fact]
    public async Task A_trigger_against_the_rules_is_refused_and_makes_no_run()
    {
        await using var engine = await EngineHarness.StartAsync(new DagBuilder("d")
            .Param("days", ParamType.Integer, 3, rules: ParamRules.Between(1, 10)).Task("a", (_, _) => Task.CompletedTask).Build());

        var error = await Assert.ThrowsAsync<OrchestratorException>(
            () => engine.Engine.TriggerAsync("d", new { days = 11 }, cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal("the parameter 'days' of DAG 'd' is 11, which is more than 10.", error.Message);
        Assert.Empty(await engine.RunsAsync("d"));
    }

    [Fact]
    public void Rules_are_part_of_the_model()
    {
        static Dag With(ParamRules? rules) =>
            new DagBuilder("d").Param("p", ParamType.Integer, 3, rules: rules).Task("a", (_, _) => Task.CompletedTask).Build();
        var dag = With(new ParamRules { Minimum = 1, Maximum = 2.5m + 2, Choices = ["3", "4"] });

        var read = DagDocument.Read(dag.Model, dag);

        Assert.Equal(dag.Model, read.Model);
        Assert.Equal(["3", "4"], read.Params[0].Rules.Choices);
        Assert.NotEqual(With(null).Hash, dag.Hash);
        Assert.Equal(With(null).Hash, With(ParamRules.None).Hash);
    }
}
