namespace DataPlatform.Quality.Postgres;

/// <summary>The newest verdict of a rule among some runs.</summary>
/// <param name="Rule">The rule's number.</param>
/// <param name="Run">The run's number.</param>
/// <param name="Result">The run.</param>
/// <param name="Verdict">The verdict.</param>
/// <param name="Since">When the first of the runs in a row began that had this outcome.</param>
/// <param name="IsSteady">Whether all the runs had this outcome: it may then have been so before.</param>
internal sealed record NewestRule(long Rule, long Run, SuiteResult Result, Verdict Verdict, DateTimeOffset Since, bool IsSteady)
{
    /// <summary>One per rule, as if the runs had been taken one by one.</summary>
    public static IReadOnlyList<NewestRule> Of(
        IReadOnlyList<SuiteResult> results, Func<SuiteResult, long> runOf, Func<string, string, long> ruleOf)
    {
        Dictionary<long, NewestRule> newest = [];
        foreach (var result in results)
        {
            foreach (var verdict in result.Verdicts)
            {
                var rule = ruleOf(result.Suite, verdict.RuleId);
                var known = newest.GetValueOrDefault(rule);
                if (known is null || result.StartedAt >= known.Result.StartedAt)
                {
                    var isSame = known is null || known.Verdict.Outcome == verdict.Outcome;
                    newest[rule] = new NewestRule(
                        rule, runOf(result), result, verdict, known is not null && isSame ? known.Since : result.StartedAt, isSame && known?.IsSteady != false);
                }
            }
        }

        return [.. newest.Values];
    }
}
