namespace DataPlatform.Quality.Metrics;

/// <summary>Runs planned queries and isolates what fails in them.</summary>
/// <remarks>
/// One expression that does not bind or overflows ends a whole fused query. The query is then sent again in halves until the bad expression
/// stands alone, which costs at most two queries per level: 2 log2(k) for one bad expression among k.
/// </remarks>
internal sealed class MetricExecution(IMetricEngine engine, TableShape shape, QualityTarget target, TimeSpan queryTimeMax)
{
    private readonly Dictionary<QueryShape, int> _sent = [];
    private int _repeats;

    public MetricValues Values { get; } = new();

    /// <summary>Counts that bounds did not spare.</summary>
    public List<ViolationMetric> Undecided { get; } = [];

    public QueryCounts Counts(int samples) => new(
        Sent(QueryShape.Scan), Sent(QueryShape.Grouping), Sent(QueryShape.Reference), Sent(QueryShape.Custom), samples + Sent(QueryShape.Sample), _repeats, Sent(QueryShape.Values));

    public async ValueTask RunAsync(MetricQuery query, CancellationToken cancellationToken)
    {
        // What footers tell is no pass over the table.
        _sent[query.Shape] = Sent(query.Shape) + (query.Metrics[0] is RangeBoundsMetric { IsTold: true } ? 0 : 1);
        var open = new Stack<MetricQuery>([query]);
        while (open.TryPop(out var next))
        {
            if (!ReferenceEquals(next, query))
            {
                _repeats++;
            }

            try
            {
                var values = await QueryLimit.RunAsync(token => engine.ComputeAsync(next, shape, target, token), queryTimeMax, cancellationToken).ConfigureAwait(false);
                for (var i = 0; i < next.Metrics.Count; i++)
                {
                    Take(next.Metrics[i], values[i]);
                }
            }
            catch (MetricException e) when (e.IsStopped && next.Metrics.Count > 1)
            {
                foreach (var part in Apart(next, e.Message))
                {
                    open.Push(part);
                }
            }
            catch (MetricException e) when (next.Metrics.Count == 1)
            {
                Values.Fail(Asked(next.Metrics[0]), e.Message);
            }
            catch (MetricException)
            {
                // Not swallowed: the halves below run into it again, and the last one alone reports it.
                var half = next.Metrics.Count / 2;
                open.Push(next with { Metrics = [.. next.Metrics.Skip(half)] });
                open.Push(next with { Metrics = [.. next.Metrics.Take(half)] });
            }
        }
    }

    /// <summary>
    /// What is sent again of a query that took too long: what may go on without end each alone, and the rest together. Halves would each take as long;
    /// where nothing looks further than its row, the table is too large for the limit, and all has failed.
    /// </summary>
    private IEnumerable<MetricQuery> Apart(MetricQuery stopped, string reason)
    {
        var endless = stopped.Metrics.ToLookup(MayBeEndless);
        if (!endless[true].Any())
        {
            foreach (var metric in stopped.Metrics)
            {
                Values.Fail(Asked(metric), reason);
            }

            return [];
        }

        var alone = endless[true].Select(m => stopped with { Metrics = [m] });
        return endless[false].Any() ? alone.Append(stopped with { Metrics = [.. endless[false]] }) : alone;
    }

    private bool MayBeEndless(Metric metric)
    {
        try
        {
            return !metric.Expressions.All(engine.IsRowLocal);
        }
        catch (MetricException)
        {
            // Not swallowed: what does not parse is refused at once when it is sent, and its rule told why.
            return false;
        }
    }

    private void Take(Metric metric, object? value)
    {
        switch (metric)
        {
            case RangeBoundsMetric bounds when value is null:
                Undecided.Add(bounds.Violations);
                break;
            case RangeBoundsMetric bounds:
                Values.Set(bounds.Violations, value);
                break;
            default:
                Values.Set(Asked(metric), value);
                break;
        }
    }

    /// <summary>The metric a rule asked for, where another one is computed in its place.</summary>
    private static Metric Asked(Metric metric) => metric switch
    {
        RangeBoundsMetric bounds => bounds.Violations,
        ValueGroupMetric grouped => grouped.Inner,
        _ => metric,
    };

    private int Sent(QueryShape kind) => _sent.GetValueOrDefault(kind);
}
