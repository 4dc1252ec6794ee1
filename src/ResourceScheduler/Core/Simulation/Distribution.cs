namespace DataPlatform.ResourceScheduler.Simulation;

/// <summary>Figures of many values.</summary>
/// <param name="Count">How many.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="P50">The middle one.</param>
/// <param name="P95">95 % are at most this.</param>
/// <param name="P99">99 % are at most this.</param>
/// <param name="Max">The largest.</param>
public readonly record struct Distribution(int Count, double Mean, double P50, double P95, double P99, double Max)
{
    /// <summary>The figures of some values; all zero for none.</summary>
    /// <param name="values">The values.</param>
    public static Distribution Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        double At(double fraction) => sorted[Math.Min(sorted.Length - 1, (int)(fraction * sorted.Length))];
        return sorted.Length == 0 ? default : new Distribution(sorted.Length, sorted.Average(), At(0.5), At(0.95), At(0.99), sorted[^1]);
    }
}
