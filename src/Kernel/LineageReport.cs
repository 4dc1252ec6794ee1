namespace DataPlatform.Kernel;

/// <summary>What a <see cref="LineageRun"/> gathered.</summary>
/// <param name="Inputs">Datasets read, each once, with the newest version named.</param>
/// <param name="Outputs">Datasets written, each once, with the newest version named.</param>
/// <param name="Steps">What was done, in order.</param>
public sealed record LineageReport(
    IReadOnlyList<LineageDataset> Inputs, IReadOnlyList<LineageDataset> Outputs, IReadOnlyList<LineageStep> Steps)
{
    /// <summary>Nothing was read or written that anybody knows of.</summary>
    public static LineageReport Empty { get; } = new([], [], []);

    /// <summary>Whether it says nothing.</summary>
    public bool IsEmpty => Inputs.Count + Outputs.Count + Steps.Count == 0;
}
