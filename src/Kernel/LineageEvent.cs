namespace DataPlatform.Kernel;

/// <summary>Says that a run of a job read some datasets and wrote others. Listeners build lineage from it; senders expect no answer.</summary>
/// <param name="Job">The job, for example <c>flight-delays/arrivals-hourly</c> or <c>dag/mart/report</c>.</param>
/// <param name="RunId">One run of the job; the same id on a repeated event, so that listeners can drop duplicates.</param>
/// <param name="EventTime">When the engine saw it, by its own clock, UTC.</param>
/// <param name="Kind">Where in the run's life the event lies.</param>
/// <param name="Inputs">Datasets read, with the version where the reader pinned one.</param>
/// <param name="Outputs">Datasets written, with the version where the write committed one.</param>
/// <param name="Sql">The statement that connects them, when SQL did.</param>
/// <param name="Columns">Column edges known at run time; empty where only datasets are known.</param>
public sealed record LineageEvent(
    string Job,
    string RunId,
    DateTimeOffset EventTime,
    LineageEventKind Kind,
    IReadOnlyList<LineageDataset> Inputs,
    IReadOnlyList<LineageDataset> Outputs,
    string? Sql = null,
    IReadOnlyList<LineageColumn>? Columns = null);

/// <summary>Where in a run's life a <see cref="LineageEvent"/> lies.</summary>
public enum LineageEventKind
{
    /// <summary>The run started.</summary>
    Start,

    /// <summary>The run did something and goes on, as a stream does at each checkpoint.</summary>
    Running,

    /// <summary>The run ended well.</summary>
    Complete,

    /// <summary>The run failed or was cancelled.</summary>
    Fail,
}

/// <summary>A dataset in a <see cref="LineageEvent"/>.</summary>
/// <param name="Dataset">The dataset.</param>
/// <param name="Version">The version read or written; null where none is known.</param>
public readonly record struct LineageDataset(DatasetId Dataset, long? Version = null)
{
    /// <summary>What <see cref="LineageEvent.Sql"/> calls it; null: its own name, or the last segment of it.</summary>
    public string? Alias { get; init; }

    /// <summary>Its columns as the run saw them, with SQL types, so that a listener can bind <see cref="LineageEvent.Sql"/>; null where they are not
    /// known.</summary>
    public IReadOnlyList<LineageField>? Fields { get; init; }
}

/// <summary>A column of a <see cref="LineageDataset"/>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its SQL type, as DuckDB writes it.</param>
public readonly record struct LineageField(string Name, string Type);

/// <summary>One column that was computed from others.</summary>
/// <param name="Output">The dataset written.</param>
/// <param name="Column">The column written.</param>
/// <param name="Inputs">The columns whose values decide it.</param>
public sealed record LineageColumn(DatasetId Output, string Column, IReadOnlyList<LineageSource> Inputs);

/// <summary>A column that is read.</summary>
/// <param name="Dataset">The dataset read.</param>
/// <param name="Column">The column read.</param>
public readonly record struct LineageSource(DatasetId Dataset, string Column);
