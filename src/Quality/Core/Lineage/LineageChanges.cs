namespace DataPlatform.Quality.Lineage;

/// <summary>Edges with their history, and annotations, as they are kept.</summary>
/// <param name="Edges">The edges; each is told whole.</param>
/// <param name="Annotations">The annotations.</param>
public sealed record LineageChanges(IReadOnlyList<EdgeRecord> Edges, IReadOnlyList<LineageAnnotation> Annotations)
{
    /// <summary>Whether there is nothing to keep.</summary>
    public bool IsEmpty => Edges.Count == 0 && Annotations.Count == 0;
}
