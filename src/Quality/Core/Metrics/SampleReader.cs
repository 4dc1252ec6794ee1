using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality.Metrics;

/// <summary>Fetches a few of the rows that broke a rule.</summary>
internal sealed class SampleReader(IMetricEngine engine, TableShape shape, QualityTarget target, int rowsMax, IReadOnlySet<string> maskedColumns)
{
    public int Queries { get; private set; }

    public async ValueTask<Verdict> AttachAsync(QualityRule rule, Verdict verdict, CancellationToken cancellationToken)
    {
        if (verdict.Violations is null or 0 || rule.SampleMetric is not { } metric || rowsMax == 0)
        {
            return verdict;
        }

        Queries++;
        try
        {
            var rows = await engine.SampleAsync(metric, shape, target, rowsMax, cancellationToken).ConfigureAwait(false);
            return verdict with { Sample = rows.Mask(maskedColumns) };
        }
        catch (MetricException e)
        {
            // The count stands; only the picture of it could not be taken, and the verdict says so.
            return verdict with { Message = $"{verdict.Message} (No sample: {e.Message})" };
        }
    }
}
