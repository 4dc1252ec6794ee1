using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Profiles;
using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality;

/// <summary>What a run knows of earlier ones, and what it leaves for later ones.</summary>
internal sealed class RunPast(QualityRunnerOptions options, QualitySuite suite, QualityTarget target, DateTimeOffset now)
{
    public async ValueTask<RuleContext> ContextAsync(
        IReadOnlyList<QualityRule> rules, MetricValues values, TableShape shape, CancellationToken cancellationToken)
    {
        var context = new RuleContext(suite.Table, shape, target, now) { HasSeries = options.Series is not null };
        return context with
        {
            Series = await SeriesAsync(rules, context.At, cancellationToken).ConfigureAwait(false),
            PreviousShape = target.PreviousShape ?? (options.Shapes is { } shapes && rules.Any(r => r is SchemaChangeRule)
                ? await shapes.BeforeAsync(suite.Table, context.At, cancellationToken).ConfigureAwait(false)
                : null),
            AdjustedPValues = Adjusted(rules, values),
        };
    }

    /// <summary>Adds this run's points to their series. A re-run of the same day replaces them.</summary>
    public async ValueTask RememberAsync(IReadOnlyList<QualityRule> rules, MetricValues values, RuleContext context, CancellationToken cancellationToken)
    {
        if (options.Series is { } series)
        {
            Dictionary<string, double> points = [];
            foreach (var (name, value) in Measured(rules, values, context).Where(p => double.IsFinite(p.Value)))
            {
                points[name] = value;
            }

            if (points.Count > 0)
            {
                IReadOnlyList<SeriesPoint> kept = [.. points.Select(p => new SeriesPoint(p.Key, new MetricPoint(context.At, p.Value)))];
                await series.PutAsync(kept, cancellationToken).ConfigureAwait(false);
            }
        }

        if (options.Shapes is { } shapes)
        {
            await shapes.PutAsync(suite.Table, context.At, context.Shape, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<IReadOnlyDictionary<string, IReadOnlyList<MetricPoint>>> SeriesAsync(
        IReadOnlyList<QualityRule> rules, DateTimeOffset at, CancellationToken cancellationToken)
    {
        Dictionary<string, IReadOnlyList<MetricPoint>> past = [];
        foreach (var rule in rules.OfType<AnomalyRule>())
        {
            if (options.Series is { } series)
            {
                past[rule.Id] = await series.BeforeAsync(rule.SeriesIn(suite.Table)!, at, rule.HistoryMax, cancellationToken).ConfigureAwait(false);
            }
        }

        return past;
    }

    /// <summary>Tests over one table are one family: the more there are, the surer each has to be.</summary>
    private Dictionary<string, double> Adjusted(IReadOnlyList<QualityRule> rules, MetricValues values)
    {
        List<(string Id, double PValue)> tests = [];
        foreach (var rule in rules.Where(r => r.MetricsFor(target).All(values.Has)))
        {
            if (rule.Test(values, target) is { } result)
            {
                tests.Add((rule.Id, result.PValue));
            }
        }

        var adjusted = FalseDiscovery.Adjust([.. tests.Select(t => t.PValue)]);
        return tests.Zip(adjusted).ToDictionary(t => t.First.Id, t => t.Second);
    }

    /// <summary>What the run measured anyway, as points of series, and what anomaly rules asked for.</summary>
    private IEnumerable<(string Name, double Value)> Measured(IReadOnlyList<QualityRule> rules, MetricValues values, RuleContext context)
    {
        var measured = rules.SelectMany(r => r.MetricsFor(target)).Where(m => m.Filter is null && values.Has(m)).DistinctBy(m => m.Key).ToList();
        foreach (var metric in measured)
        {
            if (Point(metric, values, measured, context) is { } point)
            {
                yield return point;
            }
        }

        if (target.CommittedAt is { } committed)
        {
            yield return (SeriesName.Of(suite.Table, SeriesMeasure.AgeSeconds), (context.Now - committed).TotalSeconds);
        }

        if (context.PreviousShape is { } before)
        {
            yield return (SeriesName.Of(suite.Table, SeriesMeasure.SchemaChanges), SchemaChange.Between(before, context.Shape).Count);
        }

        foreach (var rule in rules.OfType<AnomalyRule>().Where(r => r.Metrics.All(values.Has)))
        {
            if (rule.Point(values, context) is { } point)
            {
                yield return (rule.SeriesIn(suite.Table)!, point.Value);
            }
        }
    }

    private (string Name, double Value)? Point(Metric metric, MetricValues values, List<Metric> measured, RuleContext context)
    {
        string Name(SeriesMeasure measure, string? column = null) => SeriesName.Of(suite.Table, measure, column);
        var rows = measured.OfType<RowCountMetric>().FirstOrDefault() is { } all ? values.Count(all) : 0;
        return metric switch
        {
            RowCountMetric => (Name(SeriesMeasure.Rows), rows),
            ViolationMetric { Condition: NotNullCondition c } when rows > 0 => (Name(SeriesMeasure.NullShare, c.Column), (double)values.Count(metric) / rows),
            AggregateMetric { Function: AggregateFunction.Mean } m when values.Number(m) is { } mean => (Name(SeriesMeasure.Mean, m.Column), mean),
            AggregateMetric { Function: AggregateFunction.DistinctCount } m when values.Number(m) is { } count => (Name(SeriesMeasure.Distinct, m.Column), count),
            ApproximateDistinctMetric { Columns: [var column] } when values.Value(metric) is HyperLogLog sketch
                => (Name(SeriesMeasure.Distinct, column), Math.Round(sketch.Estimate())),
            NewestTimeMetric m when values.Number(m) is { } newest
                => (Name(SeriesMeasure.AgeSeconds, m.Column), (context.Now - EpochTime.Of(newest)).TotalSeconds),
            _ => null,
        };
    }
}
