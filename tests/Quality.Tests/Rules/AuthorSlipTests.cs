using DataPlatform.Quality.Rules;
using DataPlatform.Quality.Rules.Documents;
using DataPlatform.Quality.Yaml;

namespace DataPlatform.Quality.Tests.Rules;

/// <summary>What authors of suites write by mistake: it is refused with its place, and never taken for something that they did not mean.</summary>
public sealed class AuthorSlipTests
{
    [Theory]
    [InlineData("""{"kind":"not-null","column":"a","threshold":"0,1%"}""", "'threshold' must be a whole number of rows, or a text such as \"0.1%\"")]
    [InlineData("""{"kind":"not-null","column":"a","threshold":"5%%"}""", "'threshold' must be")]
    [InlineData("""{"kind":"not-null","column":"a","threshold":"150%"}""", "'threshold' must be 100% at most")]
    [InlineData("""{"kind":"not-null","column":"a","threshold":0.05}""", "'threshold' must be")]
    [InlineData("""{"kind":"row-count-match","reference":"o","tolerance":"1,5%"}""", "'tolerance' must be")]
    [InlineData("""{"kind":"not-null","column":"a","column":"b"}""", "'column' is given twice")]
    [InlineData("""{"kind":"not-null","column":"a","filter":" "}""", "'filter' is empty")]
    [InlineData("""{"kind":"schema","columns":[{"name":"a","type":5}]}""", "'type' must be a text")]
    [InlineData("""{"kind":"schema","columns":[{"name":"a","typ":"int"}]}""", "'columns' has a column with 'typ'")]
    [InlineData("""{"kind":"schema","columns":[5]}""", "'columns' must list names")]
    [InlineData("""{"kind":"unique","columns":[]}""", "Rule 1 (unique) has a value that no rule can use: At least one is needed.")]
    [InlineData("""{"kind":"set","column":"a","values":[]}""", "Rule 1 (set) has a value that no rule can use")]
    [InlineData("""{"kind":"reference","columns":["a"],"reference":"o","referenceColumns":["a","b"]}""", "Rule 1 (reference) has a value that no rule can use: A key of 1 columns")]
    [InlineData("""{"kind":"range","column":"a","min":10,"max":5}""", "The lowest value, 10, lies above the highest, 5")]
    [InlineData("""{"kind":"range","column":"a","min":0.2,"max":0.1}""", "The lowest value, 0.2, lies above the highest, 0.1")]
    [InlineData("""{"kind":"range","column":"a","min":{"date":"2001-02-01"},"max":{"date":"2001-01-31"}}""", "lies above the highest")]
    [InlineData("""{"kind":"range","column":"a","min":{}}""", "'min' must be a time such as")]
    [InlineData("""{"kind":"range","column":"a","min":{"date":"01/02/2001"}}""", "'min' must be a time such as")]
    [InlineData("""{"kind":"range","column":"a","min":{"date":"2001-01-31","instant":"2001-01-31"}}""", "'min' must be a time such as")]
    [InlineData("""{"kind":"range","column":"a","min":{"timestamp":"2001-01-31T10:00:00+05:00"}}""", "which has no zone")]
    [InlineData("""{"kind":"row-count","min":10,"max":5}""", "The lowest value, 10, lies above the highest, 5")]
    [InlineData("""{"kind":"length","column":"a","min":5,"max":2}""", "The lowest value, 5, lies above the highest, 2")]
    [InlineData("""{"kind":"length","column":"a","min":-1}""", "fewer than 0 characters")]
    [InlineData("""{"kind":"length","column":"a"}""", "the fewest characters, the most, or both")]
    [InlineData("""{"kind":"aggregate","column":"a","function":"mean","min":5,"max":2}""", "The lowest value, 5, lies above the highest, 2")]
    [InlineData("""{"kind":"freshness","column":"a","within":"2"}""", "'within' must be a duration")]
    [InlineData("""{"kind":"freshness","column":"a","within":"1.24:00:00"}""", "'within' must be a duration")]
    [InlineData("""{"kind":"freshness","column":"a","within":"02:60:00"}""", "'within' must be a duration")]
    [InlineData("""{"kind":"freshness","column":"a","within":"00:00:00"}""", "Rule 1 (freshness) has a value that no rule can use")]
    [InlineData("""{"kind":"committed","at":"00:00","within":"25:00:00","zone":"UTC"}""", "Rule 1 (committed) has a value that no rule can use")]
    public void A_slip_is_refused_with_the_rule_it_is_in(string rule, string reason)
    {
        var json = $$"""{"table":"t","rules":[{{rule}}]}""";

        var error = Assert.Throws<QualityException>(() => SuiteDocument.Read(json));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("Rule 1", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("(Parameter", error.Message, StringComparison.Ordinal);
        Assert.Equal(error.Message, Assert.Single(SuiteText.Check(json, JsonNotation.Instance).Problems).Message);
    }

    [Theory]
    [InlineData("02:00:00", 2)]
    [InlineData("02:00", 2)]
    [InlineData("24:00:00", 24)]
    [InlineData("36:00:00", 36)]
    [InlineData("1.12:00:00", 36)]
    public void A_duration_is_hours_minutes_and_seconds_and_never_so_many_days(string within, int hours)
    {
        var read = SuiteDocument.Read($$"""{"table":"t","rules":[{"kind":"freshness","column":"a","within":"{{within}}"}]}""");

        Assert.Equal(new QualitySuiteBuilder("t").FreshWithin("a", TimeSpan.FromHours(hours)).Build().Rules[0].Id, read.Rules[0].Id);
    }

    [Fact]
    public void Times_mean_the_same_on_every_machine()
    {
        var read = SuiteDocument.Read(
            """
            {"table":"t","rules":[
              {"kind":"range","column":"a","min":{"timestamp":"2001-01-31T10:00:00.5"}},
              {"kind":"range","column":"b","min":{"timestamp":"2001-01-31"}},
              {"kind":"range","column":"c","min":{"instant":"2001-01-31T10:00:00+05:00"}},
              {"kind":"range","column":"d","min":{"instant":"2001-01-31 10:00"}}]}
            """);

        var written = new QualitySuiteBuilder("t")
            .InRange("a", new DateTime(2001, 1, 31, 10, 0, 0, 500), null).InRange("b", new DateTime(2001, 1, 31), null)
            .InRange("c", new DateTimeOffset(2001, 1, 31, 5, 0, 0, TimeSpan.Zero), null).InRange("d", new DateTimeOffset(2001, 1, 31, 10, 0, 0, TimeSpan.Zero), null)
            .Build();
        Assert.Equal(written.Rules.Select(r => r.Id), read.Rules.Select(r => r.Id));
    }

    [Fact]
    public void A_number_too_wide_for_a_decimal_is_a_number_in_both_notations()
    {
        const string Json = """{"table":"t","rules":[{"kind":"range","column":"a","min":-1e300,"max":1e300}]}""";

        var yaml = YamlNotation.Instance.Write(Json);

        Assert.Equal(SuiteDocument.Read(Json).Rules[0].Id, SuiteYaml.Read(yaml).Rules[0].Id);
    }

    [Fact]
    public void Limits_that_nothing_lies_between_are_refused_in_code_too()
    {
        var suite = new QualitySuiteBuilder("t");

        Assert.Throws<ArgumentException>(() => suite.InRange("a", 2, 1));
        Assert.Throws<ArgumentException>(() => suite.InRange("a", 1e300, 1.5m));
        Assert.Throws<ArgumentException>(() => suite.InRange("a", "b", "a"));
        Assert.Throws<ArgumentException>(() => suite.RowCountBetween(2, 1));
        Assert.Throws<ArgumentException>(() => suite.LengthBetween("a", 2, 1));
        Assert.Throws<ArgumentException>(() => suite.AggregateBetween(Metrics.AggregateFunction.Mean, "a", 2, 1));
        Assert.Empty(suite.Build().Rules);
    }
}
