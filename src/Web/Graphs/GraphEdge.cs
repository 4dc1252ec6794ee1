namespace DataPlatform.Web.Graphs;

/// <summary>An edge of a drawn graph.</summary>
/// <param name="From">The place of a node in the list.</param>
/// <param name="To">The place of another.</param>
/// <param name="IsDashed">Whether it is a weaker relation.</param>
/// <param name="Tip">What its tooltip says; null for none.</param>
public readonly record struct GraphEdge(int From, int To, bool IsDashed = false, string? Tip = null);
