using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality;

/// <summary>Takes what kept states of other relations answer, and opens those relations for what they do not.</summary>
/// <remarks>A comparison with the version before costs the files it does not share with this one, and none when those were read in its time.</remarks>
internal sealed class ReferenceFolds(IMetricEngine engine, QualityTarget target)
{
    private readonly HashSet<string> _open = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Answers metrics over other relations; the rest is left, with its relations opened.</summary>
    /// <param name="values">Where values and errors go.</param>
    /// <param name="metrics">The metrics, of any kind.</param>
    /// <param name="cancellationToken">Stops between two parts.</param>
    public async ValueTask<IReadOnlyList<Metric>> AnswerAsync(MetricValues values, IReadOnlyList<Metric> metrics, CancellationToken cancellationToken)
    {
        foreach (var (reference, states) in target.ReferenceStates)
        {
            List<RelationMetric> wanted = [.. metrics.OfType<RelationMetric>().Where(m => IsOf(m, reference))];
            if (wanted.Count > 0)
            {
                await AnswerAsync(values, reference, states, wanted, cancellationToken).ConfigureAwait(false);
            }
        }

        List<Metric> rest = [];
        foreach (var metric in metrics.Where(m => m is not RelationMetric || !values.Has(m)))
        {
            if (await TryOpenAsync(values, metric, cancellationToken).ConfigureAwait(false))
            {
                rest.Add(metric);
            }
        }

        return rest;
    }

    private async ValueTask AnswerAsync(
        MetricValues values, string reference, IPartStates states, List<RelationMetric> wanted, CancellationToken cancellationToken)
    {
        try
        {
            var shape = await engine.DescribeAsync(target.ReferenceRelation(reference), cancellationToken).ConfigureAwait(false);
            var answer = await states.AnswerAsync([.. wanted.Select(m => m.Inner).DistinctBy(m => m.Key)], shape, cancellationToken).ConfigureAwait(false);
            foreach (var metric in wanted.Where(m => answer.Values.ContainsKey(m.Inner.Key)))
            {
                values.Set(metric, answer.Values[metric.Inner.Key]);
            }
        }
        catch (MetricException)
        {
            // Not swallowed: the relation is opened whole then, where each rule is told what is wrong.
        }
    }

    /// <returns>False when a relation that the metric looks into cannot be opened: the metric has failed then.</returns>
    private async ValueTask<bool> TryOpenAsync(MetricValues values, Metric metric, CancellationToken cancellationToken)
    {
        foreach (var reference in target.ReferenceStates.Keys.Where(r => !_open.Contains(r) && MayLookInto(metric, r)))
        {
            try
            {
                if (target.OpenReference is { } open)
                {
                    await open(reference, cancellationToken).ConfigureAwait(false);
                }

                _open.Add(reference);
            }
            catch (MetricException e)
            {
                values.Fail(metric, e.Message);
                return false;
            }
        }

        return true;
    }

    // SQL of an author's own may name any relation.
    private static bool MayLookInto(Metric metric, string reference) => metric is CustomSqlMetric || metric.Expressions.Any() || IsOf(metric, reference);

    private static bool IsOf(Metric metric, string reference) => string.Equals(
        metric switch { RelationMetric m => m.Reference, OrphanMetric m => m.Reference, MissingKeyMetric m => m.Reference, _ => null },
        reference,
        StringComparison.OrdinalIgnoreCase);
}
