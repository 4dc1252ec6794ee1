namespace DataPlatform.Quality.Anomalies;

/// <summary>How a column's distribution is held against a reference.</summary>
public enum DistributionTest
{
    /// <summary>The population stability index over the reference's bins or classes. A measure, no test: there is no p-value.</summary>
    Psi,

    /// <summary>Kullback and Leibler's divergence, in nats, over the reference's bins or classes.</summary>
    KullbackLeibler,

    /// <summary>Jensen and Shannon's divergence, in bits, 0 to 1, over the reference's bins or classes.</summary>
    JensenShannon,

    /// <summary>Kolmogorov and Smirnov's test of numbers, from a sample on either side.</summary>
    KolmogorovSmirnov,

    /// <summary>Pearson's chi-square test over the reference's bins or classes.</summary>
    ChiSquare,
}
