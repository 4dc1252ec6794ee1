using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality.Metrics;

/// <summary>
/// Chooses columns whose conditions are asked of each different value once. A set or a pattern costs a comparison of texts per row and rule; after
/// grouping it costs one per value and rule, and grouping a column of few values is quicker than one such comparison.
/// </summary>
internal sealed class GroupedValues(IMetricEngine engine, QualityRunnerOptions options, RunMemory memory)
{
    // One condition costs about what grouping costs; from the second on grouping is cheaper.
    private const int ConditionsMin = 2;
    private const int HeadRows = 20_000;

    /// <summary>The metrics with those taken together that share a column of few values.</summary>
    public async ValueTask<IReadOnlyList<Metric>> ChooseAsync(
        IEnumerable<Metric> metrics, TableShape shape, QualityTarget target, CancellationToken cancellationToken)
    {
        List<Metric> chosen = [];
        foreach (var group in metrics.DistinctBy(m => m.Key).GroupBy(m => ColumnOf(m, shape)))
        {
            var isGrouped = group.Key is { } column && group.Count(IsDear) >= ConditionsMin
                && await IsGroupedAsync(column, target, cancellationToken).ConfigureAwait(false);
            chosen.AddRange(isGrouped ? group.Select(m => new ValueGroupMetric(m, group.Key!)) : group);
        }

        return chosen;
    }

    /// <summary>The one text column that a metric's value depends on; null when it depends on more than that, or on none.</summary>
    private static string? ColumnOf(Metric metric, TableShape shape)
    {
        var column = metric switch
        {
            { Filter: not null } => null,
            ViolationMetric { Condition: NotNullCondition or SetCondition or PatternCondition or LengthCondition or CastCondition or RangeCondition } m => m.Condition.Columns[0],
            ClassCountsMetric m => m.Column,
            _ => null,
        };
        return column is not null && shape.Find(column) is { Family: ColumnFamily.Text } found ? found.Name : null;
    }

    // Counting NULLs costs nothing either way.
    private static bool IsDear(Metric metric) => metric is not ViolationMetric { Condition: NotNullCondition };

    private async ValueTask<bool> IsGroupedAsync(string column, QualityTarget target, CancellationToken cancellationToken)
    {
        if (options.GroupedValuesMax == 0)
        {
            return false;
        }

        var rows = memory.Rows.TryGetValue(target.Relation, out var known) ? known : (long?)null;
        if (memory.IsGrouped(target.Relation, column, rows) is { } learned)
        {
            return learned;
        }

        try
        {
            var found = await engine.ProbeAsync(column, target, HeadRows, cancellationToken).ConfigureAwait(false);
            var isGrouped = found.Rows >= options.GroupedRowsMin && found.Values <= options.GroupedValuesMax;
            memory.SetGrouped(target.Relation, column, found.Rows, isGrouped);
            return isGrouped;
        }
        catch (MetricException)
        {
            // Not swallowed: the scan that follows reads the same column and reports what is wrong with it, rule by rule.
            return false;
        }
    }
}
