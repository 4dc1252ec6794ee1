using System.Diagnostics;
using DataPlatform.Quality.Diagnostics;
using DataPlatform.Quality.Metrics;
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
    private readonly RunMemory _memory = new();

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

        var outcome = _options.Sample is { } sample
            ? await new SampledRun(_engine, _options, sample, _memory, suite, target, startedAt).JudgeAsync(cancellationToken).ConfigureAwait(false)
            : await new SuiteRun(_engine, _options, _memory, suite, target, startedAt).JudgeAsync(cancellationToken).ConfigureAwait(false);
        var result = new SuiteResult
        {
            RunId = Guid.CreateVersion7(startedAt).ToString("N"),
            Suite = suite.Name,
            Table = suite.Table,
            Version = target.Version,
            StartedAt = startedAt,
            Duration = _time.GetElapsedTime(started),
            Verdicts = outcome.Verdicts,
            Partitions = outcome.Partitions,
            Queries = outcome.Queries,
        };
        Report(result, activity);
        return result;
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
