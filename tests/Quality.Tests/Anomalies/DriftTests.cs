using System.Diagnostics;
using System.Globalization;
using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality.Tests.Anomalies;

/// <summary>Reference values come from scipy 1.10; the last test asks scipy again where it is installed.</summary>
public sealed class DriftTests
{
    [Fact]
    public void Kolmogorov_smirnov_is_exact_for_small_samples()
    {
        var result = KolmogorovSmirnov.Test([1, 2, 3, 4, 5, 6, 7], [4.2, 5.5, 6.5, 8, 9, 10]);

        Assert.Equal(0.5714285714285714, result.Statistic, 1e-12);
        Assert.Equal(0.14685314685314685, result.PValue, 1e-12);
    }

    [Fact]
    public void Ties_are_permuted_as_ties()
    {
        // Counted over all 462 ways to deal the eleven values: D >= 0.43333 in 41.99 % of them.
        var result = KolmogorovSmirnov.Test([1, 1, 2, 3, 3, 5], [2, 3, 5, 5, 6]);

        Assert.Equal(0.43333333333333335, result.Statistic, 1e-12);
        Assert.Equal(0.4199134199134199, result.PValue, 1e-9);
        Assert.Equal((0, 1), (KolmogorovSmirnov.Test([2, 2], [2, 2, 2]).Statistic, KolmogorovSmirnov.Test([2, 2], [2, 2, 2]).PValue));
    }

    [Fact]
    public void Kolmogorov_smirnov_of_large_samples_is_close_to_the_exact_value()
    {
        List<double> first = [.. Enumerable.Range(0, 500).Select(i => ((i * 7919) % 10007) / 100.0)];
        List<double> second = [.. Enumerable.Range(0, 400).Select(i => (((i * 6007) % 9973) / 100.0) + 4)];

        var result = KolmogorovSmirnov.Test(first, second);

        Assert.Equal(0.0415, result.Statistic, 1e-9);
        Assert.Equal(0.823462529542002, result.PValue, 0.02);
    }

    [Fact]
    public void Large_samples_are_drift_only_when_the_effect_is_large_enough()
    {
        List<double> first = [.. Enumerable.Range(0, 20_000).Select(i => (double)i)];
        List<double> second = [.. Enumerable.Range(0, 20_000).Select(i => i + 500.0)];

        var result = KolmogorovSmirnov.Test(first, second);

        Assert.True(result.PValue < 0.001);
        Assert.False(result.IsDrift(0.01, effectSizeMin: 0.1));
        Assert.True(result.IsDrift(0.01, effectSizeMin: 0.02));
    }

    [Fact]
    public void Chi_square_matches_the_reference_and_pools_rare_classes()
    {
        var result = ChiSquareTest.Test(Counts(30, 20, 50), Counts(20, 35, 45));
        var pooled = ChiSquareTest.Test(Counts(300, 200, 500, 3, 2), Counts(200, 350, 450, 1, 0));

        Assert.Equal((6.354066985645932, 0.04170920242693336), (result.Statistic, result.PValue), Close);
        Assert.Equal(66.19962366816614, pooled.Statistic, 1e-9);
        Assert.True(pooled.PValue < 1e-12);
        Assert.Equal(1, ChiSquareTest.Test(Counts(5), Counts(9)).PValue);
    }

    [Fact]
    public void Divergences_match_the_references_and_stay_finite_over_empty_bins()
    {
        Assert.Equal(0.1297569047840211, Divergence.PopulationStability([30, 20, 50], [20, 35, 45]).Statistic, 1e-12);
        Assert.Equal(0.06736027210974319, Divergence.KullbackLeibler([30, 20, 50], [20, 35, 45]).Statistic, 1e-12);
        Assert.Equal(0.023155347781814523, Divergence.JensenShannon([30, 20, 50], [20, 35, 45]).Statistic, 1e-12);
        Assert.True(double.IsFinite(Divergence.PopulationStability([100, 0], [0, 100]).Statistic));
        Assert.Equal(0, Divergence.JensenShannon([7, 3], [70, 30]).Statistic, 1e-12);
        Assert.Equal(9 * (0.001 + 0.002), Divergence.StabilityNoise(10, 1_000, 500), 1e-12);
    }

