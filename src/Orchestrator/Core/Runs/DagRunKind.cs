namespace DataPlatform.Orchestrator.Runs;

/// <summary>What started a run.</summary>
public enum DagRunKind : byte
{
    /// <summary>Its timetable.</summary>
    Scheduled = 0,

    /// <summary>A person or a program.</summary>
    Manual = 1,

    /// <summary>New dataset versions.</summary>
    Dataset = 2,

    /// <summary>A backfill.</summary>
    Backfill = 3,

    /// <summary>An event from outside.</summary>
    Event = 4,
}
