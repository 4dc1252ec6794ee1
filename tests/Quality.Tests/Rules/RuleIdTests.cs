using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality.Tests.Rules;

public sealed class RuleIdTests
{
    [Fact]
    public void An_id_survives_edits_of_severity_threshold_name_owner_and_tags()
    {
        var edited = new RuleSettings { Severity = Severity.Info, Threshold = Threshold.Count(9), Name = "n", Owner = "o", Tags = ["x"] };

        Assert.Equal(Id(b => b.InRange("delay", -60, 720)), Id(b => b.InRange("delay", -60, 720, edited)));
    }

    [Fact]
    public void Ids_differ_by_table_parameters_and_filter()
    {
        string[] ids =
        [
            Id(b => b.InRange("delay", -60, 720)), Id(b => b.InRange("delay", -60, 721)), Id(b => b.InRange("delay", -60, null)),
            Id(b => b.InRange("delay", null, -60)), Id(b => b.NotNull("delay")), Id(b => b.NotNull("ab"), "other"), Id(b => b.NotNull("ab")),
            Id(b => b.NotNull("delay", new RuleSettings { Filter = "x" })), Id(b => b.Unique(["a", "b"])), Id(b => b.Unique(["ab"])),
            Id(b => b.InSet("delay", [1, 2])), Id(b => b.InSet("delay", ["1", "2"])),
        ];

        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    [Fact]
    public void The_order_of_a_key_and_of_a_set_means_nothing()
    {
        Assert.Equal(Id(b => b.Unique(["a", "b"])), Id(b => b.Unique(["b", "A"])));
        Assert.Equal(Id(b => b.InSet("s", ["x", "y"])), Id(b => b.InSet("s", ["y", "x", "x"])));
    }

    [Fact]
    public void An_id_is_the_same_in_every_process() => Assert.Equal("c78a7b907c7900a0", Id(b => b.NotNull("delay"), "flights"));

    [Fact]
    public void The_same_rule_twice_is_refused_by_name()
    {
        var error = Assert.Throws<QualityException>(() => new QualitySuiteBuilder("t").NotNull("a").NotNull("A").Build());

        Assert.Contains("is not null", error.Message, StringComparison.Ordinal);
    }

    private static string Id(Func<QualitySuiteBuilder, QualitySuiteBuilder> rule, string table = "t")
        => Assert.Single(rule(new QualitySuiteBuilder(table)).Build().Rules).Id;
}
