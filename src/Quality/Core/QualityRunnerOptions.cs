using DataPlatform.Quality.Anomalies;

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

    /// <summary>
    /// Queries for rows to show of single partitions in one run, 0 to 1,000; 20 unless said otherwise. Only partitions whose files were read are shown.
    /// </summary>
    public int PartitionSamplesMax
    {
        get;
        init => field = value is >= 0 and <= 1_000
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "A run takes 0 to 1,000 samples of partitions.");
    } = 20;

    /// <summary>Expressions in one scan before it is split, 1 to 2,000; 200 unless said otherwise, past which binding costs more than a second scan saves.</summary>
    public int ScanExpressionsMax
    {
        get;
        init => field = value is >= 1 and <= 2_000
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "A scan has 1 to 2,000 expressions.");
    } = 200;

    /// <summary>
    /// How long one query may take, above zero; 1 h unless said otherwise. SQL of an author's own may go on without end: what is stopped is an error of
    /// the rules that asked, and the others are judged.
    /// </summary>
    public TimeSpan QueryTimeMax
    {
        get;
        init => field = value > TimeSpan.Zero && value <= TimeSpan.FromDays(7)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "A query takes more than no time and at most 7 days.");
    } = TimeSpan.FromHours(1);

    /// <summary>Judges by a sample what can be judged so; null reads every row.</summary>
    public SamplingOptions? Sample { get; init; }

    /// <summary>
    /// Where runs add their points: rows, shares of NULL, means, different values and ages that were measured anyway, and what anomaly rules ask
    /// for. None when null; anomaly rules are errors then.
    /// </summary>
    public ISeriesStore? Series { get; init; }

    /// <summary>Where the columns of tables are remembered; when null, a schema change is told only where the target brings the columns before.</summary>
    public ShapeHistory? Shapes { get; init; }

    /// <summary>
    /// Different values up to which conditions on a text column are asked of each value once, after grouping, instead of each row, 0 to 100,000;
    /// 0 never groups. 2,000 unless said otherwise.
    /// </summary>
    public int GroupedValuesMax
    {
        get;
        init => field = value is >= 0 and <= 100_000
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "A column is grouped up to 0 to 100,000 values.");
    } = 2_000;

    /// <summary>
    /// Tests of single rows that grouping a column must spare before it is done: as many as a second statement costs. 200,000 unless said otherwise;
    /// two conditions on a table of 100,000 rows are asked of its rows, five are asked of its values.
    /// </summary>
    public long GroupedTestsMin
    {
        get;
        init => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "A number of tests is not negative.");
    } = 200_000;
}
