using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality.Metrics;

/// <summary>Fetches a few of the rows that broke a rule.</summary>
internal sealed class SampleReader(IMetricEngine engine, TableShape shape, int rowsMax, IReadOnlySet<string> maskedColumns, TimeSpan queryTimeMax)
{
    public int Queries { get; private set; }

    /// <summary>Whether there are rows to show.</summary>
    public bool Wants(QualityRule rule, Verdict verdict) => verdict.Violations is > 0 && rule.SampleMetric is not null && rowsMax > 0;

    public async ValueTask<Verdict> AttachAsync(
        QualityRule rule, Verdict verdict, Func<QualityRule, CancellationToken, ValueTask<QualityTarget>> open, CancellationToken cancellationToken)
    {
        Queries++;
        try
        {
            var target = await open(rule, cancellationToken).ConfigureAwait(false);
            var rows = await QueryLimit.RunAsync(
                token => engine.SampleAsync(rule.SampleMetric!, shape, target, rowsMax, token), queryTimeMax, cancellationToken).ConfigureAwait(false);
            return verdict with { Sample = rows.Mask(maskedColumns) };
        }
        catch (MetricException e)
        {
            // The count stands; only the picture of it could not be taken, and the verdict says so.
            return verdict with { Message = $"{verdict.Message} (No sample: {e.Message})" };
        }
    }
}
