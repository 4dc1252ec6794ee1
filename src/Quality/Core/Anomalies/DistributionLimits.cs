namespace DataPlatform.Quality.Anomalies;

/// <summary>From where on a distribution has changed.</summary>
public sealed record DistributionLimits
{
    /// <summary>The greatest index or divergence that holds, for measures; null takes 0.25 for PSI and Kullback-Leibler, 0.1 for Jensen-Shannon.</summary>
    public double? Maximum { get; init; }

    /// <summary>The greatest p-value that counts as a change, for tests, after the table's distribution rules were adjusted as one family; 0.01 unless said otherwise.</summary>
    public double Significance
    {
        get;
        init => field = value is > 0 and < 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "A significance lies between 0 and 1.");
    } = 0.01;

    /// <summary>The least effect that counts, for tests: D or Cramer's V; 0.1 unless said otherwise. Large tables make every difference significant.</summary>
    public double EffectMin
    {
        get;
        init => field = value is >= 0 and < 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "An effect lies between 0 and 1.");
    } = 0.1;

    /// <summary>Values needed on either side before there is a judgement, at least 20; 100 unless said otherwise.</summary>
    public int ValuesMin
    {
        get;
        init => field = value >= 20 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "Fewer than 20 values say nothing about a distribution.");
    } = 100;
}
