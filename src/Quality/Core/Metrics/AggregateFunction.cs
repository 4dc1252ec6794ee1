namespace DataPlatform.Quality.Metrics;

/// <summary>Aggregates a rule can compare with limits.</summary>
public enum AggregateFunction
{
    /// <summary>The arithmetic mean.</summary>
    Mean,

    /// <summary>The sum.</summary>
    Sum,

    /// <summary>The lowest value.</summary>
    Minimum,

    /// <summary>The highest value.</summary>
    Maximum,

    /// <summary>The sample standard deviation (divisor n - 1); NULL below two values.</summary>
    StandardDeviation,

    /// <summary>The median, interpolated.</summary>
    Median,

    /// <summary>How many different values there are, exactly; NULL does not count.</summary>
    DistinctCount,
}
