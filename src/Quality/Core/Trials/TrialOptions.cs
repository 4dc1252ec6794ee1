namespace DataPlatform.Quality.Trials;

/// <summary>How much of a table a trial reads and how long it may take.</summary>
public sealed record TrialOptions
{
    /// <summary>The most rows of a sample.</summary>
    public const int SampleRowsMax = 1_000_000;

    /// <summary>Rows of the sample, 1 to <see cref="SampleRowsMax"/>; 10,000 unless said otherwise.</summary>
    public int SampleRows
    {
        get;
        init => field = value is >= 1 and <= SampleRowsMax ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"A sample has 1 to {SampleRowsMax} rows.");
    } = 10_000;

    /// <summary>How long it may take with all its queries, up to 10 min; 20 s unless said otherwise.</summary>
    public TimeSpan TimeLimit
    {
        get;
        init => field = value > TimeSpan.Zero && value <= TimeSpan.FromMinutes(10) ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "Between 0 and 10 minutes.");
    } = TimeSpan.FromSeconds(20);

    /// <summary>The seed of the sample: the same table and seed give the same rows.</summary>
    public int Seed { get; init; } = 1;
}
