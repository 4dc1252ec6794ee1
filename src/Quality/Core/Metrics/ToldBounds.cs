namespace DataPlatform.Quality.Metrics;

/// <summary>
/// Ranges that footers settle. Where they tell bounds, asking for nothing else costs no reading, so that it is done in a statement of its own before
/// anything is scanned: what holds need not be, and what does not is counted in the one scan of everything else.
/// </summary>
internal sealed class ToldBounds(IMetricEngine engine, QualityRunnerOptions options, RunMemory memory, TableShape shape, QualityTarget target)
{
    /// <summary>What to ask, in a statement of its own; empty where footers do not tell, or where a statement costs more than it spares.</summary>
    public async ValueTask<IReadOnlyList<RangeBoundsMetric>> ChooseAsync(IEnumerable<Metric> metrics, CancellationToken cancellationToken)
    {
        var ranges = MetricPlanner.Told(metrics, shape, memory.Counted);
        var isWorth = ranges.Count > 0 && (!memory.Rows.TryGetValue(target.Relation, out var rows) || (Int128)rows * ranges.Count >= options.GroupedTestsMin);
        return isWorth && await IsToldAsync(ranges, cancellationToken).ConfigureAwait(false) ? ranges : [];
    }

    private async ValueTask<bool> IsToldAsync(IReadOnlyList<RangeBoundsMetric> ranges, CancellationToken cancellationToken)
    {
        if (memory.TellsBounds.TryGetValue(target.Relation, out var known))
        {
            return known;
        }

        try
        {
            string[] columns = [.. ranges.Select(r => r.Range.Column).Distinct(StringComparer.OrdinalIgnoreCase)];
            return memory.TellsBounds[target.Relation] = await engine.TellsBoundsAsync(columns, target, cancellationToken).ConfigureAwait(false);
        }
        catch (MetricException)
        {
            // Not swallowed: the scan that follows reads the same columns and reports what is wrong with them, rule by rule.
            return false;
        }
    }
}