    [Fact]
    public void Bins_are_cut_at_the_references_quantiles_and_open_at_the_ends()
    {
        var bins = ReferenceBins.Of(q => 100 * q, 4);

        Assert.Equal([25, 50, 75], bins.Edges);
        Assert.Equal([3, 1, 0, 2], bins.Count([-1e9, 10, 25, 26, 76, 1e9]));
    }

    [Fact]
    public void False_discovery_adjustment_follows_benjamini_and_hochberg()
        => Assert.Equal([0.025, 0.05, 0.05, 0.025, 0.8], FalseDiscovery.Adjust([0.01, 0.04, 0.03, 0.005, 0.8]), (a, b) => Math.Abs(a - b) < 1e-12);

    [Fact]
    public void Scipy_agrees_where_it_is_installed()
    {
        const string Script = """
            from scipy import stats
            import sys
            a=[((i*37)%101)/7 for i in range(60)]; b=[((i*53)%97)/6.1+1.5 for i in range(55)]
            k=stats.ks_2samp(a,b,method='exact'); c=stats.chi2_contingency([[11,23,41,9],[17,19,30,25]],correction=False)
            w=stats.binomtest(17,300).proportion_ci(0.99,'wilson'); m=[(i*7)%13/3 for i in range(40)]; t=stats.t.interval(0.95,39,loc=sum(m)/40,scale=stats.sem(m))
            print(*(repr(float(v)) for v in (k.statistic,k.pvalue,c[0],c[1],w.low,w.high,t[0],t[1],stats.t.ppf(1-0.0027/2,6)*(8/7)**0.5)))
            """;
        if (Python(Script) is not { } answer)
        {
            Assert.Skip("python3 with scipy is not installed (Debian: python3-scipy)");
            return;
        }

        double[] expected = [.. answer.Split(' ').Select(v => double.Parse(v, CultureInfo.InvariantCulture))];
        var ks = KolmogorovSmirnov.Test([.. Enumerable.Range(0, 60).Select(i => ((i * 37) % 101) / 7.0)], [.. Enumerable.Range(0, 55).Select(i => (((i * 53) % 97) / 6.1) + 1.5)]);
        var chi = ChiSquareTest.Test(Counts(11, 23, 41, 9), Counts(17, 19, 30, 25));

        var share = SampleIntervals.Share(17, 300, 0.99);
        var mean = SampleIntervals.Mean([.. Enumerable.Range(0, 40).Select(i => i * 7 % 13 / 3.0)], 0.95);
        var band = AnomalyDetector.Judge(
            Enumerable.Range(0, 7).Select(i => new MetricPoint(DateTimeOffset.UnixEpoch.AddDays(i), i % 3)), new MetricPoint(DateTimeOffset.UnixEpoch.AddDays(7), 1), new BaselineOptions { Robust = false, SpreadFloorShare = 0 });

        Assert.Equal(
            expected,
            [ks.Statistic, ks.PValue, chi.Statistic, chi.PValue, share.Low, share.High, mean.Low, mean.High, (band.Upper - band.Centre) / band.Spread],
            (a, b) => Math.Abs(a - b) < 1e-9);
    }

    private static bool Close((double A, double B) left, (double A, double B) right) => Math.Abs(left.A - right.A) < 1e-9 && Math.Abs(left.B - right.B) < 1e-9;

    private static Dictionary<string, long> Counts(params long[] counts) => counts.Select((c, i) => ($"c{i}", c)).ToDictionary(c => c.Item1, c => c.c);

    private static string? Python(string script)
    {
        foreach (var python in new[] { "/usr/bin/python3", "python3" })
        {
            try
            {
                using var process = Process.Start(new ProcessStartInfo(python, ["-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
                var output = process.StandardOutput.ReadToEnd();
                if (process.WaitForExit(60_000) && process.ExitCode == 0)
                {
                    return output.Trim();
                }
            }
            catch (System.ComponentModel.Win32Exception)
            {
                // Not installed under this name; the next one is tried, and the test says when there is none.
            }
        }

        return null;
    }
}
