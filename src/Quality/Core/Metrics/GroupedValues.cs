using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality.Metrics;

/// <summary>
/// Chooses columns whose conditions are asked of each different value once. A condition costs a comparison per row and rule; after
/// grouping it costs one per value and rule, and grouping a column of few values is quicker than one such comparison. It is a statement more, though,
/// so that a small table is scanned once and asked of its rows.
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
            var dear = group.Count(IsDear);
            var isGrouped = group.Key is { } column && dear >= ConditionsMin && await IsGroupedAsync(shape.Find(column)!, dear, target, cancellationToken).ConfigureAwait(false);
            chosen.AddRange(isGrouped ? group.Select(m => new ValueGroupMetric(m, group.Key!)) : group);
        }

        return chosen;
    }

    /// <summary>The one column, of texts or of values that are few where they lie close, that a metric's value depends on; null when there is none.</summary>
    private static string? ColumnOf(Metric metric, TableShape shape)
    {
        var column = metric switch
        {
            { Filter: not null } => null,
            ViolationMetric { Condition: NotNullCondition or SetCondition or PatternCondition or LengthCondition or CastCondition or RangeCondition } m => m.Condition.Columns[0],
            ClassCountsMetric m => m.Column,
            _ => null,
        };
        return column is not null && shape.Find(column) is { Family: ColumnFamily.Text or ColumnFamily.Integer or ColumnFamily.Date or ColumnFamily.Boolean } found
            ? found.Name
            : null;
    }

    // Counting NULLs costs nothing either way.
    private static bool IsDear(Metric metric) => metric is not ViolationMetric { Condition: NotNullCondition };

    private async ValueTask<bool> IsGroupedAsync(TableColumn column, int dear, QualityTarget target, CancellationToken cancellationToken)
    {
        if (options.GroupedValuesMax == 0)
        {
            return false;
        }

        try
        {
            // How many rows there are is known of the run before, or costs no reading; only where there are enough is the column looked at.
            var rows = memory.Rows.TryGetValue(target.Relation, out var known) ? known : await CountAsync(target, cancellationToken).ConfigureAwait(false);
            if (!IsWorth(rows, values: 1, dear))
            {
                return false;
            }

            var values = memory.ValuesOf(target.Relation, column.Name, rows) ?? await ProbeAsync(column, target, cancellationToken).ConfigureAwait(false);
            return values <= options.GroupedValuesMax && IsWorth(rows, values, dear);
        }
        catch (MetricException)
        {
            // Not swallowed: the scan that follows reads the same column and reports what is wrong with it, rule by rule.
            return false;
        }
    }

    /// <summary>
    /// Whether grouping spares more tests than it costs. Row by row each condition is a test of each row; grouped, the grouping itself costs about one
    /// test of each row, each condition one of each value, and the statement as much as so many tests.
    /// </summary>
    private bool IsWorth(long rows, long values, int dear) => (Int128)rows * (dear - 1) >= ((Int128)values * dear) + options.GroupedTestsMin;

    private async ValueTask<long> CountAsync(QualityTarget target, CancellationToken cancellationToken)
    {
        var query = new MetricQuery(QueryShape.Scan, [AllRows]);
        var counted = await engine.ComputeAsync(query, new TableShape(target.Relation, []), target, cancellationToken).ConfigureAwait(false);
        return memory.Rows[target.Relation] = (long)(System.Numerics.BigInteger)counted[0]!;
    }

    private async ValueTask<long> ProbeAsync(TableColumn column, QualityTarget target, CancellationToken cancellationToken)
    {
        var (rows, values) = await engine.ProbeAsync(column, target, HeadRows, cancellationToken).ConfigureAwait(false);
        memory.SetValues(target.Relation, column.Name, rows, values);
        return values;
    }

    private static RowCountMetric AllRows { get; } = new((string?)null);
}
