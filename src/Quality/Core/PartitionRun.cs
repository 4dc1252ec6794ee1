using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality;

/// <summary>Judges rules by the partitions of their table, from what a run's parts said anyway.</summary>
internal sealed class PartitionRun(IMetricEngine engine, QualityRunnerOptions options, QualitySuite suite, QualityTarget target, PartAnswer answer)
{
    /// <summary>Queries that fetched rows to show.</summary>
    public int Queries { get; private set; }

    /// <summary>Judges.</summary>
    /// <param name="rules">The rules that were not refused.</param>
    /// <param name="context">What rules may know.</param>
    /// <param name="cancellationToken">Stops between two queries for rows to show.</param>
    public async ValueTask<IReadOnlyList<PartitionVerdict>> JudgeAsync(
        IReadOnlyList<QualityRule> rules, RuleContext context, CancellationToken cancellationToken)
    {
        List<QualityRule> judged = [.. rules.Where(r => r.OnPartition != PartitionUse.None && r.MetricsFor(target).Count > 0)];
        List<PartitionVerdict> verdicts = [];
        foreach (var partition in answer.Partitions)
        {
            var values = ValuesOf(partition, judged);
            foreach (var rule in judged.Where(r => r.MetricsFor(target).All(values.Has)))
            {
                var verdict = Judge(rule, partition.Partition, values, context);
                verdicts.Add(partition.IsRead ? await ShownAsync(rule, verdict, context.Shape, cancellationToken).ConfigureAwait(false) : verdict);
            }
        }

        return verdicts;
    }

    private MetricValues ValuesOf(PartitionAnswer partition, List<QualityRule> rules)
    {
        var values = new MetricValues();
        foreach (var metric in rules.SelectMany(r => r.MetricsFor(target)).Where(m => partition.Values.ContainsKey(m.Key)))
        {
            values.Set(metric, partition.Values[metric.Key]);
        }

        return values;
    }

    private static PartitionVerdict Judge(QualityRule rule, string partition, MetricValues values, RuleContext context)
    {
        var judgement = rule.Judge(values, context);
        return rule.OnPartition == PartitionUse.Value
            ? new PartitionVerdict(rule.Id, partition, null) { Observed = judgement.Observed }
            : new PartitionVerdict(rule.Id, partition, judgement.Outcome)
            {
                Observed = judgement.Observed,
                Violations = judgement.Violations,
                Evaluated = judgement.Evaluated,
            };
    }

    /// <summary>Takes rows to show while the partition's files are new: an unchanged partition is not opened for a picture of it.</summary>
    private async ValueTask<PartitionVerdict> ShownAsync(QualityRule rule, PartitionVerdict verdict, TableShape shape, CancellationToken cancellationToken)
    {
        if (verdict.Violations is not > 0 || rule.SampleMetric is not { } metric || options.SampleRowsMax == 0 || Queries >= options.PartitionSamplesMax)
        {
            return verdict;
        }

        try
        {
            if (await target.States!.OpenCountedAsync(metric, verdict.Partition, cancellationToken).ConfigureAwait(false) is not { } relation)
            {
                return verdict;
            }

            Queries++;
            var rows = await engine.SampleAsync(metric, shape, target with { Relation = relation }, options.SampleRowsMax, cancellationToken).ConfigureAwait(false);
            return verdict with { Sample = rows.Mask(suite.MaskedColumns) };
        }
        catch (MetricException)
        {
            // The counts stand; the rule's own verdict, whose rows come from the same files, says what is wrong with showing them.
            return verdict;
        }
    }
}
