using DataPlatform.Kernel;

namespace DataPlatform.Lakehouse;

/// <summary>Where the rows of a commit come from, as far as its writer knows: told with the commit on the table's feed.</summary>
public sealed record CommitLineage
{
    /// <summary>The job that writes; null: that of <see cref="LineageRun.Current"/>, or one named after the table and its inputs.</summary>
    public string? Job { get; init; }

    /// <summary>The run of the job; null: one named after the job and the version.</summary>
    public string? RunId { get; init; }

    /// <summary>Datasets that the rows were read from.</summary>
    public IReadOnlyList<LineageDataset> Inputs { get; init; } = [];

    /// <summary>The query that made the rows; null where there was none.</summary>
    public string? Sql { get; init; }

    /// <summary>The table's columns with SQL types, for whoever binds <see cref="Sql"/>; null where they do not matter.</summary>
    public IReadOnlyList<LineageField>? Fields { get; init; }

    /// <summary>Which columns were made of which; null where that is not known, or <see cref="Sql"/> says it.</summary>
    public IReadOnlyList<LineageColumn>? Columns { get; init; }
}
