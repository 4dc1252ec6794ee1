namespace DataPlatform.Orchestrator.Dags;

/// <summary>One setting that differs between two versions.</summary>
/// <param name="Name">Its name in the model, dotted where it is nested, for example <c>backoff.baseMs</c> or
/// <c>params.day.type</c>.</param>
/// <param name="Before">The old value as text; null where the old version does not set it.</param>
/// <param name="After">The new value as text; null where the new version does not set it.</param>
public sealed record DagValueChange(string Name, string? Before, string? After)
{
    /// <summary>Added, removed or changed.</summary>
    public DagChangeKind Kind => Before is null ? DagChangeKind.Added : After is null ? DagChangeKind.Removed : DagChangeKind.Changed;

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Before ?? "(unset)"} -> {After ?? "(unset)"}";
}
