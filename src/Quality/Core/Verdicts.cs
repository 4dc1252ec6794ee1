using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality;

/// <summary>Makes verdicts out of rules and what became of them.</summary>
internal static class Verdicts
{
    public static Verdict Of(QualityRule rule, Judgement judgement) => new()
    {
        RuleId = rule.Id,
        Rule = rule.Description,
        Kind = rule.Kind,
        Severity = rule.Settings.Severity,
        Outcome = judgement.Outcome,
        Message = judgement.Message,
        Observed = judgement.Observed,
        Violations = judgement.Violations,
        Evaluated = judgement.Evaluated,
        Owner = rule.Settings.Owner,
        Evidence = judgement.Evidence,
        Tags = rule.Settings.Tags,
    };

    public static Verdict Error(QualityRule rule, string reason) => Of(rule, new Judgement(Outcome.Error, reason));
}
