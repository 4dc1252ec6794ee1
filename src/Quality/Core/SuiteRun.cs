using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality;

/// <summary>One run of a suite, from the catalog to the verdicts.</summary>
internal sealed class SuiteRun(IMetricEngine engine, QualityRunnerOptions options, RunMemory memory, QualitySuite suite, QualityTarget target, DateTimeOffset now)
{
    private readonly Dictionary<string, string> _whole = [];
    private PartAnswer? _answer;
    private bool _isOpen;

    public async ValueTask<RunOutcome> JudgeAsync(CancellationToken cancellationToken)
    {
        if (target.Unavailable is { } why)
        {
            return new RunOutcome([.. suite.Rules.Select(r => Verdicts.Error(r, why))], new QueryCounts());
        }

        TableShape shape;
        try
        {
            shape = await engine.DescribeAsync(target.Relation, cancellationToken).ConfigureAwait(false);
        }
        catch (MetricException e)
        {
            return new RunOutcome([.. suite.Rules.Select(r => Verdicts.Error(r, e.Message))], new QueryCounts());
        }

        var refusals = await Refusals.FindAsync(suite, shape, target, engine, cancellationToken).ConfigureAwait(false);
        var execution = new MetricExecution(engine, shape, target, options.QueryTimeMax);
        List<QualityRule> rules = [.. suite.Rules.Where(r => !refusals.ContainsKey(r.Id))];
        await MeasureAsync(execution, rules, shape, cancellationToken).ConfigureAwait(false);
        var past = new RunPast(options, suite, target, now);
        var context = await past.ContextAsync(rules, execution.Values, shape, cancellationToken).ConfigureAwait(false);

        var samples = new SampleReader(engine, shape, options.SampleRowsMax, suite.MaskedColumns, options.QueryTimeMax);
        List<Verdict> verdicts = [];
        foreach (var rule in suite.Rules)
        {
            var verdict = refusals.TryGetValue(rule.Id, out var reason) ? Verdicts.Error(rule, reason) : Judge(rule, execution.Values, context);
            if (samples.Wants(rule, verdict))
            {
                verdict = await samples.AttachAsync(rule, verdict, SampledAsync, cancellationToken).ConfigureAwait(false);
            }

            verdicts.Add(verdict);
        }

        await past.RememberAsync(rules, execution.Values, context, cancellationToken).ConfigureAwait(false);
        return await WithPartitionsAsync(new RunOutcome(verdicts, execution.Counts(samples.Queries)), rules, context, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<RunOutcome> WithPartitionsAsync(
        RunOutcome outcome, IReadOnlyList<QualityRule> rules, RuleContext context, CancellationToken cancellationToken)
    {
        if (_answer is not { } answer)
        {
            return outcome;
        }

        var run = new PartitionRun(engine, options, suite, target, answer);
        var partitions = await run.JudgeAsync(rules, context, cancellationToken).ConfigureAwait(false);
        var queries = outcome.Queries with
        {
            Samples = outcome.Queries.Samples + run.Queries,
            PartsLive = answer.Live,
            PartsRead = answer.Read,
            PartBytesRead = answer.BytesRead,
        };
        return outcome with { Queries = queries, Partitions = partitions };
    }

    private async ValueTask MeasureAsync(MetricExecution execution, IReadOnlyList<QualityRule> rules, TableShape shape, CancellationToken cancellationToken)
    {
        IReadOnlyList<Metric> metrics = [.. rules.SelectMany(r => r.MetricsFor(target)).DistinctBy(m => m.Key)];
        metrics = await FoldAsync(execution.Values, metrics, shape, cancellationToken).ConfigureAwait(false);
        metrics = await new ReferenceFolds(engine, target).AnswerAsync(execution.Values, metrics, cancellationToken).ConfigureAwait(false);
        if (metrics.Count > 0 && !await TryOpenWholeAsync(execution.Values, metrics, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        await CountAsync(execution, metrics, shape, cancellationToken).ConfigureAwait(false);
        var measured = rules.Where(r => r.MetricsFor(target).All(execution.Values.Has));
        List<Metric> followUps = [.. measured.SelectMany(r => r.FollowUps(execution.Values))];
        if (followUps.Count > 0 && await TryOpenWholeAsync(execution.Values, followUps, cancellationToken).ConfigureAwait(false))
        {
            await SendAsync(execution, followUps, cancellationToken).ConfigureAwait(false);
        }

        if (execution.Values.Has(AllRows))
        {
            memory.Rows[target.Relation] = execution.Values.Count(AllRows);
        }
    }

    /// <summary>Bounds first: where a file tells them, ranges that hold cost nothing. What they do not settle is asked of values or rows.</summary>
    private async ValueTask CountAsync(MetricExecution execution, IReadOnlyList<Metric> metrics, TableShape shape, CancellationToken cancellationToken)
    {
        var told = await new ToldBounds(engine, options, memory, shape, target).ChooseAsync(metrics, cancellationToken).ConfigureAwait(false);
        await SendAsync(execution, told, cancellationToken).ConfigureAwait(false);
        RememberUndecided(execution);
        List<Metric> open = [.. metrics.Where(m => !execution.Values.Has(m) && execution.Values.Error(m) is null)];

        var grouping = new GroupedValues(engine, options, memory);
        var bounded = MetricPlanner.WithBounds(open, shape, memory.Counted);
        await SendAsync(execution, await grouping.ChooseAsync(bounded, shape, target, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        var undecided = await grouping.ChooseAsync(RememberUndecided(execution), shape, target, cancellationToken).ConfigureAwait(false);
        await SendAsync(execution, undecided, cancellationToken).ConfigureAwait(false);
    }

    private IReadOnlyList<Metric> RememberUndecided(MetricExecution execution)
    {
        IReadOnlyList<Metric> undecided = [.. execution.Undecided];
        execution.Undecided.Clear();
        foreach (var metric in undecided)
        {
            memory.AddCounted(metric.Key);
        }

        return undecided;
    }

    /// <summary>What rows to show are taken from: a part that was counted in, else the whole.</summary>
    private async ValueTask<QualityTarget> SampledAsync(QualityRule rule, CancellationToken cancellationToken)
    {
        if (target.States is { } states && await states.OpenCountedAsync(rule.SampleMetric!, partition: null, cancellationToken).ConfigureAwait(false) is { } relation)
        {
            return target with { Relation = relation };
        }

        await OpenWholeAsync(cancellationToken).ConfigureAwait(false);
        return target;
    }

    /// <returns>False when the whole cannot be opened: what was to be measured of it has failed then.</returns>
    private async ValueTask<bool> TryOpenWholeAsync(MetricValues values, IReadOnlyList<Metric> metrics, CancellationToken cancellationToken)
    {
        try
        {
            await OpenWholeAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (MetricException e)
        {
            foreach (var metric in metrics)
            {
                values.Fail(metric, e.Message);
            }

            return false;
        }
    }

    private async ValueTask OpenWholeAsync(CancellationToken cancellationToken)
    {
        if (!_isOpen && target.OpenWhole is { } open)
        {
            await open(cancellationToken).ConfigureAwait(false);
        }

        _isOpen = true;
    }

    private static RowCountMetric AllRows { get; } = new((string?)null);

    /// <summary>Takes what kept states answer; what they do not is left to be measured.</summary>
    private async ValueTask<IReadOnlyList<Metric>> FoldAsync(
        MetricValues values, IReadOnlyList<Metric> metrics, TableShape shape, CancellationToken cancellationToken)
    {
        if (target.States is not { } states)
        {
            return metrics;
        }

        PartAnswer answer;
        try
        {
            answer = await states.AnswerAsync(metrics, shape, cancellationToken).ConfigureAwait(false);
        }
        catch (MetricException e)
        {
            // A part that cannot be read is found again over the whole table, where each rule says what is wrong.
            answer = new PartAnswer(new Dictionary<string, object?>(), metrics.ToDictionary(m => m.Key, _ => e.Message), 0, 0, 0);
        }

        _answer = answer;
        foreach (var metric in metrics.Where(m => answer.Values.ContainsKey(m.Key)))
        {
            values.Set(metric, answer.Values[metric.Key]);
        }

        foreach (var (key, why) in answer.Whole)
        {
            _whole[key] = why;
        }

        return [.. metrics.Where(m => !answer.Values.ContainsKey(m.Key))];
    }

    private async ValueTask SendAsync(MetricExecution execution, IEnumerable<Metric> metrics, CancellationToken cancellationToken)
    {
        foreach (var query in MetricPlanner.Plan(metrics, memory.Failed, options.ScanExpressionsMax))
        {
            await execution.RunAsync(query, cancellationToken).ConfigureAwait(false);
        }
    }

    private Verdict Judge(QualityRule rule, MetricValues values, RuleContext context)
    {
        foreach (var metric in rule.MetricsFor(target).Concat(Failures(rule, values)))
        {
            if (values.Error(metric) is { } error)
            {
                memory.AddFailed(metric.Key);
                return Verdicts.Error(rule, error);
            }
        }

        var verdict = Verdicts.Of(rule, rule.Judge(values, context));
        var why = rule.MetricsFor(target).Select(m => _whole.GetValueOrDefault(m.Key)).FirstOrDefault(w => w is not null);
        return why is null ? verdict : verdict with { Message = $"{verdict.Message} (The whole table was read: {why}.)" };
    }

    private IEnumerable<Metric> Failures(QualityRule rule, MetricValues values)
        => rule.MetricsFor(target).All(values.Has) ? rule.FollowUps(values) : [];
}
