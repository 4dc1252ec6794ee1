namespace DataPlatform.Quality;

/// <summary>
/// Judges what can be judged by a sample. Rows are drawn one by one, each with the same chance; drawing whole blocks would be quicker, but neighbours
/// are alike and every interval too narrow.
/// </summary>
/// <remarks>
/// Sound: shares of rows that break a condition (Wilson's interval), means (Student's interval), medians (order statistics). A rule passes or fails
/// only where its whole interval does, else there is no data. Refused by name: uniqueness, references, lowest and highest values, sums, distinct
/// counts, freshness, SQL of one's own, and what compares with other tables. Rules that read no rows, and counts of rows, are exact as ever. The
/// intervals leave out that a sample of a finite table is a little surer than they say.
/// </remarks>
public sealed record SamplingOptions
{
    /// <summary>Rows drawn, 1,000 to 10,000,000; 100,000 unless said otherwise. A table that has no more is judged whole.</summary>
    public int Rows
    {
        get;
        init => field = value is >= 1_000 and <= 10_000_000
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "A sample has 1,000 to 10,000,000 rows.");
    } = 100_000;

    /// <summary>The share of intervals that hold the true value, 0.5 to below 1; 0.99 unless said otherwise.</summary>
    public double Confidence
    {
        get;
        init => field = value is >= 0.5 and < 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "A confidence lies between 0.5 and 1.");
    } = 0.99;

    /// <summary>Whether rules that a sample cannot judge read the whole table; otherwise they are errors that say so.</summary>
    public bool WholeWhereUnsound { get; init; }
}
