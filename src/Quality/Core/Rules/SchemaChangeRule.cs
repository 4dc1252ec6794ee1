using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality.Rules;

/// <summary>The columns are those of the time before. Answered from the catalog: it costs no query over data.</summary>
internal sealed class SchemaChangeRule(RuleSettings settings) : QualityRule(settings)
{
    public override string Kind => "schema-change";

    public override IReadOnlyList<Metric> Metrics => [];

    internal override SampleUse OnSample => SampleUse.Needless;

    internal override string Demand => "the columns do not change";

    internal override string Parameters => string.Empty;

    internal override Judgement Judge(MetricValues values, RuleContext context)
    {
        if (context.PreviousShape is not { } before)
        {
            return new Judgement(Outcome.NoData, "No columns of an earlier time are known yet.");
        }

        var changes = SchemaChange.Between(before, context.Shape);
        var message = changes.Count == 0 ? "No column changed." : string.Join("; ", changes) + ".";
        return new Judgement(changes.Count == 0 ? Outcome.Pass : Outcome.Fail, message, Judgement.Text(changes.Count), changes.Count);
    }
}
