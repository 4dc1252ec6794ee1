using DataPlatform.Kernel;

namespace DataPlatform.Quality;

/// <summary>The relation a suite runs over, and the relations its reference rules look into.</summary>
/// <param name="Relation">The relation's name in the runner's catalog: a table or a view.</param>
/// <param name="Version">The version the relation is pinned to; null where there are no versions.</param>
public sealed record QualityTarget(string Relation, DatasetVersion? Version = null)
{
    /// <summary>Where a rule's reference table lies in the catalog; a name that is not listed stands for itself.</summary>
    public IReadOnlyDictionary<string, string> References { get; init; } = new Dictionary<string, string>();

    /// <summary>The catalog name of a reference table.</summary>
    /// <param name="reference">The name a rule uses.</param>
    public string ReferenceRelation(string reference) => References.GetValueOrDefault(reference, reference);
}
