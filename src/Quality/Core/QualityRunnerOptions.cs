namespace DataPlatform.Quality;

/// <summary>Settings of a run.</summary>
public sealed record QualityRunnerOptions
{
    /// <summary>Rows shown for a failed rule, 0 to 1,000; 5 unless said otherwise.</summary>
    public int SampleRowsMax
    {
        get;
        init => field = value is >= 0 and <= 1_000
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "A sample has 0 to 1,000 rows.");
    } = 5;

    /// <summary>Expressions in one scan before it is split, 1 to 2,000; 200 unless said otherwise, past which binding costs more than a second scan saves.</summary>
    public int ScanExpressionsMax
    {
        get;
        init => field = value is >= 1 and <= 2_000
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "A scan has 1 to 2,000 expressions.");
    } = 200;
}
