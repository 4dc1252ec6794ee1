using DataPlatform.Quality.Web;

namespace DataPlatform.Quality.Tests.Web;

public sealed class SuiteReportTests
{
    [Fact]
    public void A_report_stands_alone_tells_every_rule_and_escapes_what_is_in_the_data()
    {
        var start = new DateTimeOffset(2001, 1, 1, 0, 0, 0, TimeSpan.Zero);
        Verdict Of(string rule, Outcome outcome, RowSample? sample = null) => new()
        {
            RuleId = rule,
            Rule = rule,
            Kind = "k",
            Severity = Severity.Critical,
            Outcome = outcome,
            Message = "seen",
            Violations = 3,
            Evaluated = 1_234_567,
            Sample = sample ?? RowSample.Empty,
        };
        var result = new SuiteResult
        {
            RunId = "r",
            Suite = "s",
            Table = "arrivals",
            StartedAt = start,
            Duration = TimeSpan.FromMilliseconds(12),
            Queries = new QueryCounts(Scans: 1),
            Verdicts = [Of("a <= b", Outcome.Pass), Of("c is not null", Outcome.Fail, new RowSample(["c", "d"], [["<script>alert(1)</script>", null]]))],
        };

        var html = SuiteReport.Render(result, [result with { StartedAt = start.AddHours(-1) }, result]);

        Assert.Contains("Quality of arrivals", html, StringComparison.Ordinal);
        Assert.Contains("a &lt;= b", html, StringComparison.Ordinal);
        Assert.Contains("1,234,567", html, StringComparison.Ordinal);
        Assert.Contains("closed", html, StringComparison.Ordinal);
        Assert.Contains("<svg", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<link", html, StringComparison.Ordinal);
    }
}
