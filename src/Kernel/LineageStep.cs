namespace DataPlatform.Kernel;

/// <summary>One thing that a run did: a statement, a load, a commit.</summary>
/// <param name="Inputs">Datasets read, with the version where the reader pinned one.</param>
/// <param name="Outputs">Datasets written, with the version where the write committed one; none where only <paramref name="Sql"/> names them.</param>
/// <param name="Sql">The statement; null where there was none.</param>
/// <param name="Columns">Column edges; null where only datasets are known.</param>
public sealed record LineageStep(
    IReadOnlyList<LineageDataset> Inputs,
    IReadOnlyList<LineageDataset> Outputs,
    string? Sql = null,
    IReadOnlyList<LineageColumn>? Columns = null);
