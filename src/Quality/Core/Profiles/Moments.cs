namespace DataPlatform.Quality.Profiles;

/// <summary>Count, mean and squared deviations of finite numbers, kept so that parts can be merged without loss of digits.</summary>
/// <param name="Count">How many numbers.</param>
/// <param name="Mean">Their mean; 0 for none.</param>
/// <param name="SquaredDeviations">The sum of squared deviations from the mean.</param>
/// <param name="Minimum">The lowest; positive infinity for none.</param>
/// <param name="Maximum">The highest; negative infinity for none.</param>
public readonly record struct Moments(long Count, double Mean, double SquaredDeviations, double Minimum, double Maximum)
{
    /// <summary>Of no numbers.</summary>
    public static Moments Empty { get; } = new(0, 0, 0, double.PositiveInfinity, double.NegativeInfinity);

    /// <summary>The sample standard deviation, divisor n - 1; NaN below two numbers.</summary>
    public double StandardDeviation => Count < 2 ? double.NaN : Math.Sqrt(SquaredDeviations / (Count - 1));

    /// <summary>With one more number (Welford).</summary>
    /// <param name="value">A finite number.</param>
    public Moments Add(double value)
    {
        var count = Count + 1;
        var delta = value - Mean;
        var mean = Mean + (delta / count);
        return new Moments(count, mean, SquaredDeviations + (delta * (value - mean)), Math.Min(Minimum, value), Math.Max(Maximum, value));
    }

    /// <summary>Of both parts together (Chan, Golub and LeVeque).</summary>
    /// <param name="other">The other part.</param>
    public Moments Merge(Moments other)
    {
        if (Count == 0 || other.Count == 0)
        {
            return Count == 0 ? other : this;
        }

        var count = Count + other.Count;
        var delta = other.Mean - Mean;
        var weight = (double)other.Count / count;
        return new Moments(
            count,
            Mean + (delta * weight),
            SquaredDeviations + other.SquaredDeviations + (delta * delta * Count * weight),
            Math.Min(Minimum, other.Minimum),
            Math.Max(Maximum, other.Maximum));
    }
}
