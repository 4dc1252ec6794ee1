using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality.Metrics;

/// <summary>A metric over another relation. All metrics over one other relation share a scan of it.</summary>
/// <param name="Inner">What is measured there.</param>
/// <param name="Reference">The other relation, as rules name it.</param>
public sealed record RelationMetric(Metric Inner, string Reference) : Metric(Inner.Filter)
{
    /// <inheritdoc/>
    public override IEnumerable<string> Expressions => Inner.Expressions;

    internal override QueryShape Shape => QueryShape.Reference;

    internal override string QueryKey => Canonical.Join("relation", Reference);

    private protected override IEnumerable<string?> KeyParts => [Reference, Inner.Key];
}
