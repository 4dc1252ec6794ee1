namespace DataPlatform.Quality.Anomalies;

/// <summary>How far two samples or distributions lie apart.</summary>
/// <param name="Statistic">The test's own number: D, chi-square, an index or a divergence.</param>
/// <param name="PValue">The chance of a statistic at least this large when nothing changed; NaN for measures that are no tests.</param>
/// <param name="EffectSize">0 for none to about 1 for total: D for KS, Cramer's V for chi-square, the statistic itself for measures.</param>
public readonly record struct DriftResult(double Statistic, double PValue, double EffectSize)
{
    /// <summary>
    /// Whether it matters: significant and large enough. A large sample makes every difference significant, so the size is asked for too.
    /// </summary>
    /// <param name="significance">The greatest p-value that counts.</param>
    /// <param name="effectSizeMin">The least effect that counts.</param>
    public bool IsDrift(double significance, double effectSizeMin) => PValue <= significance && EffectSize >= effectSizeMin;
}
