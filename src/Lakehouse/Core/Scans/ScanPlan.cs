using DataPlatform.Lakehouse.DeltaLog;

namespace DataPlatform.Lakehouse.Scans;

/// <summary>Which files a scan reads, and why it leaves out the others.</summary>
/// <param name="Files">The files that may hold matching rows.</param>
/// <param name="Pruned">The files left out.</param>
public sealed record ScanPlan(IReadOnlyList<AddFile> Files, IReadOnlyList<PrunedFile> Pruned);

/// <summary>A file that a scan leaves out.</summary>
/// <param name="File">The file.</param>
/// <param name="Reason">The part of the condition that no row of it can satisfy, and what proves that.</param>
public readonly record struct PrunedFile(AddFile File, string Reason);
