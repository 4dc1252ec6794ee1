namespace DataPlatform.Quality.Lineage.OpenLineage;

/// <summary>What an event may say of a job beside what it read and wrote.</summary>
public sealed record OpenLineageContext
{
    /// <summary>Nothing.</summary>
    public static OpenLineageContext None { get; } = new();

    /// <summary>The job that started this one; null for none.</summary>
    public string? ParentJob { get; init; }

    /// <summary>The run of <see cref="ParentJob"/>; any text.</summary>
    public string? ParentRun { get; init; }

    /// <summary>Whether the job has no end of its own.</summary>
    public bool IsStreaming { get; init; }

    /// <summary>What kind of job it is, for example <c>TASK</c> or <c>QUERY</c>; null where it is not said.</summary>
    public string? JobType { get; init; }

    /// <summary>Knows the columns of data sets; null for none.</summary>
    public Func<string, TableDefinition?>? Schemas { get; init; }
}
