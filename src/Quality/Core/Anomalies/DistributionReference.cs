using System.Text.Json;
using System.Text.Json.Serialization;
using DataPlatform.Kernel;

namespace DataPlatform.Quality.Anomalies;

/// <summary>A column as it once was, for later ones to be held against; see <c>docs/formats/quality-distribution-reference.md</c>.</summary>
public sealed record DistributionReference
{
    /// <summary>The most bins or classes a reference has.</summary>
    public const int BinsMax = 100;

    /// <summary>The most numbers a reference's sample has, and that are drawn to be held against it.</summary>
    public const int SampleMax = 1_000;

    private const int FormatVersion = 1;

    private DistributionReference(IReadOnlyList<double>? edges, IReadOnlyList<string>? classes, IReadOnlyList<long> counts, IReadOnlyList<double> sample)
        => (Edges, Classes, Counts, Sample) = (edges, classes, counts, sample);

    /// <summary>Inner edges of the bins, ascending, the outermost bins open; null for classes.</summary>
    public IReadOnlyList<double>? Edges { get; }

    /// <summary>The classes, as text; null for bins.</summary>
    public IReadOnlyList<string>? Classes { get; }

    /// <summary>Values by bin, or by class with all other values at the end.</summary>
    public IReadOnlyList<long> Counts { get; }

    /// <summary>Numbers drawn from the column; empty where none were drawn.</summary>
    public IReadOnlyList<double> Sample { get; }

    /// <summary>Values in all.</summary>
    public long Count => Counts.Sum();

    /// <summary>A reference of numbers.</summary>
    /// <param name="edges">Inner edges, ascending and finite.</param>
    /// <param name="counts">Values by bin, one more than there are edges.</param>
    /// <param name="sample">Numbers drawn from them, at most <see cref="SampleMax"/>; null for none.</param>
    /// <exception cref="QualityException">The numbers are not of that form.</exception>
    public static DistributionReference OfNumbers(IReadOnlyList<double> edges, IReadOnlyList<long> counts, IReadOnlyList<double>? sample = null)
    {
        ArgumentNullException.ThrowIfNull(edges);
        ArgumentNullException.ThrowIfNull(counts);
        var isAscending = edges.Zip(edges.Skip(1)).All(p => p.First < p.Second) && edges.All(double.IsFinite);
        var isSampled = sample is null || (sample.Count <= SampleMax && sample.All(double.IsFinite));
        return isAscending && isSampled && counts.Count == edges.Count + 1 && counts.Count <= BinsMax && counts.All(c => c >= 0)
            ? new DistributionReference([.. edges], null, [.. counts], [.. sample ?? []])
            : throw new QualityException(ErrorKind.Invalid, $"A reference has ascending edges, one more count than edges, at most {BinsMax} bins and a sample of at most {SampleMax} finite numbers.");
    }

    /// <summary>A reference of classes.</summary>
    /// <param name="classes">Values by class.</param>
    /// <param name="others">Values of all other classes.</param>
    /// <exception cref="QualityException">There are too many classes.</exception>
    public static DistributionReference OfClasses(IReadOnlyDictionary<string, long> classes, long others = 0)
    {
        ArgumentNullException.ThrowIfNull(classes);
        var ordered = classes.OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal).ToList();
        return ordered.Count < BinsMax && others >= 0 && ordered.TrueForAll(c => c.Value >= 0)
            ? new DistributionReference(null, [.. ordered.Select(c => c.Key)], [.. ordered.Select(c => c.Value), others], [])
            : throw new QualityException(ErrorKind.Invalid, $"A reference has fewer than {BinsMax} classes and no negative count; count rare ones as others.");
    }

    /// <summary>The reference as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(new KeptReference(FormatVersion, Edges, Classes, Counts, Sample), ReferenceJson.Default.KeptReference);

    /// <summary>Reads a reference.</summary>
    /// <param name="json">What <see cref="ToJson"/> made.</param>
    /// <exception cref="QualityException">It is something else, or of a format this program does not know.</exception>
    public static DistributionReference Read(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        KeptReference? kept;
        try
        {
            kept = JsonSerializer.Deserialize(json, ReferenceJson.Default.KeptReference);
        }
        catch (JsonException e)
        {
            throw new QualityException(ErrorKind.Corrupt, $"A distribution's reference is damaged: {e.Message} Make it anew from a table that is right.", e);
        }

        return kept switch
        {
            { Format: FormatVersion, Edges: { } edges, Counts: { } counts } => OfNumbers(edges, counts, kept.Sample),
            { Format: FormatVersion, Classes: { } classes, Counts: { } counts } when counts.Count == classes.Count + 1
                => OfClasses(classes.Zip(counts).ToDictionary(c => c.First, c => c.Second), counts[^1]),
            _ => throw new QualityException(ErrorKind.Corrupt, $"A distribution's reference is of format {kept?.Format}, and this program reads {FormatVersion}, or lacks its counts."),
        };
    }
}

/// <summary>A reference as it is kept.</summary>
internal sealed record KeptReference(int Format, IReadOnlyList<double>? Edges, IReadOnlyList<string>? Classes, IReadOnlyList<long>? Counts, IReadOnlyList<double>? Sample);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(KeptReference))]
internal sealed partial class ReferenceJson : JsonSerializerContext;
