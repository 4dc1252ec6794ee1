namespace DataPlatform.Quality.Anomalies;

/// <summary>Control of false discoveries among many tests (Benjamini and Hochberg 1995).</summary>
public static class FalseDiscovery
{
    /// <summary>Adjusts p-values: those at or below a rate are discoveries, of which on average no larger share is false.</summary>
    /// <param name="pValues">The p-values of one family of tests, for example all drift tests of a table.</param>
    /// <returns>Adjusted values in the same order, each at least its p-value and at most 1.</returns>
    public static IReadOnlyList<double> Adjust(IReadOnlyList<double> pValues)
    {
        ArgumentNullException.ThrowIfNull(pValues);
        int[] byValue = [.. Enumerable.Range(0, pValues.Count).OrderByDescending(i => pValues[i])];
        var adjusted = new double[pValues.Count];
        var least = 1.0;
        for (var k = 0; k < byValue.Length; k++)
        {
            var rank = byValue.Length - k;
            least = Math.Min(least, pValues[byValue[k]] * byValue.Length / rank);
            adjusted[byValue[k]] = least;
        }

        return adjusted;
    }
}
