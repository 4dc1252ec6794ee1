namespace DataPlatform.Web.Graphs;

/// <summary>A node of a drawn graph.</summary>
/// <param name="Id">Its name in the document; unique in the graph.</param>
/// <param name="Label">What it says; cut where it is too long, and whole in the tooltip.</param>
public sealed record GraphNode(string Id, string Label)
{
    /// <summary>The colour of its mark, a CSS value such as <c>var(--good)</c>; null for no mark.</summary>
    public string? Colour { get; init; }

    /// <summary>A second, smaller line; null for none.</summary>
    public string? Detail { get; init; }

    /// <summary>Where it leads; null for nowhere.</summary>
    public string? Href { get; init; }

    /// <summary>What the tooltip says beside the label.</summary>
    public string Tip { get; init; } = string.Empty;

    /// <summary>Whether it stands for data rather than for work: drawn rounder.</summary>
    public bool IsRound { get; init; }

    /// <summary>Whether it is the one the page is about.</summary>
    public bool IsMarked { get; init; }
}
