using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality;

/// <summary>A run that judges by a sample what a sample can tell, and refuses or reads whole what it cannot.</summary>
internal sealed class SampledRun(
    IMetricEngine engine, QualityRunnerOptions options, SamplingOptions sampling, RunMemory memory, QualitySuite suite, QualityTarget target, DateTimeOffset now)
{
    public async ValueTask<RunOutcome> JudgeAsync(CancellationToken cancellationToken)
    {
        TableShape shape;
        long rows;
        try
        {
            shape = await engine.DescribeAsync(target.Relation, cancellationToken).ConfigureAwait(false);
            var count = new MetricQuery(QueryShape.Scan, [AllRows]);
            rows = (long)(System.Numerics.BigInteger)(await engine.ComputeAsync(count, shape, target, cancellationToken).ConfigureAwait(false))[0]!;
        }
        catch (MetricException)
        {
            // What cannot even be counted is judged by the ordinary run, which has a verdict for it.
            rows = 0;
            shape = new TableShape(target.Relation, []);
        }

        if (rows <= sampling.Rows)
        {
            return await Whole(suite.Rules).JudgeAsync(cancellationToken).ConfigureAwait(false);
        }

        List<QualityRule> whole = [.. suite.Rules.Where(r => r.OnSample == SampleUse.Needless || (r.OnSample == SampleUse.Unsound && sampling.WholeWhereUnsound))];
        var (verdicts, queries) = await Whole(whole).JudgeAsync(cancellationToken).ConfigureAwait(false);
        var byRule = verdicts.ToDictionary(v => v.RuleId);
        var sampled = await SampleAsync([.. suite.Rules.Where(r => r.OnSample == SampleUse.Sound)], shape, rows, byRule, cancellationToken).ConfigureAwait(false);
        foreach (var rule in suite.Rules.Where(r => !byRule.ContainsKey(r.Id)))
        {
            byRule[rule.Id] = Verdicts.Error(rule, $"Refused on a sample: {rule.UnsoundSince}. Run it over all rows.");
        }

        return new RunOutcome([.. suite.Rules.Select(r => byRule[r.Id])], queries with { Scans = queries.Scans + 1 + sampled.Scans, Samples = queries.Samples + sampled.Samples, Repeats = queries.Repeats + sampled.Repeats });
    }

    private static RowCountMetric AllRows { get; } = new((string?)null);

    private SuiteRun Whole(IReadOnlyList<QualityRule> rules)
        => new(engine, options, memory, new QualitySuite(suite.Name, suite.Table, rules, suite.MaskedColumns), target, now);

    private async ValueTask<QueryCounts> SampleAsync(
        IReadOnlyList<QualityRule> rules, TableShape shape, long rows, Dictionary<string, Verdict> verdicts, CancellationToken cancellationToken)
    {
        var part = new QualitySuite(suite.Name, suite.Table, rules, suite.MaskedColumns);
        var refusals = await Refusals.FindAsync(part, shape, target, engine, cancellationToken).ConfigureAwait(false);
        var execution = new MetricExecution(engine, shape, target with { SampleRows = sampling.Rows }, options.QueryTimeMax);
        List<QualityRule> measured = [.. rules.Where(r => !refusals.ContainsKey(r.Id))];
        List<Metric> metrics = [AllRows, .. measured.SelectMany(r => r.SampledMetrics(sampling.Rows))];

        // All conditions see one draw, or shares of it would not fit together; so the scan is never split.
        foreach (var query in MetricPlanner.Plan(measured.Count == 0 ? [] : metrics, memory.Failed, metrics.Count))
        {
            await execution.RunAsync(query, cancellationToken).ConfigureAwait(false);
        }

        foreach (var rule in rules)
        {
            verdicts[rule.Id] = refusals.TryGetValue(rule.Id, out var reason) ? Verdicts.Error(rule, reason) : Judge(rule, execution.Values, rows);
        }

        return execution.Counts(0);
    }

    private Verdict Judge(QualityRule rule, MetricValues values, long rows)
    {
        foreach (var metric in rule.SampledMetrics(sampling.Rows))
        {
            if (values.Error(metric) is { } error)
            {
                memory.AddFailed(metric.Key);
                return Verdicts.Error(rule, error);
            }
        }

        var drawn = values.Has(AllRows) ? values.Count(AllRows) : sampling.Rows;
        return Verdicts.Of(rule, rule.JudgeSample(values, new SampleFacts(rows, drawn, sampling.Rows, sampling.Confidence)));
    }
}
