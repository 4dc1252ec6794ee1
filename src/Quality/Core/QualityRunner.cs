using System.Collections.Concurrent;
using System.Diagnostics;
using DataPlatform.Quality.Diagnostics;
using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Rules;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlatform.Quality;

/// <summary>Plans a suite's metrics, has an engine compute them, and judges the values.</summary>
/// <remarks>Runs one suite at a time per engine; the engine decides whether several runners may share what it reads.</remarks>
public sealed partial class QualityRunner : IQualityRunner
{
    private readonly IMetricEngine _engine;
    private readonly QualityRunnerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<string, byte> _failedBefore = new();
    private readonly ConcurrentDictionary<string, byte> _countedBefore = new();

    /// <summary>Makes a runner over an engine.</summary>
    /// <param name="engine">What computes metrics.</param>
    /// <param name="options">Settings; the defaults when null.</param>
    /// <param name="time">The clock of freshness and of results; the system's when null.</param>
    /// <param name="logger">Where a run is logged; nowhere when null.</param>
    public QualityRunner(IMetricEngine engine, QualityRunnerOptions? options = null, TimeProvider? time = null, ILogger<QualityRunner>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(engine);
        _engine = engine;
        _options = options ?? new QualityRunnerOptions();
        _time = time ?? TimeProvider.System;
        _logger = logger ?? NullLogger<QualityRunner>.Instance;
    }

    /// <inheritdoc/>
    public async ValueTask<SuiteResult> RunAsync(QualitySuite suite, QualityTarget target, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(suite);
        ArgumentNullException.ThrowIfNull(target);
        using var activity = QualityTelemetry.Activities.StartActivity("quality.run");
        activity?.SetTag("quality.suite", suite.Name);
        var startedAt = _time.GetUtcNow();
        var started = _time.GetTimestamp();

        var (verdicts, queries) = await JudgeAsync(suite, target, startedAt, cancellationToken).ConfigureAwait(false);
        var result = new SuiteResult
        {
            RunId = Guid.CreateVersion7(startedAt).ToString("N"),
            Suite = suite.Name,
            Table = suite.Table,
            Version = target.Version,
            StartedAt = startedAt,
            Duration = _time.GetElapsedTime(started),
            Verdicts = verdicts,
            Queries = queries,
        };
        Report(result, activity);
        return result;
    }

    private async ValueTask<(IReadOnlyList<Verdict> Verdicts, QueryCounts Queries)> JudgeAsync(
        QualitySuite suite, QualityTarget target, DateTimeOffset now, CancellationToken cancellationToken)
    {
        TableShape shape;
        try
        {
            shape = await _engine.DescribeAsync(target.Relation, cancellationToken).ConfigureAwait(false);
        }
        catch (MetricException e)
        {
            return ([.. suite.Rules.Select(r => Verdicts.Error(r, e.Message))], new QueryCounts());
        }

        var refusals = await Refusals.FindAsync(suite, shape, target, _engine, cancellationToken).ConfigureAwait(false);
        var execution = new MetricExecution(_engine, shape, target);
        var metrics = suite.Rules.Where(r => !refusals.ContainsKey(r.Id)).SelectMany(r => r.Metrics);
        await MeasureAsync(execution, MetricPlanner.WithBounds(metrics, shape, Known(_countedBefore)), cancellationToken).ConfigureAwait(false);
        foreach (var metric in execution.Undecided)
        {
            _countedBefore.TryAdd(metric.Key, 0);
        }

        await MeasureAsync(execution, execution.Undecided, cancellationToken).ConfigureAwait(false);

        var samples = new SampleReader(_engine, shape, target, _options.SampleRowsMax, suite.MaskedColumns);
        List<Verdict> verdicts = [];
        foreach (var rule in suite.Rules)
        {
            var verdict = refusals.TryGetValue(rule.Id, out var reason)
                ? Verdicts.Error(rule, reason)
                : Judge(rule, execution.Values, shape, now);
            verdicts.Add(await samples.AttachAsync(rule, verdict, cancellationToken).ConfigureAwait(false));
        }

        return (verdicts, execution.Counts(samples.Queries));
    }

    private async ValueTask MeasureAsync(MetricExecution execution, IEnumerable<Metric> metrics, CancellationToken cancellationToken)
    {
        foreach (var query in MetricPlanner.Plan(metrics, Known(_failedBefore), _options.ScanExpressionsMax))
        {
            await execution.RunAsync(query, cancellationToken).ConfigureAwait(false);
        }
    }

    private static HashSet<string> Known(ConcurrentDictionary<string, byte> keys) => keys.Keys.ToHashSet(StringComparer.Ordinal);

    private Verdict Judge(QualityRule rule, MetricValues values, TableShape shape, DateTimeOffset now)
    {
        foreach (var metric in rule.Metrics)
        {
            if (values.Error(metric) is { } error)
            {
                _failedBefore.TryAdd(metric.Key, 0);
                return Verdicts.Error(rule, error);
            }
        }

        return Verdicts.Of(rule, rule.Judge(values, shape, now));
    }

    private void Report(SuiteResult result, Activity? activity)
    {
        activity?.SetTag("quality.passed", result.Passed);
        QualityTelemetry.RunDuration.Record(result.Duration.TotalSeconds);
        foreach (var verdict in result.Verdicts)
        {
            QualityTelemetry.Verdicts.Add(1, QualityTelemetry.Tag(verdict.Outcome));
        }

        var failed = result.Verdicts.Count(v => v.Outcome is Outcome.Fail or Outcome.Error);
        LogRun(result.Suite, result.Table, result.Verdicts.Count, failed, result.Queries.Total, result.Duration.TotalMilliseconds);
    }

    [LoggerMessage(EventId = 4000, Level = LogLevel.Information,
        Message = "Suite {Suite} over {Table}: {Rules} rules, {Failed} failed or erred, {Queries} queries in {DurationMs} ms")]
    private partial void LogRun(string suite, string table, int rules, int failed, int queries, double durationMs);
}
