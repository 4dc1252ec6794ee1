using DataPlatform.Quality.Rules.Documents;
using DataPlatform.Quality.Yaml;

namespace DataPlatform.Quality.Tests.Rules;

public sealed class SuiteTextTests
{
    private const string Json = """
        {
          "table": "t", // a comment
          "rules": [
            { "kind": "range", "column": "é", "min": [1] },
            { "kind": "unheard" },
            { "kind": "set", "column": "a", "values": ["x"], "vlaues": 1 },
            { "kind": "not-null", "column": "a" },
          ]
        }
        """;

    private const string Yaml = """
        table: t
        rules:
          - kind: range
            column: a
            min: [1]
          - {kind: unheard}
          - kind: not-null
        """;

    [Fact]
    public void Check_says_every_problem_of_a_json_text_by_line_and_column()
    {
        var check = SuiteText.Check(Json, JsonNotation.Instance);

        Assert.Null(check.Suite);
        Assert.Equal(["4:39", "5:7", "6:54"], check.Problems.Select(p => p.At.ToString()));
        Assert.Contains("'vlaues' is no property here", check.Problems[2].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_says_every_problem_of_a_yaml_text_by_line_and_column()
    {
        var check = SuiteText.Check(Yaml, YamlNotation.Instance);

        Assert.Equal(["5:5", "6:6", "7:5"], check.Problems.Select(p => p.At.ToString()));
        Assert.Contains("'column' is missing", check.Problems[2].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\n  \"table\": \"t\",,\n}", "2:16")]
    [InlineData("", "1:1")]
    public void Check_says_where_a_text_stops_to_be_json(string text, string at)
        => Assert.Equal(at, Assert.Single(SuiteText.Check(text, JsonNotation.Instance).Problems).At.ToString());

    [Fact]
    public void Check_says_where_a_text_stops_to_be_yaml_and_bears_what_would_exhaust_the_stack()
    {
        Assert.Equal("2:8", Assert.Single(SuiteText.Check("table: t\nrules: }", YamlNotation.Instance).Problems).At.ToString());
        Assert.Contains("levels", Assert.Single(SuiteText.Check(new string('[', 100_000), YamlNotation.Instance).Problems).Message, StringComparison.Ordinal);
        Assert.Contains("key that is no text", Assert.Single(SuiteText.Check("? [a]\n: b", YamlNotation.Instance).Problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rule_said_twice_is_a_problem_of_the_list()
        => Assert.Equal("1:14", Assert.Single(SuiteText.Check("""
            {"table":"t","rules":[{"kind":"not-null","column":"a"},{"kind":"not-null","column":"a"}]}
            """, JsonNotation.Instance).Problems).At.ToString());

    [Fact]
    public void What_one_notation_writes_the_other_reads_with_the_same_ids()
    {
        const string text = """
            {"table":"t","suite":"1e3","rules":[{"kind":"set","column":"a","values":["yes","12","x: y","",true,1.50]},{"kind":"range","column":"b","min":-1,"max":{"date":"2001-01-31"}}]}
            """;

        var yaml = YamlNotation.Instance.Write(text);
        var back = SuiteText.Check(yaml, YamlNotation.Instance);
        var again = SuiteText.Check(JsonNotation.Instance.Write(back.Json!), JsonNotation.Instance);

        Assert.Empty(back.Problems);
        Assert.Equal(SuiteDocument.Read(text).Rules.Select(r => r.Id), back.Suite!.Rules.Select(r => r.Id));
        Assert.Equal(back.Suite.Rules.Select(r => r.Id), again.Suite!.Rules.Select(r => r.Id));
        Assert.Equal("1e3", again.Suite.Name);
    }
}
