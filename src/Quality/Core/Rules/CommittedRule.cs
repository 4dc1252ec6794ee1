using System.Globalization;
using DataPlatform.Quality.Freshness;
using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality.Rules;

/// <summary>The table is committed within a time after a local time of day, judged by the lake's log alone: it costs no query over data.</summary>
internal sealed class CommittedRule(FreshnessSla sla, RuleSettings settings) : QualityRule(settings)
{
    public override string Kind => "committed";

    public override IReadOnlyList<Metric> Metrics => [];

    internal override SampleUse OnSample => SampleUse.Needless;

    internal override string Demand => $"committed within {Text(sla.Within)} of {sla.At.ToString("HH:mm", CultureInfo.InvariantCulture)} {sla.Zone.Id}";

    internal override string Parameters => Canonical.Join(sla.At.ToString("O", CultureInfo.InvariantCulture), Text(sla.Within), sla.Zone.Id);

    internal override string? Unmet(QualityTarget target, TableShape shape) => target.CommittedAt is null
        ? "Nobody told when rows were last committed: check it through a table gate, which reads the lake's log; it tells nothing when no commit that added rows is left there."
        : null;

    internal override Judgement Judge(MetricValues values, RuleContext context)
    {
        var ahead = context.Target.CommittedAt!.Value - context.Now;
        if (ahead > FreshnessRule.ClockSkewMax)
        {
            return new Judgement(Outcome.Error, $"The newest commit lies {Text(ahead)} ahead of this clock: one of the clocks is wrong.");
        }

        var verdict = sla.Judge(context.Target.CommittedAt, context.Now);
        return new Judgement(
            verdict.Outcome, verdict.Message, verdict.NewestCommit?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
    }

    private static string Text(TimeSpan span) => span.ToString("c", CultureInfo.InvariantCulture);
}
