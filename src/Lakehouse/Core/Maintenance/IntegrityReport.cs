namespace DataPlatform.Lakehouse.Maintenance;

/// <summary>What is wrong with a table, as <see cref="DeltaTable.CheckAsync"/> found it.</summary>
public enum IntegrityProblem
{
    /// <summary>The version's checksum file disagrees with the log.</summary>
    Checksum,

    /// <summary>A data file that the log names is not there.</summary>
    MissingFile,

    /// <summary>A data file has another length than the log says.</summary>
    FileSize,

    /// <summary>A data file cannot be read.</summary>
    UnreadableFile,

    /// <summary>The statistics of a file are not those of its rows.</summary>
    Statistics,

    /// <summary>A deletion vector is missing, damaged, or deletes rows that the file does not have.</summary>
    DeletionVector,

    /// <summary>A file below the table that no version within the retention names; clean-up removes it in time.</summary>
    OrphanFile,
}

/// <summary>One finding.</summary>
/// <param name="Problem">What is wrong.</param>
/// <param name="Path">The file concerned.</param>
/// <param name="Detail">What was expected and what was found.</param>
public sealed record IntegrityFinding(IntegrityProblem Problem, string Path, string Detail);

/// <summary>A check of a whole version.</summary>
/// <param name="Version">The version.</param>
/// <param name="FilesChecked">Data files looked at.</param>
/// <param name="RowsChecked">Their rows.</param>
/// <param name="Findings">What is wrong; orphan files are listed, though harmless.</param>
public sealed record IntegrityReport(long Version, int FilesChecked, long RowsChecked, IReadOnlyList<IntegrityFinding> Findings)
{
    /// <summary>Whether readers can trust the version: nothing was found but orphan files.</summary>
    public bool IsSound => Findings.All(f => f.Problem == IntegrityProblem.OrphanFile);
}
