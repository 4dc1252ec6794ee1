namespace DataPlatform.Quality.Rules;

/// <summary>What is known of a sample.</summary>
/// <param name="Rows">Rows of the table, counted.</param>
/// <param name="SampleRows">Rows drawn.</param>
/// <param name="SampleSize">Rows asked for.</param>
/// <param name="Confidence">The confidence of intervals.</param>
internal sealed record SampleFacts(long Rows, long SampleRows, int SampleSize, double Confidence)
{
    /// <summary>Below so many values the interval of a mean is not to be trusted, whatever the confidence.</summary>
    public const int ValuesMin = 100;
}
