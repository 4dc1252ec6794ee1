using System.Text.Json;
using System.Text.Json.Serialization;
using DataPlatform.Kernel;

namespace DataPlatform.Quality.Anomalies;

/// <summary>Everything a distribution verdict was made from, as it is kept with the verdict.</summary>
/// <param name="Test">The test or measure.</param>
/// <param name="Reference">The reference's name.</param>
/// <param name="Before">The reference's counts by bin or class; its sample for a KS test.</param>
/// <param name="Now">The counts or the sample that were held against it.</param>
/// <param name="Statistic">The statistic.</param>
/// <param name="PValue">Its p-value; null for measures.</param>
/// <param name="AdjustedPValue">The p-value beside those of the other tests of the run; null for measures.</param>
/// <param name="EffectSize">The effect.</param>
public sealed record DistributionEvidence(
    DistributionTest Test, string Reference, IReadOnlyList<double> Before, IReadOnlyList<double> Now, double Statistic, double? PValue, double? AdjustedPValue, double EffectSize)
{
    /// <summary>The evidence as JSON, for <see cref="Verdict.Evidence"/>.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, DistributionJson.Default.DistributionEvidence);

    /// <summary>Reads evidence.</summary>
    /// <param name="json">What <see cref="ToJson"/> made.</param>
    /// <exception cref="QualityException">It is something else.</exception>
    public static DistributionEvidence Read(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            return JsonSerializer.Deserialize(json, DistributionJson.Default.DistributionEvidence)!;
        }
        catch (JsonException e)
        {
            throw new QualityException(ErrorKind.Corrupt, $"A verdict's evidence is none of a distribution: {e.Message}", e);
        }
    }

    /// <summary>Measures again, from the same inputs.</summary>
    public DriftResult Replay() => Measure(Test, Before, Now);

    internal static DriftResult Measure(DistributionTest test, IReadOnlyList<double> before, IReadOnlyList<double> now) => test switch
    {
        DistributionTest.KolmogorovSmirnov => KolmogorovSmirnov.Test(before, now),
        DistributionTest.ChiSquare => ChiSquareTest.Test(ByClass(before), ByClass(now)),
        DistributionTest.Psi => Divergence.PopulationStability(Counts(before), Counts(now)),
        DistributionTest.KullbackLeibler => Divergence.KullbackLeibler(Counts(before), Counts(now)),
        _ => Divergence.JensenShannon(Counts(before), Counts(now)),
    };

    private static IReadOnlyList<long> Counts(IReadOnlyList<double> counts) => [.. counts.Select(c => (long)c)];

    private static Dictionary<string, long> ByClass(IReadOnlyList<double> counts)
        => counts.Select((count, i) => (Class: i.ToString(System.Globalization.CultureInfo.InvariantCulture), Count: (long)count)).ToDictionary(c => c.Class, c => c.Count);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(DistributionEvidence))]
internal sealed partial class DistributionJson : JsonSerializerContext;
