using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality.Rules;

/// <summary>Finds the rules that cannot be measured, from the catalog alone, and says why in the words of the rule's author.</summary>
internal static class Refusals
{
    public static async ValueTask<IReadOnlyDictionary<string, string>> FindAsync(
        QualitySuite suite, TableShape shape, QualityTarget target, IMetricEngine engine, CancellationToken cancellationToken)
    {
        Dictionary<string, string> reasons = [];
        Dictionary<string, (TableShape? Shape, string? Error)> references = [];
        foreach (var rule in suite.Rules)
        {
            var reason = shape.Missing(rule.RequiredColumns);
            reason ??= rule.Incompatibility(shape) ?? rule.Unmet(target, shape);
            foreach (var (relation, columns) in rule.References)
            {
                if (!references.TryGetValue(relation, out var known))
                {
                    known = await LookAsync(engine, target.ReferenceRelation(relation), cancellationToken).ConfigureAwait(false);
                    references[relation] = known;
                }

                reason ??= known.Error ?? known.Shape!.Missing(columns);
            }

            if (reason is not null)
            {
                reasons[rule.Id] = reason;
            }
        }

        return reasons;
    }

    private static async ValueTask<(TableShape? Shape, string? Error)> LookAsync(IMetricEngine engine, string relation, CancellationToken cancellationToken)
    {
        try
        {
            return (await engine.DescribeAsync(relation, cancellationToken).ConfigureAwait(false), null);
        }
        catch (MetricException e)
        {
            return (null, e.Message);
        }
    }
}
